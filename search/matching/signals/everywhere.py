"""Signals of every document at once, by the columns in memory: words, concepts and names are cheap to compare so."""

from collections.abc import Mapping

import numpy as np

from search.bm25 import scored
from search.engines.columns import Columns
from search.engines.postings import postings
from search.matching.signals.weighing import Scores, concept_weight, is_common, names_of, strongest_words
from search.matching.subject import Subject


def lexical(subject: Subject, found: Columns) -> Scores:
    """Return BM25 of the subject's strongest words in every row."""
    scores = np.zeros(len(found.ids))
    telling = [word for word in sorted(subject.terms) if word not in found.common]
    stand = postings(found, telling)
    containing = {word: len(stand[word][0]) for word in telling}
    found.common.update(word for word, number in containing.items() if is_common(number, documents=found.documents))
    for word, weight in strongest_words(subject.terms, containing, documents=found.documents):
        rows, frequencies = stand[word]
        scores[rows] += scored(weight, frequencies, found.lengths[rows], mean_length=found.mean_length)
    return scores


def concepts(mine: frozenset[str], depths: Mapping[str, int], found: Columns) -> Scores:
    """Return how much of what the two carry, by weight, they carry both: a weighted cosine, 0 to 1, of every row.

    Args:
        mine: facet values of the subject, with everything above them.
        depths: how many concepts lie above each.
        found: the columns.
    """
    key = ("concepts", hash(frozenset(depths.items())))
    kept = found.memory.get(key)
    if kept is None:
        weights = np.array(
            [
                concept_weight(value, int(count), depths, documents=found.documents)
                for value, count in zip(found.values, found.carried(), strict=True)
            ]
        )
        kept = weights, found.weighed(weights)
        found.memory.put(key, kept)
    weights, total = kept
    both = np.zeros(len(found.ids))
    own = 0.0
    for value in sorted(mine):
        code = found.codes.get(value)
        if code is None:
            own += concept_weight(value, 0, depths, documents=found.documents)
        else:
            own += float(weights[code])
            both[found.rows_carrying(value)] += weights[code]
    scores = np.zeros(len(found.ids))
    some = (both > 0) & (total > 0)
    if own > 0:
        scores[some] = both[some] / np.sqrt(own * total[some])
    return scores


def named(subject: Subject, found: Columns) -> Scores:
    """Return 1 for a product in common, 0.7 for a vendor or an employer, of every row."""
    scores = np.zeros(len(found.ids))
    for value, said in sorted(names_of(subject).items(), key=lambda item: item[1]):
        scores[found.rows_carrying(value)] = said
    return scores
