"""Making the database fail under a page, or the page itself, without touching the site's code."""

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any, Literal

from django.db import OperationalError, connection


@contextmanager
def failing(table: str, error: Exception | None = None) -> Iterator[list[str]]:
    """Have every statement that names a table fail, after it has been put together with its values; give which did."""
    failed: list[str] = []

    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if f'"{table}"' in sql:
            failed.append(sql)
            raise error or RuntimeError(f"{sql} {params}")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield failed


def away() -> OperationalError:
    """Return what a database that is away raises."""
    return OperationalError("server closed the connection unexpectedly")


@contextmanager
def failing_at(code: CodeType, moment: Literal["call", "return"], said: str) -> Iterator[list[str]]:
    """Have a function fail once, when it begins or when it has done its work; give which did.

    The error says what it is given to say, and quotes everything that the function has in hand.
    """
    failed: list[str] = []

    def began(frame: FrameType, _event: str, _argument: Any) -> Any:
        if frame.f_code is not code or failed:
            return None
        frame.f_trace_lines = False
        return fail(frame, "call", None)

    def fail(frame: FrameType, event: str, _argument: Any) -> Any:
        if event == moment and not failed:
            failed.append(code.co_qualname)
            raise RuntimeError(f"{said} {frame.f_locals!r}")
        return fail

    before = sys.gettrace()
    sys.settrace(began)
    try:
        yield failed
    finally:
        sys.settrace(before)


def code_of(view: Callable[..., Any]) -> CodeType:
    """Return what runs when an address is asked for, below everything that is wrapped around it."""
    inner = getattr(view, "view_class", None)
    return inspect.unwrap(inner.dispatch if inner else view).__code__  # type: ignore[attr-defined]
