"""BM25 as engines and matching count it (Robertson & Zaragoza, 2009), with Lucene's rarity, which is never negative."""

import math

# Saturation of repeated words, and how much long texts are discounted.
K1, B = 1.2, 0.75


def rarity(*, documents: int, containing: int) -> float:
    """Return how much a word says: the less, the more documents contain it.

    Args:
        documents: how many there are.
        containing: how many of them contain the word.
    """
    return math.log(1 + (documents - containing + 0.5) / (containing + 0.5))
