"""What a running site writes: its own log to the byte, and what any other log would be given."""

import copy
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from typing import IO

from django.conf import settings
from django.test import override_settings
from django.utils.log import configure_logging


@dataclass
class Written:
    """What was written so far."""

    file: IO[str]
    given: list[str] = field(default_factory=list)

    def log(self) -> str:
        """Return everything that went to the process's two outputs."""
        self.file.flush()
        self.file.seek(0)
        return self.file.read()


@contextmanager
def written() -> Iterator[Written]:
    """Have the site's logging as it is set up, the root at DEBUG, and somebody who is to be mailed about errors."""
    root = logging.getLogger()
    loggers = [root, *(each for each in root.manager.loggerDict.values() if isinstance(each, logging.Logger))]
    before = [(each, each.level, each.handlers[:], each.propagate) for each in loggers]
    configured = copy.deepcopy(settings.LOGGING)
    configured["root"]["level"] = "DEBUG"
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as file,
        _outputs(file),
        override_settings(ADMINS=[("Operator", "operator@example.org")]),
    ):
        kept = Written(file)

        class Keep(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                kept.given.append(f"{record.name} {self.format(record)} {record.args!r} {record.exc_info!r}")

        configure_logging(settings.LOGGING_CONFIG, configured)
        root.addHandler(Keep())
        try:
            yield kept
        finally:
            for each, level, handlers, propagates in before:
                each.setLevel(level)
                each.handlers[:] = handlers
                each.propagate = propagates


@contextmanager
def _outputs(file: IO[str]) -> Iterator[None]:
    """Have both outputs go to a file: Python's own, and the process's below them."""
    kept = {number: os.dup(number) for number in (1, 2)}
    try:
        for number in kept:
            os.dup2(file.fileno(), number)
        with redirect_stdout(file), redirect_stderr(file):
            yield
    finally:
        sys.stderr.flush()
        for number, copied in kept.items():
            os.dup2(copied, number)
            os.close(copied)
