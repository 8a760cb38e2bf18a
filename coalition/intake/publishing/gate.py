"""The gate: what was told in confidence goes live only as its teller has agreed to it, whichever door it comes through.

Below it stand triggers of the database (migration 0002), for what does not go through ``BasePage.save()``.
"""

import re
from collections.abc import Iterable
from datetime import UTC
from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.models import PageLogEntry

from cms.base.gate import refuses
from cms.base.models import BasePage, Origin
from cms.stories.models import StoryPage
from coalition.intake.careful import report
from coalition.intake.publishing.consent import shown_content
from coalition.intake.publishing.fields import as_page, public_fields
from coalition.intake.publishing.models import Consent
from coalition.intake.publishing.revisions import revisions_purge
from coalition.intake.publishing.taking_down import page_take_down
from coalition.intake.publishing.tie import submission_of
from coalition.intake.states import By, State


@refuses
def yes_is_for_this(page: BasePage) -> Iterable[str]:
    """Nothing that was told in confidence is public without its teller's yes to just that."""
    if page.origin == Origin.INTAKE and not is_agreed(page):
        yield _(
            "This was told in confidence: it is public only as its teller has agreed to it. "
            "A moderator proposes changes to the teller; here nothing can be changed."
        )


def is_agreed(page: BasePage) -> bool:
    """Whether what a page says, as it stands in memory, is what its teller has agreed to."""
    if not isinstance(page, StoryPage):
        return False
    submission = submission_of(page.public_id)
    if submission is None or submission.state != State.PUBLISHED:
        return False
    consent = Consent.objects.select_related("proposal").filter(submission=submission).first()
    shown = shown_content(consent) if consent else None
    if shown is None:
        return False
    # An address says something too.
    wanted = slugify(shown["headline"])[:200] or "story"
    return bool(re.fullmatch(rf"{re.escape(wanted)}(-\d+)?", page.slug)) and public_fields(page) == as_page(shown)


@receiver(post_save, sender=PageLogEntry)
def on_logged(instance: PageLogEntry, created: bool, **_more: Any) -> None:
    """A page's history says the month alone; and whoever publishes it once more leaves no revision behind."""
    told = StoryPage.objects.filter(pk=instance.page_id, origin=Origin.INTAKE)
    # Every entry of every page is asked about, and hardly any is of one that was told.
    if not created or not told.exists():
        return
    month = instance.timestamp.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    PageLogEntry.objects.filter(pk=instance.pk).update(timestamp=month, revision=None)
    if instance.action == "wagtail.publish":
        revisions_purge(told.get())


def pages_check() -> int:
    """Take down what says something else than what was agreed to, and forget revisions. For the beat.

    Returns:
        How many pages were taken down.
    """
    taken = 0
    for page in StoryPage.objects.filter(origin=Origin.INTAKE):
        revisions_purge(page)
        if not page.live or is_agreed(page):
            continue
        submission = submission_of(page.public_id)
        try:
            if submission is not None and submission.state == State.PUBLISHED:
                page_take_down(submission=submission, by=By.SITE)
            else:
                # Whoever told it is gone, or has taken it back.
                page.live = False
                page.save()
            taken += 1
        except Exception as error:
            report(error)
    return taken
