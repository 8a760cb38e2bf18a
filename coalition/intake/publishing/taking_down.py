"""Taking a page down whose text is no longer what the yes was for. It stays there, not public, for a new yes."""

from django.db import transaction

from coalition.intake.careful import report
from coalition.intake.models import Submission
from coalition.intake.publishing.models import Consent, Passed
from coalition.intake.publishing.revisions import revisions_purge
from coalition.intake.publishing.tie import page_of
from coalition.intake.publishing.voiding import consent_void
from coalition.intake.states import By, Step
from coalition.intake.submissions import submission_move


@transaction.atomic
def page_take_down(*, submission: Submission, by: By) -> Submission:
    """Take the page of a submission down; what was agreed to waits for an answer once more.

    Raises:
        NotAllowedError: nothing of it is public.
        Submission.DoesNotExist: it is gone.
    """
    moved = submission_move(submission=submission, step=Step.TAKE_DOWN, by=by)
    try:
        consent_void(moved)
    except OSError as error:
        # It has to leave the site all the same.
        report(error)
        Consent.objects.filter(submission=moved).delete()
    page = page_of(moved)
    if page is not None:
        Passed.objects.filter(public_id=page.public_id).delete()
        page.live = False
        page.save()
        revisions_purge(page)
    return moved
