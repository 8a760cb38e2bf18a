"""Candidates: the documents that are worth a closer look, from the words and from the nearest vectors.

A candidate is of a wanted kind, is not the subject itself, and (unless asked otherwise) shares no industry with it.
"""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from search.bm25 import K1, B, rarity
from search.matching.subject import Subject
from search.vectors import SMOOTH, has_pgvector, nearest_first_sql, similarity_sql, vector_literal

# Words of a subject that are looked up: its strongest; the others add work and next to nothing else.
MOST_TERMS = 40
PER_SOURCE = 200


@dataclass(frozen=True)
class Scope:
    """Which documents may be matched.

    ``exclude_subsectors``: documents of one of these industries are left out; ``kinds``: only these.
    """

    kinds: tuple[str, ...]
    exclude_subsectors: tuple[str, ...] = ()
    exclude_ids: tuple[int, ...] = (0,)

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


@dataclass(frozen=True)
class Collection:
    """Size of what is matched against, as BM25 needs it."""

    documents: int
    mean_length: float


def collection() -> Collection:
    """Return number and mean length of the documents that are there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), coalesce(avg(length), 1) FROM search_document WHERE NOT is_gone")
        documents, mean_length = cursor.fetchone()
    return Collection(documents, max(float(mean_length), 1.0))


def weighted_terms(subject: Subject, whole: Collection) -> dict[str, float]:
    """Return the subject's strongest words with their weights: how often they stand in it, times how rare they are."""
    if not subject.terms:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lexeme, count(*) FROM search_posting WHERE lexeme = ANY(%s) GROUP BY lexeme", [list(subject.terms)]
        )
        frequency = dict(cursor.fetchall())
    weights = {}
    for lexeme, count in subject.terms.items():
        documents = frequency.get(lexeme, 0)
        if documents:
            says = rarity(documents=whole.documents, containing=documents)
            weights[lexeme] = says * count / (count + K1)
    strongest = sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:MOST_TERMS]
    return dict(strongest)


LEXICAL_SQL = f"""
    SELECT p.document_id, sum(q.weight * p.frequency * {K1 + 1}
        / (p.frequency + {K1} * ({1 - B} + {B} * d.length / %(mean_length)s))) AS score
    FROM unnest(%(lexemes)s::text[], %(weights)s::float8[]) AS q (lexeme, weight)
    JOIN search_posting p USING (lexeme)
    JOIN search_document d ON d.id = p.document_id
    WHERE {{condition}}
    GROUP BY p.document_id
"""


def lexical_candidates(
    terms: dict[str, float], whole: Collection, scope: Scope, *, limit: int = PER_SOURCE
) -> dict[int, float]:
    """Return the best documents by words: id → BM25 score."""
    if not terms:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            LEXICAL_SQL.format(condition=scope.sql()) + " ORDER BY score DESC, p.document_id LIMIT %(limit)s",
            {
                **scope.parameters(),
                "lexemes": list(terms),
                "weights": list(terms.values()),
                "mean_length": whole.mean_length,
                "limit": limit,
            },
        )
        return {int(pk): float(score) for pk, score in cursor.fetchall()}


def nearest_candidates(
    subject: Subject, scope: Scope, *, limit: int = PER_SOURCE, column: str = SMOOTH
) -> dict[int, float]:
    """Return the documents nearest in meaning: id → cosine. Empty without an encoder.

    Args:
        subject: its smoothed vector is compared.
        scope: which documents may be matched.
        limit: how many.
        column: with which vectors of the documents.
    """
    if subject.smooth is None:
        return {}
    pgvector = has_pgvector()
    vector = vector_literal(subject.smooth, pgvector=pgvector)
    similarity = similarity_sql(column, pgvector=pgvector)
    order = nearest_first_sql(column, pgvector=pgvector)
    with connection.cursor() as cursor:
        if pgvector:
            # The index is asked on until enough documents of the wanted kind and industry are found.
            cursor.execute("SELECT set_config('hnsw.iterative_scan', 'relaxed_order', false)")
            cursor.execute("SELECT set_config('hnsw.ef_search', %s, false)", [str(limit)])
        cursor.execute(
            f"""
            SELECT v.document_id, {similarity} FROM search_vector v JOIN search_document d ON d.id = v.document_id
            WHERE {scope.sql()} ORDER BY {order} LIMIT %(limit)s
            """,
            {**scope.parameters(), "vector": vector, "limit": limit},
        )
        return {int(pk): float(score) for pk, score in cursor.fetchall()}


def concept_candidates(subject: Subject, scope: Scope, *, limit: int = PER_SOURCE) -> list[int]:
    """Return the documents that share most of the subject's concepts, products or vendors."""
    values = sorted(
        {
            *subject.concepts,
            *(f"product:{name}" for name in subject.products),
            *(f"vendor:{n}" for n in subject.vendors),
        }
    )
    values = [value for value in values if value.partition(":")[0] not in {"industry", "place"}]
    if not values:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT d.id FROM search_document d
            WHERE {scope.sql()} AND d.facets && %(values)s::text[]
            ORDER BY cardinality(ARRAY(SELECT unnest(d.facets) INTERSECT SELECT unnest(%(values)s::text[]))) DESC, d.id
            LIMIT %(limit)s
            """,
            {**scope.parameters(), "values": values, "limit": limit},
        )
        return [int(row[0]) for row in cursor.fetchall()]
