"""What further packages show whoever came back: a text for the public that waits for a yes, files."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from coalition.intake.models import Submission


@dataclass(frozen=True)
class Panel:
    """A part of the page: its template, and what that shows."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)


_sources: list[Callable[[Submission], Iterable[Panel]]] = []


def on_return_page(source: Callable[[Submission], Iterable[Panel]]) -> Callable[[Submission], Iterable[Panel]]:
    """Register a function that returns what is to be shown about a submission. Use as a decorator."""
    _sources.append(source)
    return source


def panels_of(submission: Submission) -> list[Panel]:
    """Return everything that is to be shown, in the order of registration."""
    return [panel for source in _sources for panel in source(submission)]
