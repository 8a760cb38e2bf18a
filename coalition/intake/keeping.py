"""Nothing outlives its time. What the beat does every hour, and what moderators hear once a day."""

from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone

from coalition.accounts.roles import moderators
from coalition.intake.erasing import submission_erase
from coalition.intake.models import Deletion, Submission
from coalition.intake.states import EXPIRING, State
from coalition.mail.writing import mail_send

# From this hour on, of what came on the days before: so the mail's time tells nothing of when something arrived.
TOLD_AT_HOUR = 9
# A telling of a day is not repeated for late mail servers; the key of the mail says so.
_KIND = "intake"


def due(today: date) -> tuple[list[Submission], list[Submission]]:
    """Return what is to go on a day: whole submissions, and originals."""
    whole = Submission.objects.filter(state__in=EXPIRING, expires_on__lte=today)
    # Once there was a yes it counts from then, whatever became of that: an original has no other time.
    originals = Submission.objects.filter(original_until__lte=today).exclude(state=State.WITHDRAWN)
    return list(whole), list(originals.exclude(pk__in=whole))


def due_erase(today: date | None = None) -> int:
    """Delete what is due, and forget what drafts were found by; return how many submissions were deleted from.

    Raises:
        OSError: the ledger cannot be written; nothing is deleted then.
    """
    today = today or timezone.localdate()
    whole, originals = due(today)
    for submission in whole:
        submission_erase(submission=submission, what=Deletion.What.WHOLE)
    for submission in originals:
        submission_erase(submission=submission, what=Deletion.What.ORIGINAL)
    _draft_keys_forget(today)
    return len(whole) + len(originals)


def _draft_keys_forget(today: date) -> None:
    """A form that is sent twice is sent twice on the same day, or on the next: after that, only the code leads back."""
    sent = ~Q(state=State.DRAFT) & Q(received_on__lt=today - timedelta(days=1))
    Submission.objects.filter(sent).exclude(draft_key=None).update(draft_key=None)


def moderators_tell() -> int:
    """Tell moderators, at most once a day, that something has waited since yesterday or longer. For the beat.

    Returns how many mails were written.
    """
    now = timezone.localtime()
    if now.hour < TOLD_AT_HOUR or not Submission.objects.all().waiting(before=now.date()).exists():
        return 0
    told = moderators()
    for user in told:
        mail_send(
            key=f"{_KIND}:{now.date().isoformat()}:{user.public_id}",
            kind=_KIND,
            to=user.email,
            context={},
            language=user.language,
        )
    return len(told)
