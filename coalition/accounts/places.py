"""Where somebody goes from their own page: links that every package adds, for whom they mean something."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from coalition.accounts.models import User


@dataclass(frozen=True)
class Place:
    """A link: its words, its address, and what one does there in half a sentence."""

    title: str
    url: str
    what: str = ""


_sources: list[Callable[[User], Iterable[Place]]] = []


def places_for(source: Callable[[User], Iterable[Place]]) -> Callable[[User], Iterable[Place]]:
    """Register a function that returns where a user may want to go, in the reader's language. Use as a decorator."""
    _sources.append(source)
    return source


def places_of(user: User) -> list[Place]:
    """Return every such link, in the order of the packages that add them."""
    return [place for source in _sources for place in source(user)]
