"""Reads documents and writes them as Elasticsearch takes them: one line of JSON each."""

import base64
import datetime
import hashlib
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection

from search.engines.elasticsearch.mapping import public_id_halves
from search.engines.elasticsearch.streams import streams
from search.facets import BY_NAME
from search.models import Document
from search.vectors import has_pgvector

# Documents that are read at once: as many, or as large, whichever comes first. A stored text is packed; two streams of
# it are some five times as long.
MOST_AT_ONCE = 500
MOST_STORED_BYTES = 1_500_000


@dataclass(frozen=True)
class Rendered:
    """A document's state at one revision, as every index is to hold it."""

    id: int
    public_id: uuid.UUID
    revision: int
    is_gone: bool
    # As it is sent, with the vector.
    line: bytes
    # As Elasticsearch gives it back, without the vector.
    source: dict[str, Any]


def ids_bounded(ids: Sequence[int]) -> Iterator[list[int]]:
    """Return ids in their order, in batches that can be held in memory and sent in one request.

    Args:
        ids: of documents; those that are none are left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, coalesce(pg_column_size(words), 0) FROM search_document WHERE id = ANY(%s)", [list(ids)]
        )
        stored = dict(cursor.fetchall())
    batch: list[int] = []
    size = 0
    for pk in ids:
        if pk not in stored:
            continue
        if batch and (len(batch) >= MOST_AT_ONCE or size + stored[pk] > MOST_STORED_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(pk)
        size += stored[pk]
    if batch:
        yield batch


def all_ids(*, step: int) -> Iterator[list[int]]:
    """Return the ids of all documents in order, tombstones too, so many at a time."""
    last = 0
    while ids := list(Document.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:step]):
        yield ids
        last = ids[-1]


def documents_render(ids: Sequence[int]) -> list[Rendered]:
    """Return documents as they now stand in the database, in the order of their ids."""
    # As pgvector itself sends one: two numbers of two bytes, then the components, highest byte first.
    vector = "substring(vector_send(v.own) FROM 5)" if has_pgvector() else "v.own"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT d.id, d.public_id, d.revision, d.is_gone, d.kind, d.language, d.date, d.facets,
                d.subsectors, d.words::text, {vector}
            FROM search_document d LEFT JOIN search_vector v ON v.document_id = d.id AND NOT d.is_gone
            WHERE d.id = ANY(%s) ORDER BY d.id
            """,
            [list(ids)],
        )
        return [_rendered(*row) for row in cursor.fetchall()]


def _rendered(
    pk: int,
    public_id: uuid.UUID,
    revision: int,
    is_gone: bool,
    kind: str,
    language: str,
    date: datetime.date | None,
    facets: list[str],
    subsectors: list[str],
    tsvector: str | None,
    vector: bytes | list[float] | None,
) -> Rendered:
    source: dict[str, Any] = {"public_id": str(public_id), "gone": is_gone, "revision": revision}
    source["part"] = public_id.bytes[0]
    if is_gone:
        return Rendered(pk, public_id, revision, is_gone, _json(source), source)
    words, scores = streams(tsvector or "")
    source["order_first"], source["order_second"] = public_id_halves(public_id)
    source |= _facets(facets)
    source |= {"kind": kind, "language": language, "words": words, "scores": scores}
    source["subsectors"] = subsectors
    if date is not None:
        source["date"] = date.isoformat()
    components = np.asarray(vector, dtype=">f4").tobytes() if isinstance(vector, list) else vector or b""
    # A vector of nothing but zeros has no direction, and is refused.
    if not components.strip(b"\0"):
        return Rendered(pk, public_id, revision, is_gone, _json(source), source)
    source["vector_hash"] = hashlib.blake2b(components, digest_size=8).hexdigest()
    # In this form Elasticsearch reads 384 components three times as fast as in decimals.
    line = b'%s,"vector":"%s"}' % (_json(source)[:-1], base64.b64encode(components))
    return Rendered(pk, public_id, revision, is_gone, line, source)


def _facets(values: list[str]) -> dict[str, Any]:
    """Return facet values as the mapping has them: each with its facet's, and together what is of none."""
    by_facet: dict[str, list[str]] = {}
    others: list[str] = []
    for value in values:
        name = value.partition(":")[0]
        (by_facet.setdefault(name, []) if name in BY_NAME else others).append(value)
    return {"by_facet": by_facet, "facets": others}


def _json(source: dict[str, Any]) -> bytes:
    return json.dumps(source, ensure_ascii=False, separators=(",", ":")).encode()
