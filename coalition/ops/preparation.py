"""How ``run`` has the site prepared without starting Django twice: the web server does it before it serves.

Django takes a second or two to load. The web server has to load it anyway; so at its first start it forks a child that
runs ``manage.py prepare`` with what is loaded, and serves when that has ended well. This is the side of ``run``; the
web server's is ``first_start.py``.
"""

import contextlib
import json
import os
from dataclasses import dataclass
from typing import Self

VARIABLE = "COALITION_PREPARE"
# The web server ends with this when preparation failed and has said why (EX_CONFIG of sysexits.h).
FAILED = 78
# Beside the static files and not among them: they are served.
STATIC_STAMP = "static.fingerprint"


@dataclass(frozen=True)
class Order:
    """What is to be prepared, and which inherited descriptors take progress, complaints and the result."""

    arguments: list[str]
    progress: int
    complaints: int
    result: int

    def encode(self) -> str:
        """Return it as the value of the environment variable."""
        return json.dumps(vars(self))

    @property
    def descriptors(self) -> tuple[int, int, int]:
        """What the web server has to inherit."""
        return self.progress, self.complaints, self.result


class Placed:
    """An order on our side: what the web server is to inherit, and the descriptor that the result comes from."""

    def __init__(self, arguments: list[str]) -> None:
        self.told, tell = os.pipe()
        self.order = Order(arguments, os.dup(1), os.dup(2), tell)
        self._ends = contextlib.ExitStack()
        for descriptor in self.order.descriptors:
            self._ends.callback(os.close, descriptor)

    def handed_over(self) -> None:
        """Close our copies of what the web server now has, so that the result's end is seen."""
        self._ends.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.close()
        os.close(self.told)
