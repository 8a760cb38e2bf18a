"""Opening: each is logged, by day. The words once a day; who told them each time, with the reason."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from coalition.accounts.models import User
from coalition.intake.models import Submission
from coalition.intake.reading.models import Opening


@transaction.atomic
def words_open(*, submission: Submission, moderator: User) -> dict[str, Any]:
    """Return what was told; empty where it is gone. The log says that it was opened.

    Raises:
        SealBrokenError: it cannot be opened.
    """
    Opening.objects.get_or_create(
        submission_id=submission.pk, who=moderator, what=Opening.What.WORDS, day=timezone.localdate()
    )
    return submission.open("answers") or {}


@transaction.atomic
def who_open(*, submission: Submission, moderator: User, reason: str) -> dict[str, Any]:
    """Return how to reach the teller; empty where nothing was said. The log says who asked, and why.

    Raises:
        ValueError: no reason is given.
        SealBrokenError: it cannot be opened.
    """
    if not reason.strip():
        raise ValueError("A reason is needed.")
    Opening.objects.create(
        submission_id=submission.pk,
        who=moderator,
        what=Opening.What.WHO,
        reason=reason.strip(),
        day=timezone.localdate(),
    )
    return submission.open("contact") or {}
