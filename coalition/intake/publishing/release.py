"""The release: what was agreed to becomes a page, on a day of release, several together in an order left to chance."""

import random
from datetime import date, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.text import slugify
from wagtail.models import PageLogEntry

from cms.base.models import Origin
from cms.stories.models import StoryIndexPage, StoryPage
from coalition.intake.careful import report
from coalition.intake.publishing.anonymity import content_hide
from coalition.intake.publishing.consent import agreed_content
from coalition.intake.publishing.fields import content_write
from coalition.intake.publishing.models import Consent, Passed
from coalition.intake.publishing.revisions import revisions_purge
from coalition.intake.publishing.scattering import leftovers_vacuum, scattered
from coalition.intake.publishing.tie import page_of, tie_make
from coalition.intake.sealing import SealBrokenError
from coalition.intake.states import By, NotAllowedError, State, Step
from coalition.intake.submissions import submission_move

# From this hour on.
RELEASED_AT_HOUR = 10


def due_release() -> int:
    """Release what is due, if today is a day of release; return how many stories that was. For the beat."""
    now = timezone.localtime()
    if now.weekday() != settings.INTAKE_RELEASE_WEEKDAY or now.hour < RELEASED_AT_HOUR:
        return 0
    due = _due(now.date())
    # Pages are numbered in the order in which they are made: it must tell nothing of who said yes first.
    random.SystemRandom().shuffle(due)
    released = 0
    for consent in due:
        try:
            story_release(consent=consent)
            released += 1
        except Exception as error:
            report(error)
    if released:
        leftovers_vacuum()
    return released


def _due(today: date) -> list[Consent]:
    """Return what is to be released; one that is alone waits for company, though not for ever."""
    due = list(Consent.objects.filter(due_on__lte=today, submission__state=State.AGREED))
    # What cannot be released, which is reported when it is tried, is no company.
    whole = [consent for consent in due if _is_whole(consent)]
    longest = timedelta(settings.INTAKE_ALONE_DAYS)
    if len(whole) == 1 and whole[0].due_on is not None and today < whole[0].due_on + longest:
        due.remove(whole[0])
    return due


def _is_whole(consent: Consent) -> bool:
    try:
        return agreed_content(consent) is not None
    except SealBrokenError:
        return False


@scattered()
def story_release(*, consent: Consent) -> StoryPage:
    """Make the page of a yes, in one step, through the gate.

    Raises:
        NotAllowedError: it is not agreed to any more, or the yes is for another text.
        PublicationRefusedError: the gate says no.
        Submission.DoesNotExist: it is gone.
    """
    submission = submission_move(submission=consent.submission, step=Step.RELEASE, by=By.SITE)
    consent = Consent.objects.select_for_update().get(pk=consent.pk)
    agreed = agreed_content(consent)
    if agreed is None:
        raise NotAllowedError("The yes is for another text.")
    page = page_of(submission)
    # Who was there when it was proposed may be gone: it may get coarser than what was agreed to, and never finer.
    shown = content_hide(agreed, but=page.public_id if page else None).content
    consent.seal("shown", shown, day=consent.day)
    # Which week it was due in would say in which it was released.
    consent.due_on = None
    consent.save(update_fields=["shown", "due_on"])
    page = page or StoryPage(origin=Origin.INTAKE)
    content_write(page, shown)
    month = timezone.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    page.first_published_at, page.last_published_at = page.first_published_at or month, month
    page.live, page.has_unpublished_changes = False, False
    parent = StoryIndexPage.objects.get()
    if page.pk is None:
        page.slug = _slug_free(page, parent)
        parent.add_child(instance=page)
        tie_make(submission=submission, public_id=page.public_id)
    else:
        page.slug = _slug_free(page, parent)
        page.save()
    Passed.objects.update_or_create(public_id=page.public_id, defaults={"digest": columns_digest(page)})
    page.live = True
    page.save()
    revisions_purge(page)
    # A day of release is no secret, but Wagtail would write down the second.
    PageLogEntry.objects.filter(page=page.pk).delete()
    return page


def _slug_free(page: StoryPage, parent: StoryIndexPage) -> str:
    """Return an address from the headline that no other story has."""
    wanted = slugify(page.title)[:200] or "story"
    taken = set(
        parent.get_children().exclude(pk=page.pk).filter(slug__startswith=wanted).values_list("slug", flat=True)
    )
    slug, number = wanted, 1
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    return slug


def columns_digest(page: StoryPage) -> str:
    """Return the hash of a stored page's public columns, as the database's triggers make it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT intake_page_digest(%s)", [page.pk])
        return str(cursor.fetchone()[0])
