"""The way back: into an empty site, checked before anything is written, and without what was deleted since."""

import contextlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pyrage
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from coalition.mail.models import OutgoingMail
from coalition.ops.backups.layout import DATABASE, FILES, LEDGER, Manifest, digest
from coalition.ops.backups.making import places
from coalition.ops.backups.programs import connection_environment, programs
from coalition.ops.cluster import EXTENSIONS
from coalition.ops.paths import REPOSITORY
from coalition.ops.refusal import Refusal


def backup_check(folder: Path, identity: pyrage.x25519.Identity) -> dict[str, int]:
    """Open a backup to its last byte without restoring it; return how many tables and files it holds.

    Raises:
        Refusal: it is incomplete, was changed, or belongs to another key.
    """
    manifest = Manifest.read(folder)
    for name, wanted in manifest.parts.items():
        if not (folder / name).is_file() or digest(folder / name) != wanted:
            raise Refusal(f"{folder / name} is not what was written: use another backup.")
    program = programs(at_least=manifest.postgres).program("pg_restore")
    with _opened(folder / DATABASE, identity) as reader:
        listed = subprocess.run([program, "--list"], stdin=reader, capture_output=True, check=False)
        _drain(reader)
    if listed.returncode:
        raise Refusal(f"{folder / DATABASE} holds no dump: use another backup.")
    with _opened(folder / FILES, identity) as reader, tarfile.open(fileobj=reader, mode="r|") as tar:
        files = sum(1 for _ in tar)
    return {"tables": listed.stdout.count(b" TABLE DATA "), "files": files}


def backup_restore(folder: Path, identity: pyrage.x25519.Identity, *, keys: Path | None) -> dict[str, int]:
    """Restore a backup into this site, which must be empty, and delete again what was deleted since.

    Args:
        folder: the backup.
        identity: the key that it was sealed to.
        keys: the sealed file with the site's own keys; None where they are on this machine already.

    Raises:
        Refusal: the backup or the key is none, or the site is not empty. Nothing was changed then.
    """
    report = backup_check(folder, identity)
    if "django_migrations" in connection.introspection.table_names():
        raise Refusal(
            "The database is not empty, and a backup is only restored into an empty one: name a new data folder with "
            "--data-dir (or an empty database with DATABASE_URL)."
        )
    _extensions_make()
    if keys:
        _unpack(keys, identity, {"secrets": Path(settings.DATA_DIR) / "secrets"})
    _unpack(folder / FILES, identity, places())
    _database_restore(folder / DATABASE, identity)
    # Before anybody sees the site: what was deleted since, as this machine and the place of the backups know it. By
    # processes of their own: this one began with other keys.
    for arguments in (["migrate", "--no-input"], ["intake_replay", "--also", str(folder.parent / LEDGER)]):
        _command_run(arguments)
    _mail_hold()
    return report


def _extensions_make() -> None:
    """Have what the dump's columns may be of. Who may not make extensions has had them made by whoever may."""
    for name in EXTENSIONS:
        with contextlib.suppress(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {connection.ops.quote_name(name)}")


def _command_run(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "django", *arguments, "--verbosity", "0"],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Refusal(
            f"Everything was restored, but manage {arguments[0]} failed: mend what it says and run it again.",
            details=done.stdout,
        )


def _mail_hold() -> None:
    """Have a person decide about every mail that waited: it may have gone out after the backup was made."""
    with transaction.atomic():
        OutgoingMail.objects.filter(state__in=[OutgoingMail.State.WAITING, OutgoingMail.State.HANDING_OVER]).update(
            state=OutgoingMail.State.UNSURE, problem="restored from a backup"
        )


def _database_restore(path: Path, identity: pyrage.x25519.Identity) -> None:
    # All or nothing. "--schema" leaves out the schema's own making: it is there.
    command = [programs().program("pg_restore"), "--schema=public", "--no-owner", "--no-privileges"]
    command += ["--single-transaction", "--exit-on-error", f"--dbname={connection.settings_dict['NAME']}"]
    with tempfile.TemporaryFile() as complaints, _opened(path, identity) as reader:
        code = subprocess.run(
            command, env=connection_environment(), stdin=reader, stderr=complaints, check=False
        ).returncode
        if code:
            complaints.seek(0)
            raise Refusal("The dump could not be loaded.", details=complaints.read().decode(errors="replace"))


def _unpack(path: Path, identity: pyrage.x25519.Identity, into: dict[str, Path]) -> None:
    """Write the files of a sealed archive into the folders that its first names stand for."""
    with _opened(path, identity) as reader, tarfile.open(fileobj=reader, mode="r|") as tar:
        for member in tar:
            first, _, rest = member.name.partition("/")
            content = tar.extractfile(member) if member.isfile() else None
            if content is None or first not in into or ".." in Path(rest).parts or Path(rest).is_absolute():
                raise Refusal(f"{path} holds what no backup of this site does: {member.name}.")
            target = into[first] / rest
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # What is published may be read by a web server of another account.
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644 if first == "media" else 0o600)
            with os.fdopen(descriptor, "wb") as file:
                shutil.copyfileobj(content, file)


@contextlib.contextmanager
def _opened(path: Path, identity: pyrage.x25519.Identity) -> Iterator[IO[bytes]]:
    """Yield what is sealed in a file, as a pipe that a thread fills.

    Raises:
        Refusal: the key is another one, or the file was changed.
    """
    reading, writing = os.pipe()
    failed: list[BaseException] = []

    def fill() -> None:
        with os.fdopen(writing, "wb") as end, path.open("rb") as sealed:
            try:
                pyrage.decrypt_io(sealed, end, [identity])
            except (pyrage.DecryptError, OSError) as error:
                failed.append(error)

    thread = threading.Thread(target=fill, daemon=True)
    thread.start()
    try:
        with os.fdopen(reading, "rb") as reader:
            yield reader
    except tarfile.TarError:
        raise Refusal(
            f"{path} does not open with this key, or is damaged: use the key that was kept for it, or another backup."
        ) from None
    finally:
        thread.join()
    # A reader that has enough closes the pipe; that is no failure.
    if any(isinstance(error, pyrage.DecryptError) for error in failed):
        raise Refusal(f"{path} does not open with this key, or was changed: use the key that was kept for it.")


def _drain(reader: IO[bytes]) -> None:
    """Read what is left, so that all of it is checked."""
    while reader.read(1024 * 1024):
        pass
