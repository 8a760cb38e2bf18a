"""Erasing: rows and files, written into the ledger first. It can be done again and again, and comes to an end.

Packages that keep something of a submission elsewhere (files, a public page) register what has to go with it; and how
what they delete by itself (a file, a yes) is deleted again after a restore.
"""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from coalition.intake.ledger import Line, ledger_append, ledger_read
from coalition.intake.models import Deletion, Submission

Hook = Callable[[Submission, Deletion.What], None]
_hooks: list[Hook] = []
Again = Callable[[UUID], bool]
_again: dict[Deletion.What, Again] = {}


def before_erasure(hook: Hook) -> Hook:
    """Register what has to go before a submission or its original goes. Use as a decorator.

    A hook is called inside the transaction and must be able to run twice. What it raises stops the erasing, which is
    then tried again every minute.
    """
    _hooks.append(hook)
    return hook


def on_replay(what: Deletion.What) -> Callable[[Again], Again]:
    """Register what deletes one thing of a kind again and returns whether it was there. Use as a decorator."""

    def register(again: Again) -> Again:
        _again[what] = again
        return again

    return register


def part_record(*, what: Deletion.What, gone_id: UUID) -> None:
    """Write down that a part of a submission goes; call it before the part is deleted, in the same transaction.

    Raises:
        OSError: the ledger cannot be written. Then it must not be deleted.
    """
    day = timezone.localdate()
    # A part that is deleted again after a restore stands there already.
    if not Deletion.objects.filter(gone_id=gone_id, what=what).exists():
        ledger_append(Line(gone_id, what, day))
        Deletion.objects.create(gone_id=gone_id, what=what, day=day)


def submission_erase(*, submission: Submission, what: Deletion.What) -> None:
    """Delete a submission, or what the teller wrote of it; what is gone already stays gone.

    Raises:
        OSError: the ledger cannot be written. Then nothing is deleted.
    """
    is_new = not Deletion.objects.filter(gone_id=submission.pk, what=what).exists()
    # An original can go a second time: what was written after it had gone.
    if is_new or what == Deletion.What.ORIGINAL:
        ledger_append(Line(submission.pk, what, timezone.localdate()))
    _erase(submission.pk, what, timezone.localdate())


@transaction.atomic
def _erase(pk: UUID, what: Deletion.What, day: date) -> bool:
    Deletion.objects.update_or_create(gone_id=pk, what=what, defaults={"day": day})
    submission = Submission.objects.select_for_update().filter(pk=pk).first()
    if submission is None:
        return False
    if what == Deletion.What.ORIGINAL and submission.original_until and submission.original_until > day:
        return False
    for hook in _hooks:
        hook(submission, what)
    if what == Deletion.What.WHOLE:
        submission.delete()
        return True
    had = submission.answers is not None or submission.contact is not None or submission.messages.exists()
    submission.messages.all().delete()
    submission.answers = submission.contact = submission.original_until = None
    submission.save(update_fields=["answers", "contact", "original_until"])
    return had


def ledger_replay() -> tuple[int, bool]:
    """Delete again whatever the ledger names; return how much that was, and whether the ledger is whole."""
    lines, is_whole = ledger_read()
    rows = [Deletion(gone_id=line.gone_id, what=line.what, day=line.day) for line in lines]
    Deletion.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
    there = set(Submission.objects.values_list("pk", flat=True))
    back = [line for line in lines if line.what in _again or line.gone_id in there]
    return sum(_erase_again(line) for line in back), is_whole


def _erase_again(line: Line) -> bool:
    again = _again.get(line.what)
    return again(line.gone_id) if again else _erase(line.gone_id, line.what, line.day)
