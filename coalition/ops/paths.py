"""Where everything lies that is not code: the data folder."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from coalition.ops.account import account_for_database, can_traverse, nearest_existing
from coalition.ops.refusal import Refusal

REPOSITORY = Path(__file__).resolve().parents[2]
SYSTEM_FOLDER = Path("/var/lib/coalition")


@dataclass(frozen=True)
class DataFolder:
    """The data folder and the names in it. Settings name the rest of it: static, media, mail, encoder."""

    root: Path

    @property
    def marker(self) -> Path:
        """What says that the folder is ours, and of which layout."""
        return self.root / "coalition.json"

    @property
    def venv(self) -> Path:
        """The virtual environment of the running site."""
        return self.root / "venv"

    @property
    def venv_test(self) -> Path:
        """The virtual environment of the test suite."""
        return self.root / "venv-test"

    @property
    def secrets(self) -> Path:
        """Keys, made once."""
        return self.root / "secrets"

    @property
    def postgres(self) -> Path:
        """The embedded database."""
        return self.root / "postgres"

    @property
    def run(self) -> Path:
        """What a running site says about itself."""
        return self.root / "run"

    @property
    def test(self) -> Path:
        """Everything the test suite makes."""
        return self.root / "test"


@dataclass(frozen=True)
class Choice:
    """Which data folder, and the sentence that says why when it is not the expected one."""

    folder: DataFolder
    remark: str = ""


def data_folder_choose(*, option: str | None, environ: Mapping[str, str] = os.environ) -> Choice:
    """Choose the data folder: the option, ``COALITION_DATA_DIR``, or ``var`` in the repository.

    Root's PostgreSQL runs as another account, which cannot enter a clone in ``/root``: then the folder lies in
    ``/var/lib/coalition``, named after the clone, so that two clones do not share one.

    Raises:
        Refusal: a folder was asked for by name and PostgreSQL's account cannot enter it.
    """
    embedded = not environ.get("DATABASE_URL")
    account = account_for_database() if embedded else None
    if named := option or environ.get("COALITION_DATA_DIR"):
        root = Path(named).expanduser().resolve()
        if account and nearest_existing(root).is_dir() and not can_traverse(account, root):
            raise Refusal(
                f"PostgreSQL runs as {account.name} and cannot enter {root}: name a folder outside private ones with "
                "--data-dir, for example /var/lib/coalition."
            )
        return Choice(DataFolder(root))
    root = REPOSITORY / "var"
    if account and not can_traverse(account, root):
        digest = hashlib.sha256(os.fsencode(REPOSITORY)).hexdigest()[:8]
        root = SYSTEM_FOLDER / f"{REPOSITORY.name}-{digest}"
        return Choice(
            DataFolder(root),
            f"Data is kept in {root}: PostgreSQL runs as {account.name}, which cannot enter {REPOSITORY}.",
        )
    return Choice(DataFolder(root))
