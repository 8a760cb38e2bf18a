"""Linking everything anew, in a process that is killed in its middle: the next one goes on, and does nothing twice."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import F

from search.matching.links import unlinked
from search.models import Document, Link

pytestmark = pytest.mark.long

REPOSITORY = Path(__file__).resolve().parents[3]
WAIT_SECONDS = 120.0


def linking() -> subprocess.Popen[bytes]:
    """Start a process that links what waits in this test's database."""
    name = connection.settings_dict["NAME"]
    url = re.sub(r"^([^?]*)/[^/?]*(\?|$)", rf"\1/{name}\2", os.environ["DATABASE_URL"])
    return subprocess.Popen(
        [sys.executable, "manage.py", "search", "link"], env={**os.environ, "DATABASE_URL": url}, cwd=REPOSITORY
    )


def forget() -> None:
    """Have everything wait, as after a rebuild of all documents."""
    Link.objects.all().delete()
    Document.objects.update(linked_version=0)


def made() -> set[tuple[int, int, int]]:
    return set(Link.objects.values_list("source", "target", "rank"))


def test_a_killed_run_goes_on_where_it_stopped_and_ends_as_if_nothing_had_happened(
    content: None, own_database: None
) -> None:
    linked = Document.objects.present().filter(linked_version=F("version"))
    forget()
    process = linking()
    deadline = time.monotonic() + WAIT_SECONDS
    while linked.count() < 5:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = set(linked.values_list("pk", flat=True))
    assert 5 <= len(before) < Document.objects.present().count()
    links = set(Link.objects.values_list("pk", flat=True))
    assert set(Link.objects.values_list("source", flat=True)) <= before

    assert linking().wait(WAIT_SECONDS) == 0
    assert not unlinked().exists()
    # What is linked again has other links, as rows, even where they lead to the same.
    assert set(Link.objects.filter(source__in=before).values_list("pk", flat=True)) == links
    resumed = made()

    forget()
    assert linking().wait(WAIT_SECONDS) == 0
    assert made() == resumed
