"""What safety tests share."""

import logging
from collections.abc import Iterator

import pytest
from django.db import connection


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """Everything that any logger says at any level, statements of the database included, with tracebacks."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(f"{record.name} {self.format(record)} {record.args!r} {record.exc_info!r}")

    handler, root = Keep(), logging.getLogger()
    loggers = [root, *(each for each in root.manager.loggerDict.values() if isinstance(each, logging.Logger))]
    before = [(each, each.level) for each in loggers]
    for each in loggers:
        each.setLevel(logging.DEBUG)
    root.addHandler(handler)
    connection.force_debug_cursor = True
    yield lines
    connection.force_debug_cursor = False
    root.removeHandler(handler)
    for each, level in before:
        each.setLevel(level)
