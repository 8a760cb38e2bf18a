"""The bare engine query for the same hits: what somebody would write who had nothing but the engine."""

import uuid
from collections.abc import Callable
from typing import Any, Protocol

from django.db import connection

from search.benchmarking.queries import Question
from search.engines.postgres import tsquery
from search.expansion import ExpandedText
from search.vectors import has_pgvector, nearest_first_sql, vector_literal


class Bare(Protocol):
    """Prepares a query, so that only the engine's own time is measured."""

    def __call__(self, question: Question, text: ExpandedText) -> Callable[[], list[uuid.UUID]]:
        """Return a function that asks the engine and returns the hits' public ids."""
        ...


def postgres(question: Question, text: ExpandedText) -> Callable[[], list[uuid.UUID]]:
    """Return plain SQL: matched by ``@@``, ordered by ``ts_rank``, facets counted by unfolding them."""
    query = question.query
    values: dict[str, Any] = {"size": query.size, "skipped": (query.page - 1) * query.size}
    conditions = ["NOT is_gone"]
    groups = ["(" + " | ".join(f"({tsquery(p.words)})" for p in group.phrases) + ")" for group in text.wanted]
    groups += ["!(" + " | ".join(f"({tsquery(p.words)})" for p in group.phrases) + ")" for group in text.unwanted]
    if groups:
        values["words"] = " & ".join(groups)
        conditions.append("words @@ %(words)s::tsquery")
    for name, chosen in query.filters().items():
        values[name] = [f"{name}:{value}" for value in chosen]
        conditions.append(f"facets && %({name})s::text[]")
    where = " AND ".join(conditions)
    rank = "ts_rank(words, %(words)s::tsquery) DESC, " if groups else ""
    order = f"{rank}date DESC NULLS LAST, public_id"
    if question.vector is not None:
        pgvector = has_pgvector()
        values["vector"] = vector_literal(question.vector, pgvector=pgvector)
        nearest = (
            f"SELECT d.public_id FROM search_vector v JOIN search_document d ON d.id = v.document_id "
            f"WHERE {where} ORDER BY {nearest_first_sql(pgvector=pgvector)} LIMIT %(size)s"
        )
        return lambda: [row[0] for row in _rows(nearest, values)]
    hits = f"SELECT public_id FROM search_document WHERE {where} ORDER BY {order} OFFSET %(skipped)s LIMIT %(size)s"
    counts = f"SELECT value, count(*) FROM search_document, unnest(facets) AS value WHERE {where} GROUP BY value"

    def ask() -> list[uuid.UUID]:
        found = [row[0] for row in _rows(hits, values)]
        _rows(counts, values)
        return found

    return ask


def _rows(sql: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def elasticsearch(question: Question, text: ExpandedText) -> Callable[[], list[uuid.UUID]]:
    """Return one request with hits, exact total and counts together, through the low-level client."""
    from search.engines.elasticsearch import asking
    from search.engines.elasticsearch.client import client
    from search.engines.elasticsearch.mapping import alias

    query = question.query
    if question.vector is not None:
        request = asking.nearest_search(question.vector, query, limit=query.size)
    else:
        hits = asking.hits_search(query, text, place=None)
        assert hits is not None  # noqa: S101  no page of the benchmark lies so deep
        request = hits.extra(track_total_hits=True)
        request.aggs.metric("values", "terms", field="facets", size=10_000)
    body = request.to_dict()
    found = client(), alias()

    def ask() -> list[uuid.UUID]:
        answer = found[0].search(index=found[1], body=body)
        hits = answer["hits"]["hits"]
        return [asking.place_of(hit).public_id if "sort" in hit else uuid.UUID(hit["_id"]) for hit in hits]

    return ask
