"""What teller and moderators write to each other, found by the code and by nothing else."""

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from coalition.intake.models import Message, Submission
from coalition.intake.states import READABLE, NotAllowedError
from coalition.intake.submissions import later_settle

LONGEST = 10_000
MOST = 200


@transaction.atomic
def message_write(*, submission: Submission, text: str, from_teller: bool) -> Message:
    """Add a message, and return it. The same text twice in a row from one side on one day is one message.

    Raises:
        NotAllowedError: it is not sent yet, or taken back; or there are too many messages already.
        Submission.DoesNotExist: it is gone.
    """
    locked = Submission.objects.select_for_update().get(pk=submission.pk)
    if locked.state not in READABLE:
        raise NotAllowedError("Nobody reads it.")
    today = timezone.localdate()
    last = locked.messages.order_by("-number").first()
    if last is not None and (last.from_teller, last.day) == (from_teller, today) and last.open("text") == text:
        return last
    number = (locked.messages.aggregate(Max("number"))["number__max"] or 0) + 1
    if number > MOST:
        raise NotAllowedError("There are too many messages.")
    message = Message(submission=locked, number=number, from_teller=from_teller, day=today)
    message.seal("text", text, day=today)
    message.save()
    later_settle(locked)
    return message


def messages_mark_seen(*, submission: Submission, by_teller: bool) -> int:
    """Mark what the other side wrote as seen; return how many messages that was."""
    return submission.messages.filter(from_teller=not by_teller, is_seen=False).update(is_seen=True)
