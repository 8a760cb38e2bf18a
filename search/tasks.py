"""What the worker and the beat do for search: links after a publication, and the sweep that finds what was missed."""

from django.db import connection
from django_tasks import task

from search.documents import documents_refresh
from search.matching.links import outbox_drain, unlinked
from search.models import Document
from search.sweeping import differing_pages, gone_documents_bury

# Only one process links at a time: two would compute the same.
_LOCK = 7_205_311


@task()
def links_update(public_id: str, version: int) -> int:
    """Link a document that was just published, and everything else that waits.

    Args:
        public_id: of the document.
        version: that was published; nothing is left to do when a drain has already passed it.
    """
    if not Document.objects.filter(public_id=public_id, linked_version__lt=version, is_gone=False).exists():
        return 0
    return drain()


def drain() -> int:
    """Link everything that waits, unless another process is at it; return how many documents were linked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        try:
            done = 0
            while unlinked().exists():
                done += outbox_drain(limit=500)
            return done
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def sweep() -> int:
    """Compare every public page with its document, mend what differs, and return how many differed."""
    buried = gone_documents_bury()
    mended = documents_refresh(page_ids=differing_pages())
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM search_vector v WHERE NOT EXISTS (SELECT 1 FROM search_document d WHERE d.id = v.document_id)"
        )
        cursor.execute(
            "DELETE FROM search_word w WHERE NOT EXISTS (SELECT 1 FROM search_posting p WHERE p.lexeme = w.lexeme)"
        )
    return buried + mended
