"""Making the database fail under a page, without touching the site's code."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection


@contextmanager
def failing(table: str, error: Exception | None = None) -> Iterator[None]:
    """Have every statement that names a table fail, after it has been put together with its values."""

    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if f'"{table}"' in sql:
            raise error or RuntimeError(f"{sql} {params}")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


def away() -> OperationalError:
    """Return what a database that is away raises."""
    return OperationalError("server closed the connection unexpectedly")
