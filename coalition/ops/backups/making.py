"""Making a backup: a dump and the files, sealed while they are read. Nothing is written in clear."""

import contextlib
import datetime
import os
import shutil
import subprocess
import tarfile
import tempfile
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

import pyrage
from django.conf import settings

from coalition.ops.backups.keys import recipient_parsed
from coalition.ops.backups.layout import DATABASE, FILES, KEYS, LAYOUT, LEDGER, Manifest, backups, digest, name_for
from coalition.ops.backups.programs import connection_environment, programs
from coalition.ops.refusal import Refusal

# Tables whose rows are of the moment: they are made empty. Sessions above all: a backup lets nobody in.
PASSING = ("accounts_session", "coalition_cache", "django_tasks_database_dbtaskresult")


def backup_make(*, to: Path, keep: int = 0, now: datetime.datetime) -> Path:
    """Make a backup in a folder of its own below ``to``, and return it; the keys' file lies beside, sealed as well.

    Args:
        to: where backups are kept.
        keep: how many of the newest stay there; 0 leaves all.
        now: when.

    Raises:
        Refusal: there is no key to seal with, no room, or the database cannot be read.
    """
    sealing = recipient_parsed()
    binaries = programs()
    to.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(dir=to, prefix=".unfinished-"))
    try:
        _database_dump(unfinished / DATABASE, sealing, binaries.program("pg_dump"))
        _seal_tar(unfinished / FILES, sealing, [(path, name) for name, path in places().items()])
        parts = {name: digest(unfinished / name) for name in (DATABASE, FILES)}
        Manifest(LAYOUT, f"{now:%Y-%m-%d}", binaries.major, parts).write(unfinished)
        made = unfinished.rename(to / name_for(now))
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    _beside(to, sealing)
    if keep:
        for old in backups(to)[:-keep]:
            shutil.rmtree(old)
    return made


def places() -> dict[str, Path]:
    """Return the folders whose files a backup holds, by the names that they have in it."""
    return {"media": Path(settings.MEDIA_ROOT), "evidence": Path(settings.INTAKE_FILES)}


def _beside(to: Path, sealing: pyrage.x25519.Recipient) -> None:
    """Lay beside the backups what is not of one moment: the ledger of deletions, and the keys."""
    ledger_copy(to=to)
    unfinished = to / f".{KEYS}"
    _seal_tar(unfinished, sealing, [(Path(settings.DATA_DIR) / "secrets", "secrets")])
    unfinished.replace(to / KEYS)


def ledger_copy(*, to: Path) -> None:
    """Copy the ledger of deletions beside the backups, if it has grown; where there is none yet, nothing is done."""
    with contextlib.suppress(FileNotFoundError):
        source, copy = Path(settings.INTAKE_LEDGER), to / LEDGER
        if copy.exists() and copy.stat().st_size == source.stat().st_size:
            return
        unfinished = to / f".{LEDGER}"
        shutil.copyfile(source, unfinished)
        unfinished.replace(copy)


def _database_dump(path: Path, sealing: pyrage.x25519.Recipient, program: str) -> None:
    left_out = [f"--exclude-table-data=public.{table}" for table in PASSING]
    # One schema: extensions belong to the server's owner, who made them.
    command = [program, "--format=custom", "--schema=public", "--no-owner", "--no-privileges", *left_out]
    with tempfile.TemporaryFile() as complaints:
        with subprocess.Popen(
            command, env=connection_environment(), stdout=subprocess.PIPE, stderr=complaints
        ) as process:
            if process.stdout is not None:
                _seal(process.stdout, path, sealing)
        if process.returncode:
            complaints.seek(0)
            raise Refusal("The database could not be dumped.", details=complaints.read().decode(errors="replace"))


def _seal_tar(path: Path, sealing: pyrage.x25519.Recipient, folders: Iterable[tuple[Path, str]]) -> None:
    def write(end: IO[bytes]) -> None:
        with tarfile.open(fileobj=end, mode="w|") as tar:
            for folder, name in folders:
                for each in sorted(folder.rglob("*")):
                    # What is deleted meanwhile is gone from the next backup as well.
                    with contextlib.suppress(FileNotFoundError):
                        if each.is_file() and not each.is_symlink():
                            tar.add(each, arcname=f"{name}/{each.relative_to(folder)}", recursive=False)

    with _written_by(write) as reader:
        _seal(reader, path, sealing)


def _seal(reader: IO[bytes], path: Path, sealing: pyrage.x25519.Recipient) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        pyrage.encrypt_io(reader, file, [sealing])
        file.flush()
        os.fsync(file.fileno())


class _written_by:  # noqa: N801 - used as a function
    """A pipe that a thread writes into while the block reads; an error of the writer is raised at the end."""

    def __init__(self, write: Callable[[IO[bytes]], None]) -> None:
        self._write = write
        self._error: BaseException | None = None

    def __enter__(self) -> IO[bytes]:
        reading, writing = os.pipe()
        self._reader = os.fdopen(reading, "rb")
        self._thread = threading.Thread(target=self._run, args=(os.fdopen(writing, "wb"),), daemon=True)
        self._thread.start()
        return self._reader

    def _run(self, end: IO[bytes]) -> None:
        try:
            with end:
                self._write(end)
        except BaseException as error:  # the block's thread raises it
            self._error = error

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._reader.close()
        self._thread.join()
        if self._error and kind is None:
            raise self._error
