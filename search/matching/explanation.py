"""Explanation: why two documents are linked, in facts that the signals themselves hold.

Kept as data (facet values, two sentences, contributions); words are made of it when a page is drawn, in the reader's
language.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from search.encoders.base import Vectors

# Two sentences less alike than this are not shown as the closest pair: they would explain nothing.
LEAST_SIMILARITY = 0.2


@dataclass(frozen=True)
class ClosestPair:
    """The two sentences that lie closest: the subject's, the other's, and their cosine."""

    mine: str
    theirs: str
    similarity: float


def most_specific(shared: set[str], parents: dict[str, str | None]) -> list[str]:
    """Return the shared concepts without those that lie above another shared one, in a fixed order."""
    above: set[str] = set()
    for value in shared:
        parent = parents.get(value)
        while parent is not None:
            above.add(parent)
            parent = parents.get(parent)
    order = {"technology": 0, "harm": 1, "affected": 2, "arrangement": 3, "right": 4, "strategy": 5, "occupation": 6}
    return sorted(shared - above, key=lambda value: (order.get(value.partition(":")[0], 9), value))


def closest_pair(
    mine: Sequence[str], theirs: Sequence[str], my_vectors: Vectors | None, their_vectors: Vectors | None
) -> ClosestPair | None:
    """Return the pair of sentences that lie closest, by shared words without vectors; None if none are near."""
    if not mine or not theirs:
        return None
    if my_vectors is not None and their_vectors is not None:
        table = my_vectors @ their_vectors.T
    else:
        table = np.array([[_word_overlap(a, b) for b in theirs] for a in mine])
    row, column = np.unravel_index(int(np.argmax(table)), table.shape)
    similarity = float(table[row, column])
    if similarity < LEAST_SIMILARITY:
        return None
    return ClosestPair(mine[int(row)], theirs[int(column)], similarity)


def _word_overlap(a: str, b: str) -> float:
    first = {word for word in a.lower().split() if len(word) > 3}
    second = {word for word in b.lower().split() if len(word) > 3}
    return len(first & second) / max(1, (len(first) * len(second)) ** 0.5)


def as_reasons(
    shared: list[str],
    products: list[str],
    vendors: list[str],
    employers: list[str],
    pair: ClosestPair | None,
    parts: Mapping[str, float],
    values: Mapping[str, float],
) -> dict[str, Any]:
    """Return the explanation as it is stored with a link."""
    return {
        "shared": shared,
        "products": products,
        "vendors": vendors,
        "employers": employers,
        "sentences": [pair.mine, pair.theirs] if pair else [],
        "similarity": round(pair.similarity, 3) if pair else None,
        "parts": {name: round(value, 4) for name, value in parts.items()},
        "values": {name: round(value, 6) for name, value in values.items()},
    }
