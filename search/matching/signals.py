"""Signals: for each candidate, how alike it is to the subject in one respect. Higher is more alike; scales differ."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from django.db import connection

from search.matching.candidates import LEXICAL_SQL, Collection
from search.matching.subject import Subject
from search.models import Document
from search.vectors import SMOOTH, has_pgvector, similarity_sql, vector_literal

Scores = npt.NDArray[np.float64]
"""One number a candidate, shape (n,), in the candidates' order."""

# What tells that two situations are alike. Industry and place tell where they are, not what they are.
SITUATION = ("technology", "harm", "right", "strategy", "affected", "arrangement", "occupation")


def lexical(terms: dict[str, float], ids: Sequence[int], whole: Collection) -> Scores:
    """Return BM25 of the subject's strongest words in each candidate."""
    scores = np.zeros(len(ids))
    if not terms:
        return scores
    with connection.cursor() as cursor:
        cursor.execute(
            LEXICAL_SQL.format(condition="p.document_id = ANY(%(ids)s)"),
            {
                "ids": list(ids),
                "lexemes": list(terms),
                "weights": list(terms.values()),
                "mean_length": whole.mean_length,
            },
        )
        found = dict(cursor.fetchall())
    return np.array([float(found.get(pk, 0.0)) for pk in ids])


def semantic(subject: Subject, ids: Sequence[int]) -> Scores | None:
    """Return the cosine of the smoothed vectors; None without an encoder."""
    if subject.smooth is None:
        return None
    pgvector = has_pgvector()
    vector = vector_literal(subject.smooth, pgvector=pgvector)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT v.document_id, {similarity_sql(SMOOTH, pgvector=pgvector)} FROM search_vector v "
            "WHERE v.document_id = ANY(%(ids)s)",
            {"vector": vector, "ids": list(ids)},
        )
        found = dict(cursor.fetchall())
    return np.array([float(found.get(pk, 0.0)) for pk in ids])


def concept_weights(values: set[str], depths: dict[str, int], whole: Collection) -> dict[str, float]:
    """Return how much sharing each concept says: more the rarer it is (shrunk for few documents), and the deeper.

    Args:
        values: facet values.
        depths: how many concepts lie above each; one that is missing counts as deep as it can be.
        whole: the collection.
    """
    if not values:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT value, (SELECT count(*) FROM search_document d WHERE NOT d.is_gone AND d.facets @> ARRAY[value])
            FROM unnest(%s::text[]) AS value
            """,
            [sorted(values)],
        )
        frequency = dict(cursor.fetchall())
    return {
        value: math.log((whole.documents + 50) / (frequency[value] + 5)) * (1 + min(depths.get(value, 2), 2)) / 3
        for value in values
    }


def concepts(mine: frozenset[str], theirs: Sequence[frozenset[str]], weights: dict[str, float]) -> Scores:
    """Return how much of what the two carry, by weight, they carry both: a weighted cosine, 0 to 1.

    Args:
        mine: facet values of the subject, with everything above them.
        theirs: the same of each candidate.
        weights: of every value that occurs.
    """
    own = sum(weights.get(value, 0.0) for value in mine)
    scores = np.zeros(len(theirs))
    for i, other in enumerate(theirs):
        shared = sum(weights.get(value, 0.0) for value in mine & other)
        total = sum(weights.get(value, 0.0) for value in other)
        if shared and own and total:
            scores[i] = shared / math.sqrt(own * total)
    return scores


def products(subject: Subject, candidates: Sequence[Document]) -> Scores | None:
    """Return 1 for a product in common, 0.7 for a vendor; None when the subject names neither."""
    if not subject.products and not subject.vendors:
        return None
    return np.array(
        [
            1.0
            if subject.products & set(candidate.products)
            else 0.7
            if subject.vendors & set(candidate.vendors)
            else 0.0
            for candidate in candidates
        ]
    )
