"""Keys of this installation: made once, readable by its owner alone."""

import secrets
from pathlib import Path

from coalition.ops.files import text_replace

SECRET_KEY = "secret_key"  # noqa: S105 - the name of its file


def keys_make(folder: Path) -> list[str]:
    """Make the keys that do not exist yet, and take back rights that others got meanwhile; return what was made."""
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    made = []
    path = folder / SECRET_KEY
    if not path.exists():
        text_replace(path, secrets.token_urlsafe(48) + "\n", mode=0o600)
        made.append(SECRET_KEY)
    for each in folder.iterdir():
        if each.is_file():
            each.chmod(0o600)
    return made


def keys_open_to_others(folder: Path) -> list[Path]:
    """Return what in the folder others than its owner may read or write, the folder itself included."""
    if not folder.is_dir():
        return []
    return [each for each in (folder, *sorted(folder.iterdir())) if each.stat().st_mode & 0o077]
