"""Signals of candidates by vectors: what the encoder, the collection and the single sentences say."""

from collections.abc import Sequence

import numpy as np
from django.db import connection

from search.matching.centre import Centres
from search.matching.latent import latent_read
from search.matching.signals.weighing import Scores
from search.matching.subject import Subject
from search.vectors import SMOOTH, has_pgvector, passages_read, similarity_sql, vector_literal


def semantic(subject: Subject, ids: Sequence[int]) -> Scores | None:
    """Return the cosine of the smoothed vectors; None without an encoder.

    Args:
        subject: what is matched.
        ids: the candidates.
    """
    if subject.smooth is None:
        return None
    pgvector = has_pgvector()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT v.document_id, {similarity_sql(SMOOTH, pgvector=pgvector)} FROM search_vector v "
            "WHERE v.document_id = ANY(%(ids)s)",
            {"vector": vector_literal(subject.smooth, pgvector=pgvector), "ids": list(ids)},
        )
        found: dict[int, float] = dict(cursor.fetchall())
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
