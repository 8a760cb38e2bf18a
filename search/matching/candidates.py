"""Candidates: the documents that are worth a closer look, by words, by nearest vectors, and by what they carry.

A candidate is of a wanted kind, is not the subject itself, and (unless asked otherwise) shares no industry with it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection

from search.engines.columns import Columns, Mask, Rows
from search.matching.signals import Scores
from search.matching.subject import Subject
from search.vectors import SMOOTH, has_pgvector, nearest_first_sql, similarity_sql, vector_literal

# Twice as many found nothing more, on three collections.
PER_SOURCE = 100
# Among so few, each is compared: the index of vectors would pass over ten others for each that is meant.
FEW = 4000


@dataclass(frozen=True)
class Scope:
    """Which documents may be matched.

    ``exclude_subsectors``: documents of one of these industries are left out; ``kinds``: only these.
    """

    kinds: tuple[str, ...]
    exclude_subsectors: tuple[str, ...] = ()
    exclude_ids: tuple[int, ...] = (0,)

    def mask(self, found: Columns) -> Mask:
        """Return which rows of the columns are meant."""
        meant = found.present & found.carrying(f"type:{kind}" for kind in self.kinds)
        meant &= ~found.carrying(f"subsector:{code}" for code in self.exclude_subsectors)
        rows = found.rows(np.array(self.exclude_ids, dtype=np.int64))
        meant[rows[rows >= 0]] = False
        return meant

    def sql(self) -> str:
        """Return the condition on ``search_document AS d``."""
        return (
            "NOT d.is_gone AND d.kind = ANY(%(kinds)s) AND NOT d.subsectors && %(subsectors)s::text[] "
            "AND d.id <> ALL(%(exclude)s)"
        )

    def parameters(self) -> dict[str, Any]:
        """Return the values of the condition."""
        return {
            "kinds": list(self.kinds),
            "subsectors": list(self.exclude_subsectors),
            "exclude": list(self.exclude_ids),
        }


def best(scores: Scores, mask: Mask, *, limit: int = PER_SOURCE) -> Rows:
    """Return the rows with the highest scores above nothing, in no order; of equals, those of the oldest documents.

    Args:
        scores: of every row.
        mask: which rows are meant.
        limit: how many, at most.
    """
    rows = np.flatnonzero(mask & (scores > 0))
    if len(rows) <= limit:
        return rows
    here = scores[rows]
    edge = np.partition(here, len(here) - limit)[len(here) - limit]
    above = rows[here > edge]
    return np.concatenate([above, rows[here == edge][: limit - len(above)]])


def nearest_candidates(
    subject: Subject, scope: Scope, meant: Rows, *, limit: int = PER_SOURCE, column: str = SMOOTH
) -> dict[int, float]:
    """Return the documents nearest in meaning: id → cosine. Empty without an encoder.

    Args:
        subject: its smoothed vector is compared.
        scope: which documents may be matched.
        meant: their ids.
        limit: how many.
        column: with which vectors of the documents.
    """
    if subject.smooth is None or not len(meant):
        return {}
    pgvector = has_pgvector()
    parameters: dict[str, Any] = {"vector": vector_literal(subject.smooth, pgvector=pgvector), "limit": limit}
    similarity = similarity_sql(column, pgvector=pgvector)
    with connection.cursor() as cursor:
        if len(meant) <= FEW or not pgvector:
            cursor.execute(
                f"SELECT v.document_id, {similarity} AS near FROM search_vector v "
                "WHERE v.document_id = ANY(%(ids)s) ORDER BY near DESC LIMIT %(limit)s",
                {**parameters, "ids": meant.tolist()},
            )
        else:
            # The index is asked on until enough documents of the wanted kind and industry are found.
            cursor.execute(
                "SELECT set_config('hnsw.iterative_scan', 'relaxed_order', false), "
                "set_config('hnsw.ef_search', %s, false)",
                [str(limit)],
            )
            order = nearest_first_sql(column, pgvector=pgvector)
            cursor.execute(
                f"""
                SELECT v.document_id, {similarity} FROM search_vector v JOIN search_document d ON d.id = v.document_id
                WHERE {scope.sql()} ORDER BY {order} LIMIT %(limit)s
                """,
                {**scope.parameters(), **parameters},
            )
        return {int(pk): float(score) for pk, score in cursor.fetchall()}
