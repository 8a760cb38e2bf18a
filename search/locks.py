"""What one process does at a time: the numbers of PostgreSQL's advisory locks, here so that no two are the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from django.db import connection


class Lock(IntEnum):
    """What is locked."""

    # Two processes that link would compute, and write, the same.
    LINKING = 7_205_311
    # The list of indexes: many read it while they send, one changes it.
    INDEX_LIST = 7_205_312
    # Building, tidying and going back.
    INDEXES = 7_205_313
    # Two that are said at once must not both be the last of the day.
    DOUBTS = 7_205_314


@contextmanager
def held(lock: Lock, *, wait: bool, shared: bool = False) -> Iterator[bool]:
    """Hold a lock during the block; yields whether it is held.

    Args:
        lock: which.
        wait: until whoever has it is done; else the block runs at once, and must do nothing where it is not held.
        shared: with others that share it; else alone.
    """
    how = "_shared" if shared else ""
    with connection.cursor() as cursor:
        if wait:
            cursor.execute(f"SELECT pg_advisory_lock{how}(%s)", [lock])
        else:
            cursor.execute(f"SELECT pg_try_advisory_lock{how}(%s)", [lock])
            if not cursor.fetchone()[0]:
                yield False
                return
        try:
            yield True
        finally:
            cursor.execute(f"SELECT pg_advisory_unlock{how}(%s)", [lock])
