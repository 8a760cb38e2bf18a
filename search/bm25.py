"""BM25 as engines and matching count it (Robertson & Zaragoza, 2009), with Lucene's rarity, which is never negative."""

import math

import numpy as np
import numpy.typing as npt

# Saturation of repeated words, and how much long texts are discounted.
K1, B = 1.2, 0.75


def rarity(*, documents: int, containing: float) -> float:
    """Return how much a word says: the less, the more documents contain it.

    Args:
        documents: how many there are.
        containing: how many of them contain the word.
    """
    return math.log(1 + (documents - containing + 0.5) / (containing + 0.5))


def scored(
    weight: float | npt.NDArray[np.float64],
    frequencies: npt.NDArray[np.float32],
    lengths: npt.NDArray[np.float32],
    *,
    mean_length: float,
) -> npt.NDArray[np.float64]:
    """Return what one word adds to the score of each document that contains it.

    Args:
        weight: what the word says; or of several words, of each frequency what its word says, shape (n,).
        frequencies: how often it stands in each, counted by field; shape (n,).
        lengths: of the documents, counted alike; shape (n,).
        mean_length: of all documents.
    """
    norm = K1 * (1 - B + B * lengths / mean_length)
    return weight * (K1 + 1) * frequencies / (frequencies + norm)
