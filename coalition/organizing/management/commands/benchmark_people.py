"""``manage.py benchmark_people``: many organizers who post at the same moment, on this machine alone."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from coalition.organizing.benchmarking.posting import post_all
from coalition.organizing.benchmarking.stage import outcome, stage
from search.benchmarking.measuring import percentiles

MOST = 1000
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
# A start loads the application once; a busy machine takes a while for it.
STARTS_WITHIN = 90


class Command(BaseCommand):
    """Serves the site at an address of its own, has organizers post, and counts what arrived."""

    help = "Measure organizers who post updates at the same moment. Made-up updates are public while it runs."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take how many, and how many at once."""
        parser.add_argument("--organizers", type=int, default=200)
        parser.add_argument("--campaigns", type=int, default=40, help="that they share")
        parser.add_argument("--at-once", type=int, default=0, help="how many at the same moment; all unless given")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and print the figures as JSON.

        Raises:
            CommandError: the site is one that others use, a number makes no sense, or anything was lost.
        """
        count, campaigns = options["organizers"], options["campaigns"]
        at_once = options["at_once"] or count
        if urlsplit(settings.PUBLIC_URL).hostname not in LOOPBACK:
            raise CommandError(
                "This site has a public address. Measure on a copy: made-up updates are public meanwhile."
            )
        if not (0 < campaigns <= count <= MOST and 0 < at_once <= count):
            raise CommandError(f"Name at most {MOST} organizers, and no more campaigns, or at once, than organizers.")
        with stage(organizers=count, campaigns=campaigns) as organizers, served() as address:
            measured, seconds = post_all(address, organizers, at_once=at_once)
            came = outcome(organizers)
        report = {
            "organizers": count,
            "campaigns": campaigns,
            "at_once": at_once,
            "pressed_twice": count // 2,
            **came,
            "requests": sum(len(times) for times in measured.took.values()),
            "seconds": round(seconds, 1),
            "milliseconds": {step: percentiles(times) for step, times in sorted(measured.took.items())},
            "errors": dict(measured.errors),
            "most_errors_in_a_second": max(measured.error_seconds.values(), default=0),
        }
        self.stdout.write(json.dumps(report))
        if came["published_once"] != count:
            raise CommandError(f"{count - came['published_once']} of {count} updates were not published just once.")


@contextmanager
def served() -> Iterator[str]:
    """Serve the site as ``run`` does, at a port of this machine that is free; yield its address.

    Raises:
        CommandError: it does not start.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--config", "python:coalition.ops.gunicorn"]
    environment = {**os.environ, "COALITION_BIND": f"127.0.0.1:{port}"}
    server = subprocess.Popen([*command, "coalition.wsgi:application"], env=environment, cwd=settings.REPOSITORY)
    try:
        until = time.monotonic() + STARTS_WITHIN
        while not _answers(port):
            if server.poll() is not None or time.monotonic() > until:
                raise CommandError("The server did not start. What it says stands above.")
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
