"""Hears what ``cms`` publishes, and writes documents for it, inside the transaction that publishes."""

import uuid
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.dispatch import receiver

from cms.base.gathering import is_gathering, pages_changed
from cms.base.models import BasePage
from cms.base.signals import page_removed, page_stored, pages_affected
from search.documents import document_bury, document_write, documents_refresh
from search.engines.elasticsearch import is_set
from search.models import Document
from search.outbox import after_commit_send, unsent
from search.tasks import links_update

MOST_TOLD_AT_ONCE = 20


@receiver(page_stored)
def on_page_stored(sender: type[BasePage], page: BasePage, **_more: Any) -> None:
    """Write the page's document, and see to its links once that is committed."""
    if is_gathering():
        pages_changed([page.pk])
        return
    # As it is stored: saving a draft of a live page touches the live row with the draft in memory.
    stored = type(page)._default_manager.select_related("locale").get(pk=page.pk)
    document = document_write(page=stored)
    _tell([page.public_id])
    if document is not None:
        transaction.on_commit(lambda: links_update.enqueue(str(document.public_id), document.version), robust=True)


@receiver(pages_affected)
def on_pages_affected(sender: Any, page_ids: list[int], **_more: Any) -> None:
    """Write the documents of pages that show something that has changed elsewhere."""
    # A tombstone has no page any more, a new document had none before.
    documents = Document.objects.filter(page_id__in=page_ids)
    before = set(documents.values_list("public_id", flat=True))
    documents_refresh(page_ids=page_ids)
    _tell(before | set(documents.values_list("public_id", flat=True)))


@receiver(page_removed)
def on_page_removed(sender: Any, public_id: uuid.UUID, **_more: Any) -> None:
    """Leave a tombstone."""
    document_bury(public_id=public_id)
    _tell([public_id])


def _tell(public_ids: Collection[uuid.UUID]) -> None:
    """Have engines hear at once, after the commit; what they do not take, and what is many, the linker sends."""

    def send() -> None:
        waiting = unsent().filter(public_id__in=public_ids).order_by("-is_gone", "revision")
        for pk in waiting.values_list("pk", flat=True)[:MOST_TOLD_AT_ONCE]:
            if not after_commit_send(pk):
                return

    if is_set():
        transaction.on_commit(send, robust=True)
