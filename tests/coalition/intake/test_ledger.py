"""The ledger's file by itself: what is on the disk when it says so, and what a kill leaves."""

import os
import uuid
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from coalition.intake.ledger import Line, ledger_append, ledger_join, ledger_read
from coalition.intake.models import Deletion

WHOLE, ORIGINAL = Deletion.What.WHOLE, Deletion.What.ORIGINAL
DAY = date(2026, 3, 5)


@pytest.fixture
def file(tmp_path: Path, settings: Any) -> Path:
    settings.INTAKE_LEDGER = tmp_path / "kept" / "ledger"
    return tmp_path / "kept" / "ledger"


def line(what: Deletion.What = WHOLE) -> Line:
    return Line(uuid.uuid4(), what, DAY)


def test_all_of_it_is_in_the_file_before_the_disk_is_waited_for(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, int]] = []
    real = os.fsync

    def watched(descriptor: int) -> None:
        real(descriptor)
        seen.append((Path(f"/proc/self/fd/{descriptor}").readlink().name, file.stat().st_size))

    monkeypatch.setattr(os, "fsync", watched)
    ledger_append(line())
    size = file.stat().st_size
    # The first time the folder has a new name in it, which has to be on the disk as well.
    assert seen == [("ledger", size), ("kept", size)]
    seen.clear()
    ledger_append(line())
    assert seen == [("ledger", 2 * size)]


def test_only_its_owner_reads_it(file: Path) -> None:
    ledger_append(line())
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_no_file_is_a_whole_ledger_without_lines(file: Path) -> None:
    assert ledger_read() == ([], True)


@pytest.mark.parametrize("left", [1, 40, 100, -1])
def test_half_a_line_that_a_kill_left_is_written_over(file: Path, left: int) -> None:
    first, second = line(), line()
    ledger_append(first)
    start = file.read_bytes()
    # A longer line than the one that is written over it.
    ledger_append(line(ORIGINAL))
    file.write_bytes(start + file.read_bytes()[len(start) :][:left])
    assert ledger_read() == ([first], True)
    ledger_append(second)
    assert ledger_read() == ([first, second], True)
    assert file.read_bytes().startswith(start)
    assert file.read_bytes().count(b"\n") == 2


def test_half_of_the_first_line_is_written_over(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(line(ORIGINAL).written(b"")[:-1])
    only = line()
    ledger_append(only)
    assert ledger_read() == ([only], True)
    assert file.read_bytes() == only.written(b"")


def test_a_line_that_is_changed_taken_out_or_put_in_is_noticed(file: Path) -> None:
    lines = [line(), line(ORIGINAL), line()]
    for each in lines:
        ledger_append(each)
    good = file.read_bytes().splitlines(keepends=True)
    assert ledger_read() == (lines, True)
    file.write_bytes(b"".join([good[0], good[2]]))
    assert ledger_read() == ([lines[0], lines[2]], False)
    file.write_bytes(b"".join(good[1:]))
    assert ledger_read() == (lines[1:], False)
    file.write_bytes(b"".join([*good, b"something else\n"]))
    assert ledger_read() == (lines, False)
    file.write_bytes(b"".join([*good, b"something else"]))
    assert ledger_read() == (lines, True)
    changed = good[1].replace(b"2026-03-05", b"2026-03-06")
    file.write_bytes(b"".join([good[0], changed, good[2]]))
    read, is_whole = ledger_read()
    assert ([each.day.day for each in read], is_whole) == ([5, 6, 5], False)
    # The last one can be cut off without a trace: a copy lies beside the backups.
    file.write_bytes(b"".join(good[:2]))
    assert ledger_read() == (lines[:2], True)


def test_another_ledger_is_joined_once(file: Path, tmp_path: Path, settings: Any) -> None:
    both, theirs, original = line(), line(), line(ORIGINAL)
    settings.INTAKE_LEDGER = other = tmp_path / "other"
    for each in (both, theirs, original, Line(original.gone_id, WHOLE, DAY)):
        ledger_append(each)
    settings.INTAKE_LEDGER = file
    own = line()
    for each in (own, both, original):
        ledger_append(each)
    assert ledger_join(other) == 2
    joined = [own, both, original, theirs, Line(original.gone_id, WHOLE, DAY)]
    assert ledger_read() == (joined, True)
    assert ledger_join(other) == 0
    assert ledger_join(tmp_path / "none") == 0
    assert ledger_read(other)[0] == [both, theirs, original, joined[-1]]
