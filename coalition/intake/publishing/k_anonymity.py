"""Small groups are hidden, when a story is published: what could tell who it was is said more coarsely.

Public attributes (employer, place, industry, occupation, month) are made coarser until at least ``K`` published
stories, this one included, share what is left, or each is at its top: no employer, a state or none, a sector, no
occupation, a year. It only ever goes up, and whoever is withdrawn later changes nothing. K counts stories, not workers:
twenty stories of one person would count as twenty, and a job title that only one person has is one's own, however many
share the industry. A moderator is told so.

Pure: what is published and what belongs to what is handed in.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import product

K = 3


@dataclass(frozen=True)
class Attributes:
    """What a story says of who and where. Concepts are values such as ``place:nevada``."""

    employer: str = ""
    places: frozenset[str] = frozenset()
    industries: frozenset[str] = frozenset()
    occupations: frozenset[str] = frozenset()
    year: int | None = None
    month: int | None = None


@dataclass(frozen=True)
class Coarse:
    """What is left, and how many published stories share it, this one included."""

    attributes: Attributes
    shared: int


class Tree:
    """What belongs to what."""

    def __init__(self, broader: Mapping[str, str | None]) -> None:
        self._broader = broader

    def line(self, value: str) -> list[str]:
        """Return a value and everything above it, the widest last."""
        found = [value]
        while (above := self._broader.get(found[-1])) and above not in found:
            found.append(above)
        return found

    def closed(self, values: Iterable[str]) -> frozenset[str]:
        """Return values with everything above them."""
        return frozenset(each for value in values for each in self.line(value))


def shares(published: Attributes, left: Attributes) -> bool:
    """Whether somebody who looks for what is left also finds the published story, which holds what is above its own."""
    return (
        (not left.employer or left.employer.casefold() == published.employer.casefold())
        and left.places <= published.places
        and left.industries <= published.industries
        and left.occupations <= published.occupations
        and left.year in (None, published.year)
        and left.month in (None, published.month)
    )


def coarsen(own: Attributes, published: Iterable[Attributes], tree: Tree, *, k: int = K) -> Coarse:
    """Return the finest that enough stories share; where nothing is shared by enough, the coarsest.

    Args:
        own: of the story that is to be published.
        published: of every other public story, of any origin; their concepts with everything above them.
        tree: what belongs to what.
        k: how many have to share it.
    """
    others = [replace(each, employer=each.employer.strip()) for each in published]
    ladders = _ladders(own, tree)
    # The fewest steps first; where as many do, the employer goes before the place, the place before the month…
    steps = sorted(
        product(*(range(len(ladder)) for ladder in ladders)), key=lambda each: (sum(each), [-n for n in each])
    )
    left = Coarse(own, 0)
    for step in steps:
        attributes = own
        for ladder, level in zip(ladders, step, strict=True):
            attributes = ladder[level](attributes)
        left = Coarse(attributes, 1 + sum(shares(each, attributes) for each in others))
        if left.shared >= k:
            return left
    return left


Rung = Callable[[Attributes], Attributes]


def _same(attributes: Attributes) -> Attributes:
    return attributes


def _ladders(own: Attributes, tree: Tree) -> list[list[Rung]]:
    """Return what can be done to each attribute, from nothing to all, each rung coarser than the one before."""
    return [
        [_same, lambda a: replace(a, employer="")] if own.employer else [_same],
        [lambda a, v=v: replace(a, places=v) for v in _risen(own.places, tree, _to_state)],  # type: ignore[misc]
        [_same, lambda a: replace(a, month=None)] if own.month else [_same],
        [
            lambda a, v=v: replace(a, occupations=v)  # type: ignore[misc]
            for v in [*_risen(own.occupations, tree, len), *([frozenset()] if own.occupations else [])]
        ],
        [lambda a, v=v: replace(a, industries=v) for v in _risen(own.industries, tree, len)],  # type: ignore[misc]
    ]


def _to_state(line: list[str]) -> int:
    """Return how much of a place's line may be said: up to the state, below the country."""
    return max(1, len(line) - 1)


def _risen(values: frozenset[str], tree: Tree, height: Callable[[list[str]], int]) -> list[frozenset[str]]:
    """Return the values, then as they are with one step up, with two…, each as far as its own top."""
    lines = [tree.line(value) for value in sorted(values)]
    tops = [height(line) for line in lines]
    highest = max(tops, default=1)
    found = [frozenset(line[min(up, top - 1)] for line, top in zip(lines, tops, strict=True)) for up in range(highest)]
    # Two that meet on their way are one.
    return list(dict.fromkeys(found)) or [frozenset()]
