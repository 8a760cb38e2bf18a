"""The tie between what was told and its page: nobody without the pepper can follow it, from either side."""

import uuid

from cms.base.models import Origin
from cms.stories.models import StoryPage
from coalition.intake.keys import keyed
from coalition.intake.models import Submission
from coalition.intake.publishing.models import Tie


def tie_of(public_id: uuid.UUID) -> bytes:
    """Return what ties a page."""
    return keyed("tie", public_id.bytes)


def tie_make(*, submission: Submission, public_id: uuid.UUID) -> Tie:
    """Tie a page to a submission."""
    return Tie.objects.create(submission=submission, tie=tie_of(public_id))


def submission_of(public_id: uuid.UUID) -> Submission | None:
    """Return what a page came from; None if it came from elsewhere."""
    found = Tie.objects.filter(tie=tie_of(public_id)).select_related("submission").first()
    return found.submission if found else None


def page_of(submission: Submission) -> StoryPage | None:
    """Return the page that came from a submission, live or not. Every page that came from here is tried."""
    tie = Tie.objects.filter(submission=submission).first()
    if tie is None:
        return None
    wanted = bytes(tie.tie)
    for public_id in StoryPage.objects.filter(origin=Origin.INTAKE).values_list("public_id", flat=True):
        if tie_of(public_id) == wanted:
            return StoryPage.objects.get(public_id=public_id)
    return None
