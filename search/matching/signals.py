"""Signals: how alike documents are to the subject, each in one respect. Higher is more alike; scales differ.

Words, concepts and names are cheap to compare with every document at once, by the columns in memory; vectors are
compared with candidates, and sentences only with the best of them.
"""

import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from django.db import connection

from search.bm25 import K1, rarity, scored
from search.engines.columns import Columns
from search.engines.postings import postings
from search.matching.centre import Centres
from search.matching.latent import latent_read
from search.matching.subject import Subject
from search.vectors import SMOOTH, has_pgvector, passages_read, similarity_sql, vector_literal

Scores: TypeAlias = npt.NDArray[np.float64]
"""One number a document, shape (n,), in the order of what was asked about: all rows of the columns, or candidates."""

# What tells that two situations are alike. Industry and place tell where they are, not what they are.
SITUATION = ("technology", "harm", "right", "strategy", "affected", "arrangement", "occupation")
# Words of a subject that are looked up: its strongest; the others say next to nothing.
MOST_TERMS = 80
VENDOR = EMPLOYER = 0.7
# Among so many documents, words that stand in more than this share of them, or in so many of them, cost most and tell
# least: they are left out.
MANY, COMMON, MOST_CONTAINING = 10_000, 0.1, 20_000


def lexical(subject: Subject, found: Columns) -> Scores:
    """Return BM25 of the subject's strongest words in every row.

    A word of the subject weighs the more the rarer it is, and the oftener it stands there.
    """
    scores = np.zeros(len(found.ids))
    telling = [word for word in sorted(subject.terms) if word not in found.common]
    stand = postings(found, telling)
    if found.documents >= MANY:
        most = min(found.documents * COMMON, MOST_CONTAINING)
        found.common.update(word for word in telling if len(stand[word][0]) > most)
    weights = {
        word: rarity(documents=found.documents, containing=len(stand[word][0]))
        * subject.terms[word]
        / (subject.terms[word] + K1)
        for word in telling
        if len(stand[word][0]) and word not in found.common
    }
    for word, weight in sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:MOST_TERMS]:
        rows, frequencies = stand[word]
        scores[rows] += scored(weight, frequencies, found.lengths[rows], mean_length=found.mean_length)
    return scores


def concepts(mine: frozenset[str], depths: Mapping[str, int], found: Columns) -> Scores:
    """Return how much of what the two carry, by weight, they carry both: a weighted cosine, 0 to 1, of every row.

    Sharing a concept says more the rarer it is (shrunk for few documents), and the deeper it lies in its tree.

    Args:
        mine: facet values of the subject, with everything above them.
        depths: how many concepts lie above each; one that is missing counts as deep as it can be.
        found: the columns.
    """

    def weight(value: str, count: int) -> float:
        rare = math.log((found.documents + 50) / (count + 5))
        return rare * (1 + min(depths.get(value, 2), 2)) / 3

    key = ("concepts", hash(frozenset(depths.items())))
    kept = found.memory.get(key)
    if kept is None:
        weights = np.array(
            [
                weight(value, int(count)) if value.partition(":")[0] in SITUATION else 0.0
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
            own += weight(value, 0)
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
    scores[found.carrying(f"employer:{key}" for key in subject.employers)] = EMPLOYER
    scores[found.carrying(f"vendor:{name}" for name in subject.vendors)] = VENDOR
    scores[found.carrying(f"product:{name}" for name in subject.products)] = 1.0
    return scores


def semantic(subject: Subject, ids: Sequence[int], known: Mapping[int, float]) -> Scores | None:
    """Return the cosine of the smoothed vectors; None without an encoder.

    Args:
        subject: what is matched.
        ids: the candidates.
        known: cosines that have been computed already.
    """
    if subject.smooth is None:
        return None
    missing = [pk for pk in ids if pk not in known]
    found = dict(known)
    if missing:
        pgvector = has_pgvector()
        vector = vector_literal(subject.smooth, pgvector=pgvector)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT v.document_id, {similarity_sql(SMOOTH, pgvector=pgvector)} FROM search_vector v "
                "WHERE v.document_id = ANY(%(ids)s)",
                {"vector": vector, "ids": missing},
            )
            found.update(cursor.fetchall())
    return np.array([float(found.get(pk, 0.0)) for pk in ids])


def latent(subject: Subject, ids: Sequence[int]) -> Scores | None:
    """Return the cosine of the places among the collection's directions; None where the subject has none.

    Args:
        subject: what is matched.
        ids: the candidates.
    """
    if subject.latent is None:
        return None
    known, places = latent_read(ids, directions=len(subject.latent))
    if not known:
        return None
    near = dict(zip(known, places @ subject.latent, strict=True))
    # One without a place is as near as the least near.
    least = min(near.values())
    return np.array([float(near.get(pk, least)) for pk in ids])


def passages(subject: Subject, ids: Sequence[int], around: Centres) -> Scores | None:
    """Return how well the sentences of the two answer each other; None without an encoder, or without sentences.

    Each sentence of the subject looks for the nearest of the candidate's, and each of the candidate's for the nearest
    of the subject's; the score is the mean of both means. One telling may be long and the other short.

    Args:
        subject: what is matched.
        ids: the candidates.
        around: the collection's centres.
    """
    if subject.passage_vectors is None or not len(subject.passage_vectors):
        return None
    stored = passages_read(ids, dimensions=subject.passage_vectors.shape[1])
    known = [pk for pk in ids if pk in stored and len(stored[pk][1])]
    scores = np.zeros(len(ids))
    if not known:
        return None
    counts = np.array([len(stored[pk][1]) for pk in known])
    begins = np.concatenate([[0], np.cumsum(counts)[:-1]])
    mine = around.away(subject.passage_vectors, subject.language)
    languages = [stored[pk][0] for pk, count in zip(known, counts, strict=True) for _ in range(count)]
    theirs = around.away_each(np.concatenate([stored[pk][1] for pk in known]), languages)
    near = mine @ theirs.T
    forward = np.maximum.reduceat(near, begins, axis=1).mean(axis=0)
    backward = np.add.reduceat(near.max(axis=0), begins) / counts
    score_of = dict(zip(known, (forward + backward) / 2, strict=True))
    # One without sentences is as near as the least near.
    least = min(score_of.values())
    scores[:] = [score_of.get(pk, least) for pk in ids]
    return scores
