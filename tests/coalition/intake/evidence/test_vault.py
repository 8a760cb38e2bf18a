"""The folder of files by itself: who reads it, and that no link leads out of it."""

import os
import shutil
import uuid
from pathlib import Path
from typing import Any

import pytest

from coalition.intake.evidence.vault import Writer, file_open, files_remove, has_room, piece_put


def test_a_link_is_not_followed(vault: Path, tmp_path: Path) -> None:
    writer = Writer()
    writer.write(b"a")
    writer.end()
    outside = tmp_path / "outside"
    outside.write_bytes(b"kept")
    file = uuid.uuid4()
    stored = next(path for path in vault.iterdir() if writer.file.hex in path.name)
    (stored.parent / stored.name.replace(writer.file.hex, file.hex)).symlink_to(outside)
    with pytest.raises(OSError, match="symbolic links"):
        piece_put(b"a", file=file, key=os.urandom(32), number=0, is_last=True)
    assert outside.read_bytes() == b"kept"


def test_what_is_written_is_its_owners_alone_and_goes(vault: Path) -> None:
    writer = Writer()
    writer.write(b"They count my steps. " * 9000)
    writer.end()
    (stored,) = vault.iterdir()
    assert (stored.stat().st_mode & 0o777, vault.stat().st_mode & 0o777) == (0o600, 0o700)
    assert b"steps" not in stored.read_bytes()
    with file_open(file=writer.file, key=writer.key) as opened:
        assert opened.read() == b"They count my steps. " * 9000
    files_remove([writer.file, writer.file, uuid.uuid4()])
    assert list(vault.iterdir()) == []


def test_what_is_discarded_leaves_nothing(vault: Path) -> None:
    Writer().discard()
    assert not vault.exists()
    writer = Writer()
    writer.write(b"a" * 3_000_000)
    writer.discard()
    assert list(vault.iterdir()) == []


def test_a_file_has_room_only_if_what_has_to_stay_free_stays_free(tmp_path: Path, settings: Any) -> None:
    gigabyte = 1 << 30
    # Others write to this disk meanwhile: what is asked for is far from the edge.
    settings.INTAKE_FILES_SPARE = shutil.disk_usage(tmp_path).free - gigabyte
    assert (has_room(1), has_room(2 * gigabyte)) == (True, False)
