"""The keyring: what seals, and the pepper that codes are checked with. Neither is in the database.

Keys come from the settings or from a file, one a line, the newest first. The file is read again when it changes:
a rotation needs no restart. The newest seals, all open.
"""

import hashlib
import hmac
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class Keyring:
    """Keys in their order, the newest first."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        """Take keys.

        Raises:
            ImproperlyConfigured: there is none, one is not a Fernet key, or one is there twice.
        """
        if not keys:
            raise ImproperlyConfigured(
                "There is no key to seal what people tell: name a file with COALITION_INTAKE_KEYS_FILE."
            )
        if len(set(keys)) != len(keys):
            raise ImproperlyConfigured("The keys for what people tell hold one twice: leave it there once.")
        try:
            self.fernets = [Fernet(key) for key in keys]
        except ValueError as error:
            # Not the library's sentence, nor the line: it may be a key with a slip of the finger.
            raise ImproperlyConfigured("A key for what people tell is not a Fernet key: mend its file.") from error
        self.keys = keys
        self.all = MultiFernet(self.fernets)

    def names(self) -> list[str]:
        """Return what the keys can be called aloud: the beginning of a hash of each."""
        return [hashlib.sha256(b"coalition.intake.key" + key.encode()).hexdigest()[:8] for key in self.keys]


def keyring() -> Keyring:
    """Return the keys as they are now.

    Raises:
        ImproperlyConfigured: there are none, or they cannot be read.
    """
    if settings.INTAKE_KEYS:
        return _ring(tuple(settings.INTAKE_KEYS))
    path = keys_file()
    try:
        stat = path.stat()
        return _ring_of(path, stat.st_mtime_ns, stat.st_size, stat.st_ino)
    except OSError as error:
        raise ImproperlyConfigured(
            f"The keys that seal what people tell cannot be read ({error.strerror}): mend COALITION_INTAKE_KEYS_FILE."
        ) from error


def keys_file() -> Path:
    """Return the file that holds the keys.

    Raises:
        ImproperlyConfigured: no file is named.
    """
    if not settings.INTAKE_KEYS_FILE:
        raise ImproperlyConfigured(
            "There is no key to seal what people tell: name a file with COALITION_INTAKE_KEYS_FILE."
        )
    return Path(settings.INTAKE_KEYS_FILE)


@lru_cache(maxsize=8)
def _ring(keys: tuple[str, ...]) -> Keyring:
    return Keyring(keys)


@lru_cache(maxsize=2)
def _ring_of(path: Path, _changed: int, _size: int, _inode: int) -> Keyring:
    return Keyring(tuple(line.strip() for line in path.read_text(encoding="ascii").splitlines() if line.strip()))


def pepper() -> bytes:
    """Return the pepper.

    Raises:
        ImproperlyConfigured: there is none, or it cannot be read.
    """
    if settings.INTAKE_PEPPER:
        return str(settings.INTAKE_PEPPER).encode()
    if not settings.INTAKE_PEPPER_FILE:
        raise ImproperlyConfigured(
            "There is no pepper for return codes: name a file with COALITION_INTAKE_PEPPER_FILE."
        )
    return _pepper_of(settings.INTAKE_PEPPER_FILE)


@lru_cache(maxsize=2)
def _pepper_of(path: str) -> bytes:
    try:
        read = Path(path).read_text(encoding="ascii").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"The pepper for return codes cannot be read ({error.strerror}): mend COALITION_INTAKE_PEPPER_FILE."
        ) from error
    if len(read) < 32:
        raise ImproperlyConfigured("The pepper for return codes is shorter than 32 characters: restore its file.")
    return read.encode()


def keyed(purpose: str, *parts: bytes) -> bytes:
    """Return a hash of the parts that nobody without the pepper can make; another one for each purpose."""
    key = hmac.new(pepper(), b"coalition.intake." + purpose.encode(), hashlib.sha256).digest()
    message = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return hmac.new(key, message, hashlib.sha256).digest()
