"""The backup's key: its public half on the machine, the other one with people."""

from pathlib import Path

import pyrage
from django.conf import settings

from coalition.ops.backups.layout import RECIPIENT
from coalition.ops.files import text_replace
from coalition.ops.refusal import Refusal

MAKE = "python3 -m coalition manage backup key"


def recipient_path() -> Path:
    """Return where the public half lies, unless the settings name it."""
    return Path(settings.DATA_DIR) / "secrets" / RECIPIENT


def recipient() -> str:
    """Return the public half; empty where none was made."""
    if settings.BACKUP_RECIPIENT:
        return str(settings.BACKUP_RECIPIENT)
    try:
        return recipient_path().read_text(encoding="ascii").strip()
    except OSError:
        return ""


def recipient_parsed() -> pyrage.x25519.Recipient:
    """Return the public half, ready to seal with.

    Raises:
        Refusal: there is none, or it is none.
    """
    said = recipient()
    if not said:
        raise Refusal(f"Backups have no key yet: make one with {MAKE}, and keep what it prints away from this machine.")
    try:
        return pyrage.x25519.Recipient.from_str(said)
    except pyrage.RecipientError:
        raise Refusal("COALITION_BACKUP_RECIPIENT is no public key of age: it begins with “age1”.") from None


def identity_make(*, again: bool = False) -> str:
    """Make a key, keep its public half, and return the other one, which is written nowhere.

    Args:
        again: make another one, though there is one; older backups still need the old one.

    Raises:
        Refusal: there is one already, or the settings name it.
    """
    if settings.BACKUP_RECIPIENT:
        raise Refusal("The settings name the backups’ key (COALITION_BACKUP_RECIPIENT): change it there.")
    if recipient() and not again:
        raise Refusal("Backups have a key already. For another one add --again; older backups still need the old one.")
    made = pyrage.x25519.Identity.generate()
    path = recipient_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    text_replace(path, f"{made.to_public()}\n", mode=0o600)
    return str(made)


def identity_read(path: Path) -> pyrage.x25519.Identity:
    """Return the key in a file, as ``identity_make`` gave it; lines that begin with “#” are passed over.

    Raises:
        Refusal: the file cannot be read, or holds none.
    """
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError):
        raise Refusal(f"{path} cannot be read: name the file with the backups’ key (AGE-SECRET-KEY-…).") from None
    for line in lines:
        if line and not line.startswith("#"):
            try:
                return pyrage.x25519.Identity.from_str(line)
            except pyrage.IdentityError:
                break
    raise Refusal(f"{path} holds no key of a backup: its line begins with AGE-SECRET-KEY-.")
