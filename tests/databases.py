"""Copies of the test database, for tests that a transaction cannot undo."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def database_copied(*, ending: str) -> Iterator[str]:
    """Have a copy of the test database during the block, which this thread's connection is to; drop it afterwards.

    Args:
        ending: of its name. A process asks once for each name what a database can do: where that is another than of
            the test database, no other test may have the same.

    Yields:
        Its name.
    """
    name = connection.settings_dict["NAME"]
    copy = f"{name}_{ending}"
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        cursor.execute(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{name}"')
    try:
        go_to(copy)
        yield copy
    finally:
        go_to(name)
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{copy}" WITH (FORCE)')


def go_to(name: str) -> None:
    """Have this thread's connection be to another database."""
    connection.close()
    connection.settings_dict["NAME"] = name
