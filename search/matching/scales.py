"""Scores of different scales made alike, and what two orders have in common."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Doubles: TypeAlias = npt.NDArray[np.float64]
Floats: TypeAlias = npt.NDArray[np.floating[Any]]


def standardised(scores: Floats) -> Doubles:
    """Return z-scores along the last axis; zeros where all score the same."""
    found = np.asarray(scores, dtype=np.float64)
    spread = found.std(axis=-1, keepdims=True)
    apart = found - found.mean(axis=-1, keepdims=True)
    return np.where(spread > 1e-12, apart / np.maximum(spread, 1e-12), 0.0)


def in_common(first: Floats, second: Floats) -> Doubles:
    """Return how far two scores of the same things put them in one order, along the last axis.

    It is their correlation; nothing where they go against each other, or where one of them says nothing.
    """
    return np.maximum((standardised(first) * standardised(second)).mean(axis=-1), 0.0)
