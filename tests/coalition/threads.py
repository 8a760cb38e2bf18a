"""A second thread in which something happens at the same moment, for tests of races."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from django.db import connection


def waits_or_ends(future: Future[Any]) -> None:
    """Return once the other thread waits for a lock of ours, or has ended without."""
    for _try in range(500):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if future.done() or cursor.fetchone() != (0,):
                return
        time.sleep(0.02)
    raise AssertionError("The other thread neither waits nor ends.")


def closing(act: Callable[[], Any]) -> Callable[[], Any]:
    """Return the same, for a thread of its own: its connection is closed afterwards."""

    def closed() -> Any:
        try:
            return act()
        finally:
            connection.close()

    return closed
