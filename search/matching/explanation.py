"""Explanation: why two documents are linked, in facts that the signals themselves hold.

Kept as data (facet values, two sentences, contributions); words are made of it when a page is drawn, in the reader's
language.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from search.encoders.base import Vectors
from search.matching.centre import Centres
from search.matching.scales import Floats

# Where no two sentences are as alike as this, none are shown: they would explain nothing.
LEAST_SIMILARITY = 0.2
# What it counts, beside how alike two sentences are, that each speaks for the whole other text, and for its own.
SPEAKS_FOR_OTHER, SPEAKS_FOR_OWN = 0.5, 0.25
# A sentence with fewer words of more than three letters tells little by itself, and counts so much less.
TELLING_WORDS, LESS = 5, 1.0
_LONGER_WORD = re.compile(r"\w{4,}")


@dataclass(frozen=True)
class Told:
    """What one of the two tells: its sentences, their unit vectors, and the vector of the whole.

    ``vectors`` has shape (sentences, dimensions), ``centred`` the same without what all texts have in common, and
    ``whole`` shape (dimensions,), without it as well.
    """

    sentences: Sequence[str]
    vectors: Vectors | None = None
    centred: Vectors | None = None
    whole: Vectors | None = None

    def telling(self, other: "Told") -> Floats:
        """Return how much each sentence tells by itself of what both texts are about, shape (sentences,)."""
        words = np.array([len(_LONGER_WORD.findall(one)) for one in self.sentences])
        told = np.where(words < TELLING_WORDS, -LESS, 0.0)
        if self.centred is None or self.whole is None or other.whole is None:
            return told
        return told + self.centred @ (SPEAKS_FOR_OTHER * other.whole + SPEAKS_FOR_OWN * self.whole)


def told_of(
    sentences: Sequence[str], vectors: Vectors | None, whole: Vectors | None, language: str, around: Centres
) -> Told:
    """Return what a text tells.

    Args:
        sentences: of the text.
        vectors: theirs, shape (sentences, dimensions); of another number of sentences, they are of another state of the
            text, and say nothing.
        whole: of the text, shape (dimensions,).
        language: of the text.
        around: the collection's centres.
    """
    if vectors is None or whole is None or len(vectors) != len(sentences):
        return Told(sentences)
    return Told(sentences, vectors, around.away(vectors, language), around.away(whole, language))


@dataclass(frozen=True)
class TellingPair:
    """A sentence of the subject and one of the other that tell why the two are linked.

    ``similarity`` is how near any two of their sentences come to each other, by cosine.
    """

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


def telling_pair(mine: Told, theirs: Told) -> TellingPair | None:
    """Return two sentences that are alike and speak for both texts; None if no two are alike.

    Alike is by vectors, and without them by shared words. The two that are most alike are often two asides (“Nobody
    did, that night.” and “Nobody at the pier was told.”): ``docs/decisions/telling-pair.md``.
    """
    if not mine.sentences or not theirs.sentences:
        return None
    if mine.vectors is not None and theirs.vectors is not None:
        alike = mine.vectors @ theirs.vectors.T
    else:
        alike = np.array([[_word_overlap(a, b) for b in theirs.sentences] for a in mine.sentences])
    similarity = float(alike.max())
    if similarity < LEAST_SIMILARITY:
        return None
    telling = alike + mine.telling(theirs)[:, np.newaxis] + theirs.telling(mine)
    row, column = np.unravel_index(int(np.argmax(telling)), telling.shape)
    return TellingPair(mine.sentences[int(row)], theirs.sentences[int(column)], similarity)


def _word_overlap(a: str, b: str) -> float:
    first = {word for word in a.lower().split() if len(word) > 3}
    second = {word for word in b.lower().split() if len(word) > 3}
    return len(first & second) / max(1, (len(first) * len(second)) ** 0.5)


def as_reasons(
    shared: list[str],
    products: list[str],
    vendors: list[str],
    employers: list[str],
    pair: TellingPair | None,
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
