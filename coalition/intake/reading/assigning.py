"""Who has a submission in hand, and what moderators do with it."""

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from coalition.accounts.models import User
from coalition.intake.erasing import before_erasure
from coalition.intake.models import Deletion, Submission
from coalition.intake.reading.models import Charge, Note, Opening
from coalition.intake.states import READABLE, By, NotAllowedError, State, Step
from coalition.intake.submissions import submission_move


@transaction.atomic
def submission_take(*, submission: Submission, moderator: User) -> Charge:
    """Take a submission in hand; taking what one has already changes nothing.

    Raises:
        NotAllowedError: somebody else has it, or nobody may read it.
        Submission.DoesNotExist: it is gone.
    """
    locked = Submission.objects.select_for_update().get(pk=submission.pk)
    if locked.state not in READABLE:
        raise NotAllowedError("Nobody reads it.")
    charge, _made = Charge.objects.get_or_create(submission=locked, defaults={"moderator": moderator})
    if charge.moderator_id != moderator.pk:
        raise NotAllowedError("Somebody else has it.")
    if locked.state == State.RECEIVED:
        submission_move(submission=locked, step=Step.TAKE, by=By.MODERATOR)
    return charge


@transaction.atomic
def submission_put_back(*, submission: Submission) -> None:
    """Give a submission out of one's hands; what was not proposed yet waits for the next one.

    Raises:
        Submission.DoesNotExist: it is gone.
    """
    locked = Submission.objects.select_for_update().get(pk=submission.pk)
    if locked.state == State.READING:
        submission_move(submission=locked, step=Step.PUT_BACK, by=By.MODERATOR)
    Charge.objects.filter(submission=locked).delete()


@transaction.atomic
def submission_hand(*, submission: Submission, to: User, by: User) -> None:
    """Hand a submission to a moderator, and log who did.

    Raises:
        Submission.DoesNotExist: it is gone.
    """
    locked = Submission.objects.select_for_update().get(pk=submission.pk)
    if locked.state == State.RECEIVED:
        submission_move(submission=locked, step=Step.TAKE, by=By.MODERATOR)
    Charge.objects.update_or_create(submission=locked, defaults={"moderator": to})
    Opening.objects.create(submission_id=locked.pk, who=by, whom=to, what=Opening.What.HANDED, day=timezone.localdate())


@transaction.atomic
def note_write(*, submission: Submission, moderator: User, text: str) -> Note:
    """Write a note for other moderators.

    Raises:
        Submission.DoesNotExist: it is gone.
    """
    locked = Submission.objects.select_for_update().get(pk=submission.pk)
    number = (locked.notes.aggregate(Max("number"))["number__max"] or 0) + 1
    note = Note(submission=locked, moderator=moderator, number=number, day=timezone.localdate())
    note.seal("text", text, day=note.day)
    note.save()
    return note


@before_erasure
def notes_delete(submission: Submission, what: Deletion.What) -> None:
    """Notes go with the original: they tell of it."""
    Note.objects.filter(submission=submission).delete()
