"""The deletion ledger: a file that only grows, written before anything is deleted.

A restored backup of the database knows nothing of what was deleted since. This file, which lies outside it, does:
after a restore it is replayed before the site opens. It holds random ids, days, and a chain of keyed hashes
that shows whether a line was changed or taken out.
"""

import fcntl
import hmac
import os
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from coalition.intake.keys import keyed
from coalition.intake.models import Deletion

_LINE = re.compile(rb"([0-9a-f-]{36}) (whole|original|file|consent) (\d{4}-\d{2}-\d{2}) ([0-9a-f]{64})\n")
_LONGEST = 160


class LedgerBrokenError(Exception):
    """A line of the ledger was changed or taken out."""


@dataclass(frozen=True)
class Line:
    """Something that is gone."""

    gone_id: uuid.UUID
    what: Deletion.What
    day: date

    def _text(self) -> bytes:
        return f"{self.gone_id} {self.what.value} {self.day.isoformat()}".encode()

    def chained(self, before: bytes) -> bytes:
        """Return the hash that ties the line to the one before it."""
        return keyed("ledger", before, self._text()).hex().encode()

    def written(self, before: bytes) -> bytes:
        """Return the line as it is written after another."""
        return self._text() + b" " + self.chained(before) + b"\n"


def ledger_append(line: Line) -> None:
    """Write a line and wait until it is on the disk.

    Raises:
        OSError: it cannot be written. Then nothing may be deleted.
    """
    path = Path(settings.INTAKE_LEDGER)
    is_new = not path.exists()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        before = _last_hash(file)
        file.write(line.written(before))
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        _folder_sync(path.parent)


def _last_hash(file: BinaryIO) -> bytes:
    """Return the hash of the last whole line, and stand after it: what a kill left half written was not deleted."""
    size = file.seek(0, os.SEEK_END)
    start = max(0, size - 2 * _LONGEST)
    file.seek(start)
    tail = file.read()
    end = tail.rfind(b"\n") + 1
    file.truncate(start + end)
    file.seek(start + end)
    last = tail[:end].splitlines(keepends=True)[-1:] if end else []
    found = _LINE.fullmatch(last[0]) if last else None
    return found[4] if found else b""


def _folder_sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def ledger_join(path: Path) -> int:
    """Write into the ledger what another one names and it does not; return how many lines that were.

    A machine that is lost takes its ledger along; the copy that lies beside the backups goes on.

    Raises:
        OSError: it cannot be written.
    """
    known = {(line.gone_id, line.what) for line in ledger_read()[0]}
    missing = [line for line in ledger_read(path)[0] if (line.gone_id, line.what) not in known]
    for line in missing:
        ledger_append(line)
    return len(missing)


def ledger_read(path: Path | None = None) -> tuple[list[Line], bool]:
    """Return every line that can be read, and whether the chain is whole; no file is a whole one without lines.

    Args:
        path: of another ledger than the site's own.
    """
    lines, is_whole, before = [], True, b""
    for raw in _raw_lines(path or Path(settings.INTAKE_LEDGER)):
        found = _LINE.fullmatch(raw)
        if found is None:
            # Half a line at the end is a kill's, and no deletion followed it.
            is_whole = is_whole and not raw.endswith(b"\n")
            continue
        line = Line(
            uuid.UUID(found[1].decode()), Deletion.What(found[2].decode()), date.fromisoformat(found[3].decode())
        )
        is_whole = is_whole and hmac.compare_digest(line.chained(before), found[4])
        before = found[4]
        lines.append(line)
    return lines, is_whole


def _raw_lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from file
    except FileNotFoundError:
        return
