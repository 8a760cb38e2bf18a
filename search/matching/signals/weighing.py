"""What words and concepts that two have in common weigh, by how many documents have them."""

import math
from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from search.bm25 import K1, rarity
from search.matching.subject import Subject

Scores: TypeAlias = npt.NDArray[np.float64]
"""One number a document, shape (n,), in the order of what was asked about: all rows of the columns, or candidates."""

# What tells that two situations are alike. Industry and place tell where they are, not what they are.
SITUATION = ("technology", "harm", "right", "strategy", "affected", "arrangement", "occupation")
# Words of a subject that are looked up: its strongest; the others say next to nothing.
MOST_TERMS = 80
PRODUCT, VENDOR, EMPLOYER = 1.0, 0.7, 0.7
# Among so many documents, words that stand in more than this share of them, or in so many of them, cost most and tell
# least: they are left out.
MANY, COMMON, MOST_CONTAINING = 10_000, 0.1, 20_000


def is_common(containing: float, *, documents: int) -> bool:
    """Whether a word stands in so many documents that it tells little.

    Args:
        containing: how many contain it.
        documents: how many there are.
    """
    return documents >= MANY and containing > min(documents * COMMON, MOST_CONTAINING)


def strongest_words(
    terms: Mapping[str, float], containing: Mapping[str, float], *, documents: int
) -> list[tuple[str, float]]:
    """Return the subject's strongest words with what each says, strongest first.

    A word of the subject weighs the more the rarer it is, and the oftener it stands there.

    Args:
        terms: how often each word of the subject stands there.
        containing: how many documents contain each; one that none contains is left out.
        documents: how many there are.
    """
    weights = {
        word: rarity(documents=documents, containing=number) * terms[word] / (terms[word] + K1)
        for word, number in containing.items()
        if number and not is_common(number, documents=documents)
    }
    return sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:MOST_TERMS]


def concept_weight(value: str, count: float, depths: Mapping[str, int], *, documents: int) -> float:
    """Return how much sharing a concept says: the more, the rarer it is (shrunk for few), and the deeper it lies.

    Args:
        value: the facet value; what is no concept of a situation says nothing.
        count: how many documents carry it.
        depths: how many concepts lie above each; one that is missing counts as deep as it can be.
        documents: how many there are.
    """
    if value.partition(":")[0] not in SITUATION:
        return 0.0
    rare = math.log((documents + 50) / (count + 5))
    return rare * (1 + min(depths.get(value, 2), 2)) / 3


def names_of(subject: Subject) -> dict[str, float]:
    """Return the facet values of the names that a subject carries, with what sharing each says."""
    return {
        **{f"employer:{key}": EMPLOYER for key in subject.employers},
        **{f"vendor:{name}": VENDOR for name in subject.vendors},
        **{f"product:{name}": PRODUCT for name in subject.products},
    }
