"""A whole site, started as people start it, of which every part can be killed."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coalition.ops.cluster import Cluster, postmaster_pid
from coalition.ops.secrets import INTAKE_KEYS, INTAKE_PEPPER, SECRET_KEY
from coalition.ops.site import SETTINGS
from tests.coalition.ops.test_run_long import Site

OURS = ("COALITION_", "DJANGO_", "DATABASE_URL", "SECRET_KEY", "ELASTICSEARCH_")


class FaultySite(Site):
    """A clone without content, whose searches an Elasticsearch answers.

    Args:
        place: a folder that PostgreSQL's account can pass through.
        elasticsearch_url: of a server that answers already.
    """

    def __init__(self, place: Path, *, elasticsearch_url: str) -> None:
        # The environment of somebody who has set nothing else.
        env = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        super().__init__(place, {**env, "ELASTICSEARCH_URL": elasticsearch_url})
        self.url = f"http://127.0.0.1:{self.port}"
        self.said: list[str] = []

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        """Have it running during the block; everything it says is kept."""
        data, port = ("--data-dir", str(self.folder.root)), ("--port", str(self.port))
        opened = threading.Event()

        def listen() -> None:
            assert process.stdout is not None
            for line in process.stdout:
                self.said.append(line)
                if line.startswith("Open "):
                    opened.set()
            opened.set()

        with subprocess.Popen(
            [sys.executable, "-m", "coalition", "run", "--no-content", *data, *port],
            cwd=self.clone,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            # Somebody has to read: who says more than a pipe holds, waits.
            listener = threading.Thread(target=listen, name="listener", daemon=True)
            listener.start()
            try:
                opened.wait()
                if process.poll() is not None or not any(line.startswith("Open ") for line in self.said):
                    pytest.fail("".join(self.said))
                yield
            finally:
                process.terminate()
                process.wait()
                listener.join(timeout=60)

    def manage(self, *arguments: str) -> Any:
        """Return what a command answers in JSON."""
        answer = self.command("manage", "--data-dir", str(self.folder.root), *arguments, "--json")
        assert answer.returncode == 0, f"{arguments}: {answer.stdout}{answer.stderr}"
        return json.loads(answer.stdout)

    @contextlib.contextmanager
    def program(self, module: str, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
        """Run a program of ours in the site's environment, as one of its processes; yields it."""
        cluster = Cluster(home=self.folder.postgres, venv=self.folder.venv)
        env = {
            **self.env,
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "DATABASE_URL": cluster.url,
            "COALITION_DATA_DIR": str(self.folder.root),
            "COALITION_PUBLIC_URL": self.url,
            "SECRET_KEY_FILE": str(self.folder.secrets / SECRET_KEY),
            "COALITION_INTAKE_KEYS_FILE": str(self.folder.secrets / INTAKE_KEYS),
            "COALITION_INTAKE_PEPPER_FILE": str(self.folder.secrets / INTAKE_PEPPER),
        }
        with subprocess.Popen(
            [str(self.folder.venv / "bin" / "python"), "-m", module, *arguments],
            cwd=self.clone,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def pid(self, name: str) -> int:
        """Return the number of a part of it: web, worker, beat or postgres."""
        if name == "postgres":
            return postmaster_pid(self.folder.postgres / "data") or 0
        return self.children().get(name, 0)

    def kill(self, name: str) -> None:
        """Kill a part of it, and wait until it was started again."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        end = time.monotonic() + 60
        while self.pid(name) in (0, pid):
            assert time.monotonic() < end, f"{name} does not come back: {''.join(self.said[-20:])}"
            time.sleep(0.05)
