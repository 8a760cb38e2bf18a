"""Noting what happens to public documents, in the transaction in which it happens."""

import datetime
import uuid

from django.db import transaction
from django.utils import timezone
from wagtail.models import Page

from cms.campaigns.models import CampaignPage
from coalition.alerts.models import News
from search.models import Document, Kind


@transaction.atomic
def news_note_new(*, document: Document) -> News:
    """Note that a document is public for the first time; a second call changes nothing."""
    return News.objects.get_or_create(
        document=document,
        what=News.What.NEW,
        defaults={"campaign": _campaign(document), "shown_on": _shown_on(document)},
    )[0]


@transaction.atomic
def news_note_outcome(*, document: Document, outcome: str) -> News:
    """Note that a campaign stands otherwise than it did."""
    return News.objects.create(
        document=document,
        what=News.What.OUTCOME,
        outcome=outcome,
        campaign=document.public_id,
        shown_on=_shown_on(document),
    )


def _shown_on(document: Document) -> datetime.date:
    today = timezone.localdate()
    # Of a story nothing may be told that is finer than the month: its author could be seen writing on a day.
    return today.replace(day=1) if document.kind == Kind.STORY else today


def _campaign(document: Document) -> uuid.UUID | None:
    if document.kind == Kind.CAMPAIGN:
        return document.public_id
    if document.kind != Kind.UPDATE:
        return None
    page = Page.objects.filter(pk=document.page_id).first()
    parent = page.get_parent() if page is not None else None
    return CampaignPage.objects.filter(pk=parent.pk).values_list("public_id", flat=True).first() if parent else None
