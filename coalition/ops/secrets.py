"""Keys of this installation: made once, readable by its owner alone."""

import base64
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from coalition.ops.files import text_replace

SECRET_KEY = "secret_key"  # noqa: S105 - the name of its file
# What people tell in confidence is sealed with the first and found again with the second. Without them it is lost.
INTAKE_KEYS = "intake_keys"
INTAKE_PEPPER = "intake_pepper"


def fernet_key() -> str:
    """Return a new key as Fernet has them: 32 random bytes in URL-safe base64."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode("ascii")


_MAKERS: dict[str, Callable[[], str]] = {
    SECRET_KEY: lambda: secrets.token_urlsafe(48),
    INTAKE_KEYS: fernet_key,
    INTAKE_PEPPER: lambda: secrets.token_urlsafe(48),
}


def keys_make(folder: Path) -> list[str]:
    """Make the keys that do not exist yet, and take back rights that others got meanwhile; return what was made."""
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    made = []
    for name, make in _MAKERS.items():
        if not (folder / name).exists():
            text_replace(folder / name, make() + "\n", mode=0o600)
            made.append(name)
    for each in folder.iterdir():
        if each.is_file():
            each.chmod(0o600)
    return made


def keys_open_to_others(folder: Path) -> list[Path]:
    """Return what in the folder others than its owner may read or write, the folder itself included."""
    if not folder.is_dir():
        return []
    return [each for each in (folder, *sorted(folder.iterdir())) if each.stat().st_mode & 0o077]
