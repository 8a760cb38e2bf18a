"""Candidates from the database alone: words, concepts and names by the columns in memory, vectors by their index."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection

from search.engines.columns import Columns, Rows
from search.engines.snapshots import columns
from search.matching.candidates import PER_SOURCE, Candidates, Scope, best
from search.matching.signals import everywhere
from search.matching.signals.weighing import Scores
from search.matching.subject import Subject
from search.matching.trees import Tree
from search.vectors import OWN, has_pgvector, index_ask_for, nearest_first_sql, similarity_sql, vector_literal

# Among so few, each is compared: the index of vectors would pass over ten others for each that is meant.
FEW = 4000


@dataclass(frozen=True)
class MeasuredByColumns:
    """A subject beside the columns. ``whole`` has scores of every row of ``found``, by signal."""

    subject: Subject
    found: Columns
    whole: Mapping[str, Scores]

    def candidates(self, scope: Scope) -> Candidates:
        """Return the candidates of a scope, and what each signal but that of sentences says of them."""
        found = self.found
        mask = scope.mask(found)
        near = nearest_candidates(self.subject, scope, found.ids[mask])
        near_rows = found.rows(np.array(list(near), dtype=np.int64))
        by_whole = (best(scores, mask) for scores in self.whole.values())
        rows = np.unique(np.concatenate([near_rows[near_rows >= 0], *by_whole]))
        signals = {name: scores[rows] for name, scores in self.whole.items()}
        return Candidates(found.ids[rows], found.high[rows], found.low[rows], signals).with_vectors(self.subject)


def measure_by_columns(subject: Subject, tree: Tree) -> MeasuredByColumns:
    """Return what the signals of whole texts say of every document that the database holds now."""
    found = columns()
    whole = {"lexical": everywhere.lexical(subject, found)}
    if mine := tree.closure(subject.concepts):
        whole["concepts"] = everywhere.concepts(mine, tree.depths, found)
    if subject.products or subject.vendors or subject.employers:
        whole["named"] = everywhere.named(subject, found)
    return MeasuredByColumns(subject, found, whole)


def nearest_candidates(subject: Subject, scope: Scope, meant: Rows, *, limit: int = PER_SOURCE) -> dict[int, float]:
    """Return the documents nearest in meaning: id → cosine. Empty without an encoder.

    Args:
        subject: its own vector is compared with theirs, as Elasticsearch does; smoothed ones are a signal, and no index
            has to lead to them.
        scope: which documents may be matched.
        meant: their ids.
        limit: how many.
    """
    if subject.own is None or not len(meant):
        return {}
    pgvector = has_pgvector()
    parameters: dict[str, Any] = {"vector": vector_literal(subject.own, pgvector=pgvector), "limit": limit}
    similarity = similarity_sql(OWN, pgvector=pgvector)
    with connection.cursor() as cursor:
        if len(meant) <= FEW or not pgvector:
            cursor.execute(
                f"SELECT v.document_id, {similarity} AS near FROM search_vector v "
                "WHERE v.document_id = ANY(%(ids)s) ORDER BY near DESC LIMIT %(limit)s",
                {**parameters, "ids": meant.tolist()},
            )
        else:
            # The index is asked on until enough documents of the wanted kind and industry are found.
            index_ask_for(cursor, limit)
            order = nearest_first_sql(pgvector=pgvector)
            cursor.execute(
                f"""
                SELECT v.document_id, {similarity} FROM search_vector v JOIN search_document d ON d.id = v.document_id
                WHERE {scope.sql()} ORDER BY {order} LIMIT %(limit)s
                """,
                {**scope.parameters(), **parameters},
            )
        return {int(pk): float(score) for pk, score in cursor.fetchall()}
