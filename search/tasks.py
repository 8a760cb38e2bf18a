"""What the linker and the beat do for search: tell engines, link, and the sweep that finds what was missed."""

import time

from django.db import connection
from django_tasks import task

from search.documents import documents_refresh, documents_restamp
from search.engines.base import EngineUnavailable
from search.engines.elasticsearch import is_set
from search.locks import Lock, held
from search.matching.links import outbox_drain
from search.models import Document
from search.outbox import outbox_empty, unavailable_warn
from search.sweeping import differing_pages, gone_documents_bury

# Documents that are embedded and linked before engines hear of them, and of what was published meanwhile.
STEP = 500
# After a failure nobody is told anything for so long: links must not wait for a server that does not answer.
PAUSE_SECONDS = 15.0
_silent_until = 0.0


@task(queue_name="links")
def links_update(public_id: str, version: int) -> int:
    """Link a document that was just published, and everything else that waits.

    Args:
        public_id: of the document.
        version: that was published; nothing is left to do when a drain has already passed it.
    """
    if not Document.objects.filter(public_id=public_id, linked_version__lt=version, is_gone=False).exists():
        return 0
    return drain()


@task(queue_name="links")
def waiting_link() -> int:
    """Link whatever waits: what a killed process left, and everything where the encoder is another one by now."""
    return drain()


def drain() -> int:
    """Tell engines what they have not heard, and link what waits unless another process is at it.

    Nothing that is to be told waits for a vector: it is told first, and the vectors after each step.

    Returns:
        How many documents were linked.
    """
    tell()
    done = 0
    with held(Lock.LINKING, wait=False) as is_held:
        while is_held and (linked := outbox_drain(limit=STEP)):
            done += linked
            tell()
    return done


def tell() -> int:
    """Tell engines beside the database what they have not heard, if they listen; return how many documents that was."""
    global _silent_until
    if time.monotonic() < _silent_until:
        return 0
    try:
        return outbox_empty()
    except EngineUnavailable as error:
        _silent_until = time.monotonic() + PAUSE_SECONDS
        unavailable_warn("Elasticsearch hears of changes later.", error)
        return 0


def sweep() -> int:
    """Compare every public page with its document, mend what differs, and return how many differed."""
    documents_restamp()
    buried = gone_documents_bury()
    mended = documents_refresh(page_ids=differing_pages())
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM search_vector v WHERE NOT EXISTS (SELECT 1 FROM search_document d WHERE d.id = v.document_id)"
        )
        for table in ("search_word", "search_latentword"):
            cursor.execute(
                f"DELETE FROM {table} w WHERE NOT EXISTS (SELECT 1 FROM search_posting p WHERE p.lexeme = w.lexeme)"
            )
    if is_set():
        _tidy()
    return buried + mended


def _tidy() -> None:
    # Here, so that only sites with an Elasticsearch load its client.
    from search.engines.elasticsearch.indexes import IndexesBusyError, indexes_tidy

    try:
        indexes_tidy()
    except IndexesBusyError:
        # Whoever is at work on them tidies.
        return
    except EngineUnavailable as error:
        unavailable_warn("Old indexes are deleted later.", error)
