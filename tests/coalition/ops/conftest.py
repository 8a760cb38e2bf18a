"""Places and processes for the tests of operations."""

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from coalition.ops.paths import REPOSITORY


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that PostgreSQL's account can pass through, which pytest's own is not, with a short path."""
    folder = Path(tempfile.mkdtemp(prefix="coalition-test-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def wait_until() -> Callable[..., None]:
    """Wait for a condition, and fail when it does not come."""

    def wait(condition: Callable[[], object], *, seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "it did not come"
            time.sleep(0.02)

    return wait


@pytest.fixture
def plain_environ() -> dict[str, str]:
    """The environment of somebody who has set nothing."""
    ours = ("COALITION_", "DJANGO_", "DATABASE_URL", "SECRET_KEY", "ELASTICSEARCH_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    env["PYTHONPATH"] = str(REPOSITORY)
    return env


@pytest.fixture
def own_signals() -> Iterator[None]:
    """Give the signal handlers back that a command changes."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def venv() -> Path:
    """The virtual environment we are in, which has the database's wheel."""
    return Path(sys.prefix)
