"""What needs somebody: one list on one page, to which every package adds what waits for a decision of theirs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from coalition.accounts.models import User


@dataclass(frozen=True)
class Need:
    """Something that waits for somebody: a sentence, where it is done, the words of the link, since when, till when."""

    sentence: str
    url: str
    action: str
    since: datetime
    until: datetime | None = None


_sources: list[Callable[[User], Iterable[Need]]] = []


def needs_you(source: Callable[[User], Iterable[Need]]) -> Callable[[User], Iterable[Need]]:
    """Register a function that returns what waits for a user, in the reader's language. Use as a decorator."""
    _sources.append(source)
    return source


def needs_of(user: User) -> list[Need]:
    """Return everything that waits for a user: what ends soonest first, then what has waited longest."""
    found = [need for source in _sources for need in source(user)]
    return sorted(found, key=lambda need: (need.until is None, need.until or need.since, need.since))
