"""The commands as people type them, where they refuse or only look."""

import ast
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from coalition.ops.chromium import chromium_find
from coalition.ops.cluster import Cluster
from coalition.ops.paths import REPOSITORY, DataFolder
from coalition.ops.preflight import data_folder_make


def coalition(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "coalition", *arguments],
        env=env,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("name", ["coalition/__init__.py", "coalition/__main__.py"])
def test_an_old_python_can_read_the_door(name: str) -> None:
    ast.parse((REPOSITORY / name).read_text(encoding="utf-8"), feature_version=(3, 7))


def test_an_old_python_gets_a_sentence(plain_environ: dict[str, str]) -> None:
    code = (
        "import runpy, sys; sys.version_info = (3, 9, 1, 'final', 0)\n"
        "sys.argv = ['coalition', 'run']; runpy.run_module('coalition', run_name='__main__')"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], env=plain_environ, cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 1
    assert answer.stderr.startswith("Coalition needs Python 3.11 or newer and this is 3.9")
    assert len(answer.stderr.splitlines()) == 1


def test_set_up_needs_the_standard_library_alone(plain_environ: dict[str, str]) -> None:
    # -I and -S: nothing that is installed can be imported at all.
    code = (
        f"import sys; sys.path.insert(0, {str(REPOSITORY)!r})\n"
        "from coalition.ops import command_line, run, manage, test, doctor, keeper, preparation, messages, chromium"
    )
    subprocess.run([sys.executable, "-I", "-S", "-c", code], env=plain_environ, check=True)


def test_run_refuses_a_taken_port_and_makes_nothing(place: Path, plain_environ: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = coalition("run", "--port", str(port), "--data-dir", str(place / "data"), env=plain_environ)
    assert answer.returncode == 1
    assert f"Port {port}" in answer.stderr
    assert len(answer.stderr.splitlines()) == 1
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("command", [["run"], ["manage"], ["test", "--only-setup"]])
def test_a_foreign_folder_is_refused_by_each_command(
    place: Path, plain_environ: dict[str, str], command: list[str]
) -> None:
    (place / "thesis.txt").write_text("mine")
    tail = ["check"] if command == ["manage"] else []
    answer = coalition(*command, "--data-dir", str(place), *tail, env=plain_environ)
    assert answer.returncode == 1
    assert "not ours" in answer.stderr
    assert len(answer.stderr.splitlines()) == 1
    assert [entry.name for entry in place.iterdir()] == ["thesis.txt"]


def test_an_unreachable_database_is_refused_before_anything_is_made(place: Path, plain_environ: dict[str, str]) -> None:
    env = plain_environ | {"DATABASE_URL": "postgresql://u:secret@127.0.0.1:9/x"}
    answer = coalition("run", "--port", "0", "--data-dir", str(place / "data"), env=env)
    assert answer.returncode == 1
    answer = coalition("run", "--port", "58231", "--data-dir", str(place / "data"), env=env)
    assert answer.returncode == 1
    assert "DATABASE_URL" in answer.stderr
    assert "secret" not in answer.stderr
    assert list(place.iterdir()) == []


def test_doctor_works_where_nothing_is_and_makes_nothing(place: Path, plain_environ: dict[str, str]) -> None:
    answer = coalition("doctor", "--json", "--data-dir", str(place / "data"), env=plain_environ)
    report = json.loads(answer.stdout)
    assert answer.returncode == 1
    assert report["state"] == "broken"
    found = {finding["name"]: finding for finding in report["findings"]}
    assert found["python"]["state"] == "ok"
    assert found["set-up"]["remedy"] == "python3 -m coalition run"
    assert list(place.iterdir()) == []
    assert "set-up" in coalition("doctor", "--data-dir", str(place / "data"), env=plain_environ).stdout


def test_doctor_tells_what_a_folder_lacks(place: Path, plain_environ: dict[str, str]) -> None:
    data_folder_make(DataFolder(place))
    report = json.loads(coalition("doctor", "--json", "--data-dir", str(place), env=plain_environ).stdout)
    found = {finding["name"]: finding["state"] for finding in report["findings"]}
    assert found["environment"] == found["keys"] == found["database"] == "broken"
    assert found["data folder"] == "ok"


def test_print_venv_prints_the_folder_alone(place: Path, plain_environ: dict[str, str]) -> None:
    answer = coalition("test", "--print-venv", "--data-dir", str(place), env=plain_environ)
    assert answer.stdout == f"{place}/venv-test\n"


def test_a_chromium_named_by_hand_is_the_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "browser"
    program.write_text("#!/bin/sh\necho Chromium 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("COALITION_CHROMIUM", str(program))
    assert chromium_find() == program
    program.write_text("#!/bin/sh\nexit 1\n")
    assert chromium_find() is None


def test_sigterm_during_set_up_says_so_and_leaves_no_database(
    place: Path, plain_environ: dict[str, str], venv: Path
) -> None:
    code = (
        "import sys, time; from pathlib import Path\n"
        "from coalition.ops import command_line; from coalition.ops.cluster import Cluster\n"
        "from coalition.ops.signals import stop_signals_raise\n"
        "def busy(arguments):\n"
        "    stop_signals_raise()\n"
        "    with Cluster(home=Path(sys.argv[1]), venv=Path(sys.argv[2]), durable=False).used():\n"
        "        print('up', flush=True); time.sleep(600)\n"
        "command_line._dispatch = busy; sys.exit(command_line.main([]))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(place / "pg"), str(venv)],
        env=plain_environ,
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        while command.stdout.readline() != "up\n":
            pass
        command.send_signal(signal.SIGTERM)
        assert command.stderr.read() == "Stopped.\n"
        assert command.wait() == 130
    assert not Cluster(home=place / "pg", venv=venv).is_running
