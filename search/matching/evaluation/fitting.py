"""Fits the weights of the signals to judged collections, and says whether the fit wins on judgements it has not seen.

Coordinate ascent on nDCG@10 itself (Metzler & Croft, 2007): with so few weights it finds what there is to find, and
needs no loss that stands for the measure. It ends on one of many hills of nearly the same height, so it begins in
several places, and the mean of where it ends is taken. Several collections count alike, each by how far it is above
where it stood.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from search.matching.evaluation.corpus import Corpus
from search.matching.evaluation.measures import Qrels
from search.matching.evaluation.runs import subject_scope
from search.matching.fusion import fuse, trust, trusted
from search.matching.matcher import MOST_COMPARED, Matcher
from search.matching.scales import standardised
from search.matching.subject import subject_of_document

FOLDS = 5
DEPTH = 10
# A weight is tried at so many places between nothing and all.
_STEPS = 21
# Less than this is no progress.
_PROGRESS = 1e-5
_RESAMPLES = 2000
# Where else than at the weights to beat the ascent begins: with all alike, and in so many places drawn at random.
_DRAWN_STARTS = 6
_DISCOUNT = 1 / np.log2(np.arange(DEPTH) + 2)

Floats = npt.NDArray[np.float64]


@dataclass
class Examples:
    """The judged queries of one collection, as the signals saw their candidates.

    Of each query: ``signals``, z-scores of shape (candidates, signals) in the order of ``names``, each as far as it can
    be trusted there; ``gains``, the grade of each candidate; ``ideal``, the discounted gain of a perfect list;
    ``fold``, the part in which it is left out. Queries that share a relevant document are in one fold.
    """

    name: str
    names: tuple[str, ...]
    signals: list[Floats] = field(default_factory=list)
    gains: list[Floats] = field(default_factory=list)
    ideal: list[float] = field(default_factory=list)
    fold: list[int] = field(default_factory=list)

    def __add__(self, other: "Examples") -> "Examples":
        """Return these queries and others of the same collection."""
        return Examples(
            self.name,
            self.names,
            self.signals + other.signals,
            self.gains + other.gains,
            self.ideal + other.ideal,
            self.fold + other.fold,
        )

    def ndcg(self, weights: Floats, queries: Sequence[int] | None = None) -> Floats:
        """Return nDCG@10 of each query.

        Args:
            weights: of the signals.
            queries: their numbers; all by default.
        """
        found = []
        for number in range(len(self.signals)) if queries is None else queries:
            scores = self.signals[number] @ weights
            first = np.argsort(-scores, kind="stable")[:DEPTH]
            gains = self.gains[number][first]
            found.append(float(gains @ _DISCOUNT[: len(gains)]) / self.ideal[number])
        return np.array(found)


@dataclass(frozen=True)
class Fit:
    """Fitted weights, and how they do on queries they were not fitted to.

    ``before`` and ``after`` are mean nDCG@10 over held-out queries, of each collection; ``interval`` is the 95 %
    bootstrap interval of the mean relative gain over all collections.
    """

    weights: dict[str, float]
    before: dict[str, float]
    after: dict[str, float]
    gain: float
    interval: tuple[float, float]

    @property
    def wins(self) -> bool:
        """Whether the fit is better where it has not looked, by more than chance."""
        return self.interval[0] > 0


def examples_collect(
    name: str,
    corpus: Corpus,
    qrels: Qrels,
    matcher: Matcher,
    names: Sequence[str],
    *,
    queries: Sequence[str] | None = None,
) -> Examples:
    """Return the judged queries of a loaded corpus as the matcher's signals see their candidates.

    Args:
        name: of the collection.
        corpus: the loaded corpus.
        qrels: its judgements.
        matcher: the site's own.
        names: the signals whose weights are asked for.
        queries: some of those judged; all by default.
    """
    found = Examples(name, tuple(names))
    outside = corpus.outside()
    folds = _folds(qrels)
    for query in qrels if queries is None else queries:
        grades, document = qrels[query], corpus.documents[query]
        subject = subject_of_document(document)
        candidates = matcher.measure(subject).candidates(subject_scope(document))
        relevant = sorted((grade for grade in grades.values() if grade > 0), reverse=True)[:DEPTH]
        if not len(candidates) or not relevant:
            continue
        sentences = len(subject.passages)
        by = trust(candidates.signals, sentences=sentences)
        scores, _parts = fuse(candidates.signals, trusted(matcher.mix, candidates.signals, sentences=sentences))
        first = candidates.at(np.argsort(-scores, kind="stable")[:MOST_COMPARED])
        fine = matcher.compared(subject, first) or first.signals
        nothing = np.zeros(len(first))
        found.signals.append(
            np.stack([by.get(signal, 1.0) * standardised(fine.get(signal, nothing)) for signal in names], axis=1)
        )
        ids = [outside[int(pk)] for pk in first.ids]
        found.gains.append(np.array([float(max(grades.get(one, 0), 0)) for one in ids]))
        found.ideal.append(float(np.array(relevant, dtype=float) @ _DISCOUNT[: len(relevant)]))
        found.fold.append(folds[query])
    return found


def fit(collections: Sequence[Examples], start: Mapping[str, float]) -> Fit:
    """Fit weights, and find out by cross-validation how the way of fitting does on queries it has not seen.

    Args:
        collections: the examples, all with the same signals.
        start: the weights to begin from, and to beat. What varies in no collection keeps its weight.
    """
    names = collections[0].names
    begin = np.array([start.get(name, 0.0) for name in names])
    varies = [any(np.any(signals[:, at]) for one in collections for signals in one.signals) for at in range(len(names))]
    free = [at for at, does in enumerate(varies) if does]
    held: list[list[tuple[float, float]]] = [[] for _ in collections]
    for fold in range(FOLDS):
        seen = [[n for n, where in enumerate(one.fold) if where != fold] for one in collections]
        weights = _fitted(collections, seen, begin, free)
        for number, one in enumerate(collections):
            left = [n for n, where in enumerate(one.fold) if where == fold]
            held[number] += zip(one.ndcg(begin, left), one.ndcg(weights, left), strict=True)
    whole = _fitted(collections, [list(range(len(one.signals))) for one in collections], begin, free)
    pairs = [np.array(rows) for rows in held]
    drawn = np.random.default_rng(1)
    resampled = [
        float(np.mean([_gain(rows[drawn.integers(0, len(rows), len(rows))]) for rows in pairs]))
        for _ in range(_RESAMPLES)
    ]
    low, high = np.percentile(resampled, [2.5, 97.5])
    return Fit(
        weights={name: round(float(weight), 3) for name, weight in zip(names, whole, strict=True)},
        before={one.name: float(rows[:, 0].mean()) for one, rows in zip(collections, pairs, strict=True)},
        after={one.name: float(rows[:, 1].mean()) for one, rows in zip(collections, pairs, strict=True)},
        gain=float(np.mean([_gain(rows) for rows in pairs])),
        interval=(float(low), float(high)),
    )


def _gain(rows: Floats) -> float:
    before, after = rows.mean(axis=0)
    return float(after / before - 1) if before else 0.0


def _fitted(collections: Sequence[Examples], seen: list[list[int]], begin: Floats, free: list[int]) -> Floats:
    """Return the mean of where the ascent ends from several starts, all of the same sum as the weights to beat."""
    if not any(seen):
        return begin
    drawn = np.random.default_rng(2)
    mixes = [np.ones(len(free)) / len(free), *(drawn.dirichlet(np.ones(len(free))) for _ in range(_DRAWN_STARTS))]
    starts = [begin]
    for mix in mixes:
        start = begin.copy()
        start[free] = mix * begin[free].sum()
        starts.append(start)
    return np.mean([_ascend(collections, seen, start, free) for start in starts], axis=0)


def _ascend(collections: Sequence[Examples], seen: list[list[int]], begin: Floats, free: list[int]) -> Floats:
    """Move one weight at a time to where the mean is highest, the others in proportion, until nothing is gained."""
    share = begin[free].sum()
    # Where all judgements hang together, all of a collection's queries are in one part, and none is seen.
    asked = [(one, queries) for one, queries in zip(collections, seen, strict=True) if queries]
    stood = [float(one.ndcg(begin, queries).mean()) or 1.0 for one, queries in asked]

    def worth(weights: Floats) -> float:
        each = zip(asked, stood, strict=True)
        return float(np.mean([one.ndcg(weights, queries).mean() / before for (one, queries), before in each]))

    best, best_worth = begin.copy(), worth(begin)
    while True:
        before = best_worth
        for at in free:
            others = [other for other in free if other != at]
            here, rest = best, best[others].sum()
            for part in np.linspace(0, 0.95, _STEPS - 1):
                tried = here.copy()
                tried[at] = part * share
                tried[others] = here[others] / rest * (1 - part) * share if rest else (1 - part) * share / len(others)
                if (value := worth(tried)) > best_worth + _PROGRESS:
                    best, best_worth = tried, value
        if best_worth <= before + _PROGRESS:
            return best


def _folds(qrels: Qrels) -> dict[str, int]:
    """Return the fold of each query; queries that share a relevant document, or are one, have the same."""
    above: dict[str, str] = {}

    def root(one: str) -> str:
        while above.setdefault(one, one) != one:
            one = above[one]
        return one

    for query, grades in qrels.items():
        for document, grade in grades.items():
            if grade > 0:
                above[root(document)] = root(query)
    groups = {name: number for number, name in enumerate(sorted({root(query) for query in qrels}))}
    return {query: groups[root(query)] % FOLDS for query in qrels}
