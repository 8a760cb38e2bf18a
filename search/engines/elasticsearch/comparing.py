"""Compares an index with the database, document by document and in both directions, and mends what differs."""

import functools
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection

from search.documents import documents_revise
from search.engines.elasticsearch.client import MANAGE_SECONDS, ask, client
from search.engines.elasticsearch.putting import documents_put, documents_remove
from search.engines.elasticsearch.rendering import all_ids, documents_render, ids_bounded
from search.models import Document, EngineIndex
from search.outbox import documents_send, outbox_empty, unsent

# Documents that are looked at in one request when only their revisions are compared.
STEP = 5_000
# An id's first byte says which part a document belongs to.
PARTS = 256
_KEEP_ALIVE = "5m"


class Kind(StrEnum):
    """How an index can differ from the database."""

    MISSING = "missing"
    STALE = "stale"
    ALTERED = "altered"
    # The index knows a state that the database has yet to come to: it was restored from a copy.
    AHEAD = "ahead"
    EXTRA = "extra"


@dataclass(frozen=True)
class Difference:
    """A document that an index has otherwise than the database: its id there (if it is there) and in the index."""

    kind: Kind
    pk: int | None
    key: str
    # In the index; 0 where it is missing.
    version: int


@dataclass(frozen=True)
class _Held:
    """What an index has of a document."""

    version: int
    source: dict[str, Any] | None


def index_compare(name: str, *, content: bool) -> list[Difference]:
    """Return the documents that an index has otherwise than the database, apart from those that wait to be sent.

    Args:
        name: of the index.
        content: whether to compare what documents say, or only which there are, and of which revision.

    Raises:
        EngineUnavailable: it could not be compared to the end.
    """
    ask(lambda: client(seconds=MANAGE_SECONDS).indices.refresh(index=name))
    parts = _differing_parts(name)
    found: list[Difference] = []
    for step in all_ids(step=STEP) if content else _ids_of(parts):
        for ids in ids_bounded(step) if content else [step]:
            found += _differing(name, ids, content=content)
    return [*found, *_extra(name, parts | {uuid.UUID(one.key).bytes[0] for one in found})]


def indexes_verify() -> Counter[str]:
    """Compare every complete index with the database, mend what differs, and return how many of each kind that were.

    Raises:
        EngineUnavailable: not everything was compared and mended.
    """
    outbox_empty()
    found: Counter[str] = Counter({str(kind): 0 for kind in Kind})
    for name in EngineIndex.objects.exclude(state=EngineIndex.State.BUILDING).values_list("name", flat=True):
        found += differences_mend(name, index_compare(name, content=True))
    return found


def differences_mend(name: str, differences: Sequence[Difference]) -> Counter[str]:
    """Make an index have documents as the database has them, and return how many of each kind that were.

    Args:
        name: of the index.
        differences: that were found there.

    Raises:
        EngineUnavailable: not everything was mended.
    """
    ahead = [one for one in differences if one.kind is Kind.AHEAD]
    if ahead:
        # Versions are counted on from the highest that was ever given.
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval('search_document_version', greatest(nextval('search_document_version'), %s))",
                [max(one.version for one in ahead)],
            )
        pks = [one.pk for one in ahead if one.pk is not None]
        documents_revise(pks)
        documents_send(pks)
    behind = [one.pk for one in differences if one.pk is not None and one.kind is not Kind.AHEAD]
    for ids in ids_bounded(behind):
        documents_put(documents_render(ids), indexes=[name], seconds=MANAGE_SECONDS)
    extra = {one.key: one.version for one in differences if one.kind is Kind.EXTRA}
    documents_remove(extra, index=name, seconds=MANAGE_SECONDS)
    return Counter(str(one.kind) for one in differences)


def _differing_parts(name: str) -> set[int]:
    """Return the parts of which an index has another number of documents, or other revisions in all, than the database.

    Whatever belongs to no part is one more, that the database has not.
    """
    sums = {"revisions": {"sum": {"field": "revision"}}}
    parts = {"terms": {"field": "part", "size": PARTS + 1, "missing": PARTS}, "aggs": sums}
    answer = ask(
        lambda: client(seconds=MANAGE_SECONDS).search(
            index=name, size=0, aggs={"parts": parts}, allow_partial_search_results=False
        )
    )
    buckets = answer["aggregations"]["parts"]["buckets"]
    there = {(bucket["key"], bucket["doc_count"], int(bucket["revisions"]["value"])) for bucket in buckets}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT get_byte(uuid_send(public_id), 0) AS part, count(*), sum(revision)::bigint "
            "FROM search_document GROUP BY part"
        )
        wanted = set(cursor.fetchall())
    return {part for part, _count, _sum in there ^ wanted}


