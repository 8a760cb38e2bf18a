"""Fusion: signals on different scales become one score.

Each signal is standardised (z-score) over the subject's candidates and mixed by weights from one file that names their
origin. On labelled incident reports this beat reciprocal-rank fusion; ``docs/matching.md`` has the figures. What is
taken from another signal counts as far as it can be trusted for this subject.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np

from search.matching.scales import in_common, standardised
from search.matching.signals.weighing import Scores

SIGNALS = frozenset({"semantic", "lexical", "passages", "latent", "concepts", "named"})
_DERIVED, _FROM = "latent", "lexical"
# What is heard beside the collection's directions, and how much more it counts where these agree with it in full than
# where they do not at all.
_WITNESSED, _WITNESS = ("semantic", "lexical"), "latent"
_AGREED = 3.0
# So many sentences beyond the first tell all that sentences can.
_SENTENCES = 5
WEIGHTS_FILE = Path(__file__).parent / "weights.json"


class WeightsError(Exception):
    """A file of weights cannot be used; the message says why."""


@lru_cache(maxsize=1)
def weights() -> dict[str, float]:
    """Return the weight of each signal, from the weights file."""
    return weights_read(WEIGHTS_FILE)


def weights_read(path: Path) -> dict[str, float]:
    """Return the weight of each signal, from a file.

    Raises:
        WeightsError: it has none, or of other signals than the site's own.
    """
    try:
        found = {str(name): float(weight) for name, weight in json.loads(path.read_text())["weights"].items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise WeightsError(f'{path}: not a JSON object with "weights", a number for each signal.') from error
    if unknown := found.keys() - SIGNALS:
        raise WeightsError(f"{path}: there is no signal called {sorted(unknown)[0]}.")
    return found


def trust(signals: Mapping[str, Scores], *, sentences: int) -> dict[str, float]:
    """Return how many times each signal counts for this subject, before any judgement; most count once.

    - *Semantic* and *lexical* are heard beside a witness, the collection's directions, which know nothing of what words
      mean elsewhere, and not which of them a text shares with another. Each counts by how far it puts the candidates
      in the order that these do: half where not at all, twice where in full, (1 + 3 r) / 2 with the correlation r.
    - *Latent* is these directions, and they are taken from words. Where they put the candidates in an order of their
      own, they do not hold what this subject says (it is short, or tells of something that few others do), and what
      they add is chance. It counts by the share of variance that it has in common with the words, r².
    - *Passages* is taken from the encoder that has read the whole: of one sentence it says the same once more. It
      counts in full for six.

    Args:
        signals: name → scores, all of one shape (n,), of all candidates.
        sentences: how many the subject has.
    """
    found = dict.fromkeys(signals, 1.0) | {"passages": min(max(sentences - 1, 0) / _SENTENCES, 1.0)}
    if _WITNESS in signals:
        for name in _WITNESSED:
            if name in signals:
                found[name] = (1 + _AGREED * float(in_common(signals[name], signals[_WITNESS]))) / 2
    if {_DERIVED, _FROM} <= signals.keys():
        found[_DERIVED] = float(in_common(signals[_DERIVED], signals[_FROM])) ** 2
    return found


def trusted(mix: Mapping[str, float], signals: Mapping[str, Scores], *, sentences: int) -> dict[str, float]:
    """Return the weight of each signal for this subject.

    Args:
        mix: the weight of each where it counts once.
        signals: what each says of all candidates.
        sentences: how many the subject has.
    """
    by = trust(signals, sentences=sentences)
    return {name: weight * by.get(name, 1.0) for name, weight in mix.items()}


def fuse(signals: Mapping[str, Scores], mix: Mapping[str, float]) -> tuple[Scores, dict[str, Scores]]:
    """Return each candidate's score, and what each signal contributed to it.

    Args:
        signals: name → scores, all of one shape (n,).
        mix: the weight of each; one that has none counts for nothing.
    """
    parts = {name: mix.get(name, 0.0) * standardised(scores) for name, scores in signals.items()}
    size = len(next(iter(signals.values()))) if signals else 0
    return sum(parts.values(), start=np.zeros(size)), parts
