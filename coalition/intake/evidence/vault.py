"""The folder of the encrypted files: random names, nobody else's to read, and deleting that reaches the disk."""

import os
import shutil
import time
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

from django.conf import settings
from django.utils import timezone

from coalition.intake.evidence.chunks import CHUNK, STRIDE, Opened, chunk_seal, key_make

# What no row names is nobody's, once no upload can still be on its way.
ORPHAN_SECONDS = 24 * 60 * 60


def folder() -> Path:
    """Return the folder, made if need be."""
    path = Path(settings.INTAKE_FILES)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def has_room(size: int) -> bool:
    """Whether a file of this size fits, and what has to stay free stays free."""
    return shutil.disk_usage(folder()).free - size > settings.INTAKE_FILES_SPARE


def _path(file: UUID) -> Path:
    return folder() / file.hex


def _folder_sync() -> None:
    descriptor = os.open(folder(), os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Writer:
    """Encrypts a file while it arrives. What is not a whole chunk yet is in memory; closed without an end, it goes."""

    def __init__(self, *, file: UUID | None = None, key: bytes | None = None) -> None:
        self.file, self.key, self.size = file or uuid4(), key or key_make(), 0
        # Whether a row names it by now.
        self.is_kept = False
        self._waiting = bytearray()
        self._number = 0
        self._stored: BinaryIO | None = None

    def write(self, data: bytes) -> None:
        """Take a piece."""
        self.size += len(data)
        self._waiting += data
        # A full chunk waits as well: it may be the last.
        while len(self._waiting) > CHUNK:
            self._put(bytes(self._waiting[:CHUNK]), is_last=False)
            del self._waiting[:CHUNK]

    def end(self) -> None:
        """Write the last chunk, and wait until all is on the disk."""
        self._put(bytes(self._waiting), is_last=True)
        self._waiting.clear()
        assert self._stored is not None  # noqa: S101 - something was put
        _sync(self._stored)
        self._stored.close()
        _folder_sync()

    def discard(self) -> None:
        """Leave nothing behind."""
        self._waiting.clear()
        if self._stored is not None:
            self._stored.close()
            files_remove([self.file])

    def _put(self, data: bytes, *, is_last: bool) -> None:
        if self._stored is None:
            self._stored = _open(self.file, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        self._stored.write(chunk_seal(data, key=self.key, file=self.file, number=self._number, is_last=is_last))
        self._number += 1


def piece_put(data: bytes, *, file: UUID, key: bytes, number: int, is_last: bool) -> int:
    """Write a piece of a file that arrives in several requests, from chunk ``number`` on; return how many chunks.

    A piece that is written a second time, because nobody heard that it had arrived, takes the place of the first.

    Raises:
        ValueError: the piece does not end with a chunk, and is not the last.
        OSError: it cannot be written.
    """
    with _open(file, os.O_CREAT | os.O_WRONLY) as stored:
        stored.truncate(number * STRIDE)
        stored.seek(number * STRIDE)
        starts = range(0, len(data), CHUNK)
        for index, start in enumerate(starts):
            end = is_last and start + CHUNK >= len(data)
            part = data[start : start + CHUNK]
            stored.write(chunk_seal(part, key=key, file=file, number=number + index, is_last=end))
        _sync(stored)
    if number == 0:
        _folder_sync()
    return len(starts)


def _open(file: UUID, flags: int) -> BinaryIO:
    return os.fdopen(os.open(_path(file), flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600), "wb")


def _sync(stored: BinaryIO) -> None:
    stored.flush()
    os.fsync(stored.fileno())


def file_open(*, file: UUID, key: bytes) -> Opened:
    """Return a file, decrypted where it is read.

    Raises:
        SealBrokenError: it was changed or cut.
        OSError: it is not there.
    """
    return Opened(_path(file).open("rb"), key=key, file=file)


def file_blur(file: UUID, day: date) -> None:
    """Let a file's time say the day and nothing finer."""
    moment = timezone.make_aware(datetime(day.year, day.month, day.day)).timestamp()
    os.utime(_path(file), (moment, moment))


def files_remove(files: Iterable[UUID]) -> None:
    """Delete files; those that are gone stay gone. On return the folder on the disk knows nothing of them."""
    for file in files:
        _path(file).unlink(missing_ok=True)
    _folder_sync()


def orphans_remove(known: set[UUID]) -> int:
    """Delete files that nothing names and that no upload can still be writing; return how many that was."""
    before = time.time() - ORPHAN_SECONDS
    names = {file.hex for file in known}
    found = [path for path in folder().iterdir() if path.name not in names and path.stat().st_mtime < before]
    for path in found:
        path.unlink(missing_ok=True)
    if found:
        _folder_sync()
    return len(found)
