"""Threads that wait for an engine beside the database, so that a reader's own thread can read from that meanwhile."""

import functools
import os
from concurrent.futures import ThreadPoolExecutor

# A process answers some readers at once, and each of them waits for a few requests.
MOST_WAITERS = 16


@functools.cache
def waiters() -> ThreadPoolExecutor:
    """Return them, those of this process. None may ask the database: its connection there would stay open for good."""
    return ThreadPoolExecutor(MOST_WAITERS, thread_name_prefix="engine")


os.register_at_fork(after_in_child=waiters.cache_clear)
