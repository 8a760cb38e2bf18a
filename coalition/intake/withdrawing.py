"""Taking back: from that moment nobody sees it, and the next moment it is gone."""

import logging
from collections.abc import Callable

from django.db import DatabaseError, transaction

from coalition.intake.erasing import submission_erase
from coalition.intake.models import Deletion, Submission
from coalition.intake.states import By, State, Step
from coalition.intake.submissions import submission_move

logger = logging.getLogger(__name__)

Hook = Callable[[Submission], None]
_hooks: list[Hook] = []


def on_withdrawal(hook: Hook) -> Hook:
    """Register what is no longer public from the moment of taking back, in its transaction. Use as a decorator."""
    _hooks.append(hook)
    return hook


def submission_withdraw(*, submission: Submission) -> None:
    """Take a submission back for its teller: a draft, something that is read, or something public.

    Raises:
        NotAllowedError: it has been taken back already.
        Submission.DoesNotExist: it is gone.
    """
    with transaction.atomic():
        withdrawn = submission_move(submission=submission, step=Step.WITHDRAW, by=By.TELLER)
        for hook in _hooks:
            hook(withdrawn)
    try:
        submission_erase(submission=withdrawn, what=Deletion.What.WHOLE)
    except (OSError, DatabaseError) as error:
        # It is withdrawn for good; the beat goes on with it every minute.
        logger.error("What was withdrawn waits to be deleted: %s", type(error).__name__)


def withdrawn_erase() -> int:
    """Delete what was withdrawn and is still there; return how many submissions that was. For the beat.

    Raises:
        OSError: the ledger cannot be written.
    """
    waiting = list(Submission.objects.filter(state=State.WITHDRAWN))
    for submission in waiting:
        submission_erase(submission=submission, what=Deletion.What.WHOLE)
    return len(waiting)
