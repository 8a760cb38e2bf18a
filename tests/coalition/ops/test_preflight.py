"""Every refusal is one sentence, comes before anything is made, and says what to do."""

import importlib.util
import json
import shutil
import socket
from pathlib import Path

import pytest

import coalition
from coalition.ops import preflight
from coalition.ops.paths import DataFolder
from coalition.ops.preflight import (
    LAYOUT,
    data_folder_check,
    data_folder_make,
    database_url_check,
    port_check,
    python_check,
)
from coalition.ops.refusal import Refusal


def test_a_taken_port_is_named_with_another_to_try() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Refusal, match=rf"{port}.*--port {port + 1}"):
            port_check(host="127.0.0.1", port=port)


def test_a_free_port_passes_and_stays_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    port_check(host="127.0.0.1", port=port)
    port_check(host="127.0.0.1", port=port)


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 0), ("127.0.0.1", 99999), ("192.0.2.1", 8000), ("a b", 8000)])
def test_an_address_that_is_none_of_ours_is_refused(host: str, port: int) -> None:
    with pytest.raises(Refusal, match=r"--port|--host"):
        port_check(host=host, port=port)


def test_a_python_without_venv_is_told_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Refusal, match="apt install python3-venv"):
        python_check()


def test_a_folder_with_others_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(Refusal, match=r"not ours.*--data-dir"):
        data_folder_check(DataFolder(tmp_path), megabytes=1)
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_empty_mounted_volume_is_welcome(tmp_path: Path) -> None:
    (tmp_path / "lost+found").mkdir()
    data_folder_check(DataFolder(tmp_path), megabytes=1)


@pytest.mark.parametrize("marker", [{"layout": LAYOUT + 1, "code": "0"}, {"layout": LAYOUT, "code": "999.0.0"}])
def test_a_folder_of_a_newer_version_is_refused(tmp_path: Path, marker: dict[str, object]) -> None:
    (tmp_path / "coalition.json").write_text(json.dumps(marker))
    with pytest.raises(Refusal, match=r"newer.*git pull"):
        data_folder_check(DataFolder(tmp_path), megabytes=1)


def test_a_marker_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "coalition.json").write_text("{")
    with pytest.raises(Refusal, match="backup"):
        data_folder_check(DataFolder(tmp_path), megabytes=1)


def test_a_full_disk_is_refused_with_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=5 * 2**20)
    monkeypatch.setattr(preflight.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(Refusal, match="5 MB free and 100 MB"):
        data_folder_check(DataFolder(tmp_path / "new"), megabytes=100)
    assert not (tmp_path / "new").exists()


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refusal, match="not a folder"):
        data_folder_check(DataFolder(tmp_path / "file" / "data"), megabytes=1)


def test_a_folder_that_cannot_be_made_is_refused_even_for_root() -> None:
    # Rights do not bind root; a file system that takes no folders does. macOS has none such at a known place.
    if not Path("/proc/self").exists():
        pytest.skip("needs /proc")
    with pytest.raises(Refusal, match="--data-dir"):
        data_folder_make(DataFolder(Path("/proc/coalition")))


def test_a_folder_that_may_not_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight.os, "access", lambda path, mode: False)
    with pytest.raises(Refusal, match="cannot be written"):
        data_folder_check(DataFolder(tmp_path), megabytes=1)


def test_making_the_folder_marks_it_and_closes_what_is_private(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    data_folder_make(folder)
    data_folder_make(folder)
    assert json.loads(folder.marker.read_text()) == {"layout": LAYOUT, "code": coalition.__version__}
    assert folder.root.stat().st_mode & 0o066 == 0
    for private in (folder.run, folder.root / "mail", folder.root / "media"):
        assert private.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:secret@h/x",
        "postgresql://u:secret@127.0.0.1:9/x",
        "postgresql://u:secret@127.0.0.1:x/x",
        "postgresql://u:secret@%2Fno%2FSuch/x",
        "postgresql:///x?host=/no/such",
    ],
)
def test_a_database_that_does_not_answer_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(Refusal, match="DATABASE_URL") as refused:
        database_url_check(url)
    assert "secret" not in str(refused.value)


def test_a_database_that_listens_passes() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        database_url_check(f"postgresql://u@127.0.0.1:{listener.getsockname()[1]}/x")
