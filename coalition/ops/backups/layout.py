"""What a backup is: a folder with a sealed dump, sealed files, and a list of what must be there, with its hashes.

Everything sealed is in the age format (https://age-encryption.org/v1), so that the standard tool opens it where this
site no longer runs. The machine has only the public half of the key: whoever takes the machine cannot read its backups.
"""

import datetime
import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from coalition.ops.refusal import Refusal

MANIFEST = "manifest.json"
DATABASE = "database.age"
FILES = "files.age"
# Beside the backups and not in them: what was deleted since, and the keys, which belong in another place.
LEDGER = "deletions.ledger"
KEYS = "keys.age"
RECIPIENT = "backup_recipient"
LAYOUT = 1
_NAME = "backup-%Y-%m-%d-%H%M%S"


@dataclass(frozen=True)
class Manifest:
    """What a complete backup says about itself. It is written last: a folder without one was cut off.

    ``parts`` has the SHA-256 of each sealed file, ``made`` the day (UTC), ``postgres`` the major version that wrote the
    dump.
    """

    layout: int
    made: str
    postgres: int
    parts: dict[str, str] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write it into the backup's folder."""
        (folder / MANIFEST).write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Return what the folder says.

        Raises:
            Refusal: it holds no complete backup, or one of another layout.
        """
        try:
            said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            found = cls(**said)
        except (OSError, ValueError, TypeError):
            raise Refusal(f"{folder} holds no complete backup: name a folder that has a {MANIFEST}.") from None
        if found.layout != LAYOUT:
            raise Refusal(f"{folder} was made by another version of the site: restore it with that one, then update.")
        return found


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def backups(folder: Path) -> list[Path]:
    """Return the complete backups in a folder, oldest first."""
    return sorted(path.parent for path in folder.glob(f"backup-????-??-??-??????/{MANIFEST}"))


def name_for(now: datetime.datetime) -> str:
    """Return what the folder of a backup made now is called, in UTC; names sort as their moments do."""
    return f"{now.astimezone(datetime.UTC):{_NAME}}"


def moment_of(folder: Path) -> datetime.datetime:
    """Return when a backup was made, by its folder's name.

    Raises:
        ValueError: the folder is called otherwise.
    """
    return datetime.datetime.strptime(folder.name, _NAME).replace(tzinfo=datetime.UTC)
