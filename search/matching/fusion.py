"""Fusion: signals on different scales become one score.

Each signal is standardised (z-score) over the subject's candidates and mixed by weights from one file that names their
origin. On labelled incident reports this beat reciprocal-rank fusion; ``docs/matching.md`` has the figures.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np

from search.matching.signals.weighing import Scores

WEIGHTS_FILE = Path(__file__).parent / "weights.json"


@lru_cache(maxsize=1)
def weights() -> dict[str, float]:
    """Return the weight of each signal, from the weights file."""
    return {name: float(weight) for name, weight in json.loads(WEIGHTS_FILE.read_text())["weights"].items()}


def standardised(scores: Scores) -> Scores:
    """Return z-scores; zeros when all candidates score the same."""
    spread = scores.std()
    return (scores - scores.mean()) / spread if spread > 1e-12 else np.zeros_like(scores)


def fuse(signals: Mapping[str, Scores], mix: Mapping[str, float]) -> tuple[Scores, dict[str, Scores]]:
    """Return each candidate's score, and what each signal contributed to it.

    Args:
        signals: name → scores, all of one shape (n,).
        mix: the weight of each; one that has none counts for nothing.
    """
    parts = {name: mix.get(name, 0.0) * standardised(scores) for name, scores in signals.items()}
    size = len(next(iter(signals.values()))) if signals else 0
    return sum(parts.values(), start=np.zeros(size)), parts
