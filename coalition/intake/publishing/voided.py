"""A yes that came back with a backup, and had been taken back: it is void once more, and no page goes by it."""

from uuid import UUID

from django.db import transaction

from coalition.intake.erasing import on_replay
from coalition.intake.models import Deletion
from coalition.intake.publishing.models import Consent
from coalition.intake.publishing.proposing import proposal_retract
from coalition.intake.publishing.taking_down import page_take_down
from coalition.intake.states import By, State


@on_replay(Deletion.What.CONSENT)
@transaction.atomic
def consent_void_again(pk: UUID) -> bool:
    """Take the force from a yes again; return whether it was there.

    What is public by it is taken down and waits for a new one; what waits to be released is worked on once more.
    """
    consent = Consent.objects.select_related("submission").filter(pk=pk).first()
    if consent is None:
        return False
    submission = consent.submission
    if submission.state == State.PUBLISHED:
        page_take_down(submission=submission, by=By.SITE)
    elif submission.state == State.AGREED:
        proposal_retract(submission=submission)
    else:
        consent.delete()
    return True
