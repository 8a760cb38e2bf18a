"""nDCG@10, P@5, MRR and recall@50 by the field's own library, with a bootstrap interval."""

from collections.abc import Mapping
from dataclasses import dataclass

import ir_measures
import numpy as np
from ir_measures import RR, P, R, nDCG

MEASURES = {"nDCG@10": nDCG @ 10, "P@5": P @ 5, "MRR": RR, "recall@50": R @ 50}
RESAMPLES = 1000

Qrels = Mapping[str, Mapping[str, int]]
"""Query → document → grade; what is not there is not relevant."""
Run = Mapping[str, Mapping[str, float]]
"""Query → document → score."""


@dataclass(frozen=True)
class Figure:
    """A mean over queries and its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float


def measure(qrels: Qrels, run: Run, *, seed: int = 1) -> dict[str, Figure]:
    """Return each measure's mean over the judged queries; a query for which nothing was found counts as zero.

    Args:
        qrels: judgements; only queries with a relevant document are counted.
        run: what a ranking found.
        seed: of the bootstrap.
    """
    judged = {query: dict(grades) for query, grades in qrels.items() if any(grade > 0 for grade in grades.values())}
    values = {name: dict.fromkeys(judged, 0.0) for name in MEASURES}
    by_measure = {str(wanted): name for name, wanted in MEASURES.items()}
    answered = {query: dict(run.get(query, {})) for query in judged if run.get(query)}
    if answered:
        for metric in ir_measures.iter_calc(list(MEASURES.values()), judged, answered):
            values[by_measure[str(metric.measure)]][metric.query_id] = metric.value
    return {name: _figure(np.array(list(by_query.values())), seed) for name, by_query in values.items()}


def _figure(values: np.ndarray, seed: int) -> Figure:
    if not len(values):
        return Figure(0.0, 0.0, 0.0)
    draws = np.random.default_rng(seed).integers(0, len(values), size=(RESAMPLES, len(values)))
    low, high = np.percentile(values[draws].mean(axis=1), [2.5, 97.5])
    return Figure(float(values.mean()), float(low), float(high))