def _ids_of(parts: set[int]) -> Iterator[list[int]]:
    """Return the ids of all documents of some parts, so many at a time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM search_document WHERE get_byte(uuid_send(public_id), 0) = ANY(%s) ORDER BY id",
            [list(parts)],
        )
        ids = [row[0] for row in cursor.fetchall()]
    for start in range(0, len(ids), STEP):
        yield ids[start : start + STEP]


def _differing(name: str, ids: Sequence[int], *, content: bool) -> Iterator[Difference]:
    """Compare documents with what a search finds of them; what seems to differ is looked at once more, for certain."""
    held = _found(name, _keys(ids), content=content)
    suspects = []
    if content:
        for document in documents_render(ids):
            there = held.get(str(document.public_id))
            if there is None or (there.version, there.source) != (document.revision, document.source):
                suspects.append(document.id)
    else:
        for pk, key, revision in Document.objects.filter(pk__in=ids).values_list("pk", "public_id", "revision"):
            there = held.get(str(key))
            if there is None or there.version != revision:
                suspects.append(pk)
    for some in ids_bounded(suspects):
        yield from _certain(name, some, content=content)


def _certain(name: str, ids: Sequence[int], *, content: bool) -> Iterator[Difference]:
    rendered = documents_render(ids)
    # In this order: what does not wait after it was read has been confirmed by every index, in this state or a newer
    # one. What waits is sent in its turn.
    waiting = set(unsent().filter(pk__in=ids).values_list("pk", flat=True))
    documents = [document for document in rendered if document.id not in waiting]
    held = _got(name, [str(document.public_id) for document in documents], content=content)
    now = dict(Document.objects.filter(pk__in=ids).values_list("pk", "revision"))
    for document in documents:
        key = str(document.public_id)
        there = held.get(key)
        if there is None:
            yield Difference(Kind.MISSING, document.id, key, 0)
        elif there.version < document.revision:
            yield Difference(Kind.STALE, document.id, key, there.version)
        elif there.version > now.get(document.id, 0):
            yield Difference(Kind.AHEAD, document.id, key, there.version)
        elif content and there.version == document.revision and there.source != document.source:
            yield Difference(Kind.ALTERED, document.id, key, there.version)


def _keys(ids: Sequence[int]) -> list[str]:
    return [str(key) for key in Document.objects.filter(pk__in=ids).values_list("public_id", flat=True)]


def _found(name: str, keys: Sequence[str], *, content: bool) -> dict[str, _Held]:
    """Return what a search finds of documents."""
    answer = ask(
        lambda: client(seconds=MANAGE_SECONDS).search(
            index=name,
            query={"ids": {"values": list(keys)}},
            size=len(keys),
            source=content,
            version=True,
            track_total_hits=False,
            allow_partial_search_results=False,
        )
    )
    return {hit["_id"]: _Held(hit["_version"], hit.get("_source")) for hit in answer["hits"]["hits"]}


def _got(name: str, keys: Sequence[str], *, content: bool) -> dict[str, _Held]:
    """Return what an index has of documents, whether a search would find it yet or not."""
    if not keys:
        return {}
    answer = ask(lambda: client(seconds=MANAGE_SECONDS).mget(index=name, ids=list(keys), source=content))
    return {one["_id"]: _Held(one["_version"], one.get("_source")) for one in answer["docs"] if one.get("found")}


def _extra(name: str, parts: set[int]) -> list[Difference]:
    """Return what is in some parts of an index without being in the database."""
    if not parts:
        return []
    opened = ask(
        lambda: client(seconds=MANAGE_SECONDS).open_point_in_time(
            index=name, keep_alive=_KEEP_ALIVE, allow_partial_search_results=False
        )
    )
    view = str(opened["id"])
    found = []
    try:
        for held in _walk(view, parts):
            keys = {key: _uuid(key) for key in held}
            known = Document.objects.filter(public_id__in=[key for key in keys.values() if key is not None])
            there = set(known.values_list("public_id", flat=True))
            found += [Difference(Kind.EXTRA, None, key, held[key]) for key in held if keys[key] not in there]
    finally:
        ask(lambda: client(seconds=MANAGE_SECONDS).close_point_in_time(id=view))
    return found


def _walk(view: str, parts: set[int]) -> Iterator[dict[str, int]]:
    """Return the ids and versions of what is in some parts of an index as it was at a moment, a step at a time."""
    no_part = {"bool": {"must_not": {"exists": {"field": "part"}}}}
    query = {"bool": {"should": [{"terms": {"part": sorted(parts)}}, no_part]}}
    after: list[Any] | None = None
    while True:
        request = functools.partial(
            client(seconds=MANAGE_SECONDS).search,
            pit={"id": view, "keep_alive": _KEEP_ALIVE},
            query=query,
            sort=["_shard_doc"],
            search_after=after,
            size=STEP,
            source=False,
            version=True,
            track_total_hits=False,
        )
        hits = ask(request)["hits"]["hits"]
        if not hits:
            return
        yield {hit["_id"]: hit["_version"] for hit in hits}
        after = hits[-1]["sort"]


def _uuid(key: str) -> uuid.UUID | None:
    """Return an id as documents have them; None for one that no document can have."""
    try:
        found = uuid.UUID(key)
    except ValueError:
        return None
    return found if str(found) == key else None
