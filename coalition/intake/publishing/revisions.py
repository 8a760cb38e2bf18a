"""Revisions of pages that came from here: there are none. They hold what was taken out, and exact times."""

from django.db import transaction
from django.db.models import F
from wagtail.models import Page, Revision

from cms.stories.models import StoryPage


@transaction.atomic
def revisions_purge(page: StoryPage) -> None:
    """Delete every revision of a page, and what the page says of them."""
    Revision.objects.for_instance(page).delete()
    Page.objects.filter(pk=page.pk).update(
        latest_revision=None,
        live_revision=None,
        latest_revision_created_at=None,
        has_unpublished_changes=False,
        draft_title=F("title"),
    )
