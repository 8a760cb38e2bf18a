"""Tells the indexes of an engine beside the database what they have not heard yet.

The outbox is the documents themselves: whose ``revision`` is higher than its ``sent_revision`` waits. A document is
always sent as it stands when it is read, to every index that exists, with its revision as the version, and an index
keeps the highest it has heard. So any number of processes may send in any order, twice, or die in between: no state is
lost, and none is replaced by an older one.

Whoever sends holds a lock together with all others who do; whoever adds an index to the list, or takes one off it,
holds it alone. So a change that is sent to one index less than there are is one that a new index finds when it begins
to read the documents.
"""

import datetime
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection
from django.db.models import F

from search.engines.base import EngineUnavailable
from search.engines.elasticsearch import is_set
from search.engines.elasticsearch.rendering import Rendered, documents_render, ids_bounded
from search.locks import Lock, held
from search.models import Document, DocumentQuerySet, EngineIndex

logger = logging.getLogger(__name__)

# The linker's patience, and that of somebody who has just pressed "publish".
SEND_SECONDS = 10.0
PUBLISH_SECONDS = 0.5
# Documents that one call looks up: their ids are held in memory.
MOST_AT_ONCE = 10_000
_SILENCE_SECONDS = 60.0

_last_warning = -_SILENCE_SECONDS
_warning_lock = threading.Lock()


def unsent() -> DocumentQuerySet:
    """Return the documents of which an index has not heard the last state."""
    return Document.objects.filter(sent_revision__lt=F("revision"))


def waits_since(*, is_gone: bool) -> datetime.datetime | None:
    """Return since when the first document waits, among those that are gone or among the others; None if none does."""
    first = unsent().filter(is_gone=is_gone).order_by("revision")
    return first.values_list("revised_at", flat=True).first()


def outbox_send(*, limit: int = MOST_AT_ONCE) -> int:
    """Send what waits: first what is gone, then what has waited longest.

    Args:
        limit: at most so many documents.

    Returns:
        How many documents wait no more.

    Raises:
        EngineUnavailable: not everything was taken; what was is noted.
    """
    if not is_set():
        return 0
    return documents_send(list(unsent().order_by("-is_gone", "revision").values_list("pk", flat=True)[:limit]))


def outbox_empty() -> int:
    """Send until nothing waits, or only what is being written this moment, and return how many documents that were.

    Raises:
        EngineUnavailable: not everything was taken; what was is noted.
    """
    total = 0
    while sent := outbox_send():
        total += sent
    return total


def documents_send(ids: Sequence[int], *, seconds: float = SEND_SECONDS) -> int:
    """Send documents to every index that exists, whether they wait or not.

    Args:
        ids: in the order in which they are to be sent.
        seconds: how long to wait for each request.

    Returns:
        How many documents wait no more.

    Raises:
        EngineUnavailable: not everything was taken; what was is noted.
    """
    if not is_set() or not ids:
        return 0
    with _list_of_indexes() as indexes:
        return _send(ids, indexes, seconds=seconds)


def after_commit_send(*pks: int) -> bool:
    """Send documents that were just published, if that goes quickly, and return whether it did.

    Whatever does not go through here is sent by the linker.

    Args:
        pks: theirs; few.
    """
    if not is_set():
        return False
    try:
        with _list_of_indexes(wait=False) as indexes:
            return bool(_send(pks, indexes, seconds=PUBLISH_SECONDS))
    except EngineUnavailable as error:
        unavailable_warn("A published document is sent to Elasticsearch later.", error)
        return False


def documents_sent(documents: Sequence[Rendered]) -> int:
    """Note what every index has confirmed, and return how many documents that were.

    A document that is being written this moment is left as it is: it will be sent again anyhow, and to wait for it here
    could bring two transactions to wait for each other.

    Args:
        documents: as they were sent.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH held AS MATERIALIZED (
                SELECT d.id FROM search_document d WHERE d.id = ANY(%(ids)s) ORDER BY d.id FOR UPDATE SKIP LOCKED
            )
            UPDATE search_document d SET sent_revision = greatest(d.sent_revision, sent.revision)
            FROM held, unnest(%(ids)s::bigint[], %(revisions)s::bigint[]) AS sent (id, revision)
            WHERE d.id = held.id AND sent.id = d.id AND d.sent_revision < sent.revision
            """,
            {"ids": [d.id for d in documents], "revisions": [d.revision for d in documents]},
        )
        return int(cursor.rowcount)


@contextmanager
def indexes_changing() -> Iterator[None]:
    """Hold the list of indexes alone, to add one or to take one off."""
    with held(Lock.INDEX_LIST, wait=True):
        yield


@contextmanager
def _list_of_indexes(*, wait: bool = True) -> Iterator[list[str]]:
    """Hold the list of indexes as it is; empty when someone changes it and there is no time to wait."""
    with held(Lock.INDEX_LIST, wait=wait, shared=True) as is_held:
        yield list(EngineIndex.objects.values_list("name", flat=True)) if is_held else []


def _send(ids: Sequence[int], indexes: list[str], *, seconds: float) -> int:
    if not indexes:
        return 0
    # Here, so that only sites with an Elasticsearch load its client.
    from search.engines.elasticsearch.putting import DocumentsRefused, documents_put

    done = 0
    refusal: DocumentsRefused | None = None
    for batch in ids_bounded(ids):
        documents = documents_render(batch)
        try:
            documents_put(documents, indexes=indexes, seconds=seconds)
        except DocumentsRefused as error:
            # One that cannot be taken must not keep back those that can.
            refusal = error
            documents = [document for document in documents if str(document.public_id) not in error.ids]
            if not documents and len(batch) > 1:
                break
        done += documents_sent(documents)
    if refusal is not None:
        raise refusal
    return done


def unavailable_warn(consequence: str, error: EngineUnavailable) -> None:
    """Log why Elasticsearch could not be told something, at most once a minute: what is down is down for everyone.

    Args:
        consequence: a sentence on what that means.
        error: the cause.
    """
    global _last_warning
    with _warning_lock:
        now = time.monotonic()
        if now - _last_warning < _SILENCE_SECONDS:
            return
        _last_warning = now
    logger.warning("%s %s", consequence, error)
