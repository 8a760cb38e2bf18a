"""Locks on files. The kernel drops them with the process that holds them, however it ended."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FileLock:
    """One file that processes lock, shared or alone."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def take(self, *, shared: bool = False, seconds: float = 0) -> bool:
        """Take the lock, or change how it is held; False when others still hold it after so many seconds."""
        operation = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB
        end = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(self._descriptor, operation)
            except BlockingIOError:
                if time.monotonic() >= end:
                    return False
                time.sleep(0.02)
            else:
                return True

    def drop(self) -> None:
        """Let go, and keep the file open."""
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go for good."""
        os.close(self._descriptor)

    def text_write(self, text: str) -> None:
        """Leave a word in the file for whoever finds it locked."""
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text.encode(), 0)

    def text_read(self) -> str:
        """Return the word that a holder left."""
        return os.pread(self._descriptor, 4096, 0).decode(errors="replace")


def is_held(path: Path) -> bool:
    """Whether somebody holds the lock alone."""
    if not path.exists():
        return False
    lock = FileLock(path)
    try:
        # Shared, so that two who ask at once do not take each other for the holder.
        return not lock.take(shared=True)
    finally:
        lock.close()


@contextmanager
def held(path: Path, *, seconds: float) -> Iterator[bool]:
    """Hold the lock alone during the block; yields False when it could not be had in time."""
    lock = FileLock(path)
    try:
        yield lock.take(seconds=seconds)
    finally:
        lock.close()
