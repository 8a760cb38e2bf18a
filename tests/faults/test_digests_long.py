"""Ten thousand followers' digests, and a worker that is killed five times: none twice, none unaccounted for.

The other load that a site must bear, two hundred organizers who post at once, is measured in a module of its own.
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from coalition.ops.paths import REPOSITORY

pytestmark = pytest.mark.long

FOLLOWERS = int(os.environ.get("COALITION_TEST_FOLLOWERS", "10000"))
KILLS = 5
_MESSAGE_ID = re.compile(r"^Message-ID: (<\S+>)", re.MULTILINE)


class Killed:
    """A database, a folder for mail, and a worker beside them that is killed and started again."""

    def __init__(self, place: Path) -> None:
        # The test database's server has room for another database.
        self._url = urlsplit(os.environ["DATABASE_URL"])
        self.name = f"digests_{os.getpid()}"
        self.mail = place / "mail"
        self.env = {
            **os.environ,
            "DATABASE_URL": self._url_of(self.name),
            "DJANGO_SETTINGS_MODULE": "tests.faults.digest_settings",
            "COALITION_DATA_DIR": str(place),
            "COALITION_MAIL": "file",
            "COALITION_ENCODER": "none",
        }
        self.worker: subprocess.Popen[bytes] | None = None
        self.kills: list[str] = []

    def _url_of(self, database: str) -> str:
        return self._url._replace(path=f"/{database}").geturl()

    @contextlib.contextmanager
    def database(self) -> Iterator[None]:
        """Have the database, migrated, during the block."""
        with psycopg.connect(self._url_of("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{self.name}"')
            try:
                self.run("manage.py", "migrate", "--verbosity", "0")
                yield
            finally:
                connection.execute(f'DROP DATABASE "{self.name}" WITH (FORCE)')

    def run(self, *command: str) -> str:
        """Run a program to its end, and return what it said."""
        done = subprocess.run(
            [sys.executable, *command], cwd=REPOSITORY, env=self.env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def program(self, *arguments: str) -> dict[str, Any]:
        """Return the last answer of what surrounds the worker."""
        answer: dict[str, Any] = json.loads(self.run("-m", "tests.faults.digesting", *arguments).splitlines()[-1])
        return answer

    def start(self) -> None:
        """Start the worker as the Procfile does."""
        command = [sys.executable, "manage.py", "db_worker", "--queue-name", "*", "--interval", "0.5"]
        self.worker = subprocess.Popen(
            [*command, "--no-startup-delay"],
            cwd=REPOSITORY,
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill(self, moment: str = "") -> None:
        """Kill the worker in whatever it does."""
        if self.worker is not None:
            os.kill(self.worker.pid, signal.SIGKILL)
            self.worker.wait()
            self.worker = None
            self.kills.append(moment)

    def delivered(self) -> Counter[str]:
        """Return how often each Message-ID stands in the files that mail went to; one cut off in writing counts."""
        texts = (path.read_text(encoding="utf-8", errors="replace") for path in self.mail.glob("*.log"))
        return Counter(found for text in texts for found in _MESSAGE_ID.findall(text))


def test_every_digest_is_sent_once_whatever_is_killed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = Killed(tmp_path)
    with site.database():
        prepared = site.program("prepare", "--count", str(FOLLOWERS))
        assert prepared == {"followers": FOLLOWERS, "entries": 3 * FOLLOWERS}
        begin = time.monotonic()
        _work(site)
        took = time.monotonic() - begin
        site.program("settle")
        found = site.program("report")
    delivered, states = site.delivered(), found.pop("mails")
    counts = Counter(states.values())
    assert found == {"followers": FOLLOWERS, "with_one_digest": FOLLOWERS, "with_several": 0}
    assert len(states) == FOLLOWERS
    # Whatever was handed over is one of ours, and once; what is said to be sent was.
    assert set(delivered) <= set(states)
    assert {message for message, count in delivered.items() if count > 1} == set()
    assert {message for message, state in states.items() if state == "sent"} <= set(delivered)
    # Everything is accounted for: sent, or listed for a person to decide on, at most one a kill.
    assert set(counts) <= {"sent", "unsure"}
    assert counts["unsure"] <= KILLS
    assert len(site.kills) == KILLS
    with capsys.disabled():
        unsure = [message for message, state in states.items() if state == "unsure"]
        answer = {
            **found,
            "seconds": round(took),
            "killed": site.kills,
            "sent": counts["sent"],
            "unsure": counts["unsure"],
            "unsure_but_delivered": sum(delivered[message] for message in unsure),
            "delivered": sum(delivered.values()),
            "delivered_twice": 0,
        }
        print(f"\n{json.dumps(answer)}")  # noqa: T201  the figures are what one runs it for


def _work(site: Killed) -> None:
    """Have the worker at work until nothing waits, and kill it on the way: while it writes, and while it sends."""
    progress = {"digests": 0, "sent": 0, "waiting": 0}
    marks = [("digests", 0.15), ("digests", 0.5), ("digests", 0.85), ("sent", 0.3), ("sent", 0.7)]
    assert len(marks) == KILLS
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.digesting", "beat"],
        cwd=REPOSITORY,
        env=site.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as beat:

        def listen() -> None:
            assert beat.stdout is not None
            for line in beat.stdout:
                progress.update(json.loads(line))

        listener = threading.Thread(target=listen, name="listener", daemon=True)
        listener.start()
        site.start()
        try:
            end = time.monotonic() + 3600
            while marks or progress["digests"] < FOLLOWERS or progress["waiting"] or not progress["sent"]:
                assert time.monotonic() < end, progress
                assert beat.poll() is None
                if marks and progress[marks[0][0]] >= marks[0][1] * FOLLOWERS:
                    what, _share = marks.pop(0)
                    site.kill(f"{progress[what]} {what}")
                    site.start()
                    time.sleep(1.0)
                time.sleep(0.05)
            # What is in hand is finished.
            time.sleep(3.0)
        finally:
            if site.worker is not None:
                site.worker.kill()
                site.worker.wait()
            assert beat.stdin is not None
            beat.stdin.close()
            beat.wait(timeout=60)
            listener.join(timeout=10)
