"""The whole of ``run`` from a clean clone: set-up, serving, kills, recovery, end. Takes minutes, and the network."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from coalition.ops.paths import REPOSITORY, DataFolder
from coalition.ops.processes import start_moment
from coalition.ops.state import State

Wait = Callable[..., None]
pytestmark = pytest.mark.long


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


class Site:
    """One clone, one data folder, one port."""

    def __init__(self, place: Path, env: dict[str, str]) -> None:
        self.clone, self.folder, self.port = place / "clone", DataFolder(place / "data"), free_port()
        self.env = {name: value for name, value in env.items() if name != "PYTHONPATH"}
        ignored = shutil.ignore_patterns("var", ".git", "__pycache__", "*.mo", ".*_cache")
        shutil.copytree(REPOSITORY, self.clone, ignore=ignored)

    @contextlib.contextmanager
    def running(self) -> Iterator[tuple["subprocess.Popen[str]", list[str]]]:
        """Run until the address is printed; yields the process and what it had said."""
        command = [sys.executable, "-m", "coalition", "run", "--port", str(self.port)]
        with subprocess.Popen(
            [*command, "--data-dir", str(self.folder.root)],
            cwd=self.clone,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            assert process.stdout is not None
            said = []
            for line in process.stdout:
                said.append(line)
                if line.startswith("Open "):
                    break
            else:
                pytest.fail("".join(said))
            try:
                yield process, said
            finally:
                process.terminate()
                process.stdout.read()

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "coalition", *arguments],
            cwd=self.clone,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )

    def status(self) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code
        except OSError:
            return 0

    def statuses_of_one_connection(self, *, pause: float) -> list[int]:
        """Ask twice through one connection, with a pause of so many seconds."""
        found = []
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.connect()
            for wait in (0.0, pause):
                time.sleep(wait)
                kept = connection.sock
                connection.request("GET", "/health/")
                with connection.getresponse() as answer:
                    answer.read()
                    found.append(answer.status)
                # The client would open another without a word.
                assert connection.sock is kept
        return found

    def children(self) -> dict[str, int]:
        return {name: int(child["pid"]) for name, child in State(self.folder).children_read().items()}

    def processes(self) -> list[int]:
        """Every process that has the data folder in its command line or environment."""
        answer = subprocess.run(["ps", "-eo", "pid=,args="], capture_output=True, text=True, check=True)
        here = [line.split(None, 1) for line in answer.stdout.splitlines() if str(self.folder.root) in line]
        return [int(pid) for pid, _ in here]


def test_a_site_from_a_clean_clone(place: Path, plain_environ: dict[str, str], wait_until: Wait) -> None:
    site = Site(place, plain_environ)

    with site.running() as (process, said):
        assert site.status() == 200
        assert "/setup/" in said[-1]
        # A proxy keeps its connections, and must not meet a closed one.
        assert site.statuses_of_one_connection(pause=6) == [200, 200]
        # One site a folder, and other commands find its database.
        second = site.command("run", "--port", str(free_port()), "--data-dir", str(site.folder.root))
        assert second.returncode == 1
        assert "already runs" in second.stderr
        code = "print(6 * 7); raise SystemExit(9)"
        data = ("--data-dir", str(site.folder.root))
        shell = site.command("manage", *data, "shell", "--no-imports", "-c", code)
        assert (shell.stdout, shell.returncode) == ("42\n", 9)
        wait_until(lambda: set(site.children()) == {"web", "worker", "linker", "beat"})
        report = json.loads(site.command("doctor", "--json", "--data-dir", str(site.folder.root)).stdout)
        broken = [finding for finding in report["findings"] if finding["state"] == "broken"]
        assert broken == []
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
    assert site.processes() == []

    # Again: nothing is installed or made, and each part may be killed.
    with site.running() as (process, said):
        assert not any("requirements" in line or "cluster" in line for line in said)
        wait_until(lambda: set(site.children()) == {"web", "worker", "linker", "beat"})
        for name in ("web", "worker", "linker", "beat"):
            pid = site.children()[name]
            os.kill(pid, signal.SIGKILL)
            wait_until(lambda name=name, pid=pid: site.children().get(name, pid) != pid, seconds=60)
        wait_until(lambda: site.status() == 200, seconds=60)
        server = int((site.folder.postgres / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(server, signal.SIGKILL)
        wait_until(lambda: site.status() == 200, seconds=60)
        left = [*site.children().values(), process.pid]
        process.kill()
        process.wait()
    if sys.platform == "linux":
        wait_until(lambda: not any(start_moment(pid) for pid in left) and site.processes() == [], seconds=60)

    with site.running():
        assert site.status() == 200
    assert site.processes() == []
