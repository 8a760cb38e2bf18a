"""Somebody else at work, for tests of what only one process does at a time."""

import contextlib
from collections.abc import Iterator

from django.db import connection

from search.locks import Lock


@contextlib.contextmanager
def somebody_else_at(lock: Lock, *, shared: bool = False) -> Iterator[None]:
    """Have another connection hold a lock during the block, alone or together with others."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_lock{'_shared' if shared else ''}(%s)", [lock])
        yield
    finally:
        other.close()
