"""A text for the public: the moderator's draft, sending it to the teller, and what the teller says but yes."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext

from coalition.intake.messages import message_write
from coalition.intake.models import Submission
from coalition.intake.publishing.anonymity import content_hide
from coalition.intake.publishing.fields import Content
from coalition.intake.publishing.models import Proposal
from coalition.intake.publishing.taking_down import page_take_down
from coalition.intake.publishing.tie import page_of
from coalition.intake.publishing.voiding import consent_void
from coalition.intake.states import READABLE, By, NotAllowedError, State, Step
from coalition.intake.submissions import submission_move
from coalition.intake.telling.forms import MODERATORS, use_of


class NothingPublicError(NotAllowedError):
    """The teller wants nothing published, and nobody says that they have written otherwise since."""


def wants_nothing_public(submission: Submission) -> bool:
    """Whether the teller said, as they told it, that nothing of it is to be published."""
    return use_of(submission.open("answers") or {}) == MODERATORS


def draft_of(submission: Submission) -> Proposal | None:
    """Return the text that a moderator is writing; None if there is none."""
    return submission.proposals.filter(is_sent=False).first()


def waiting_of(submission: Submission) -> Proposal | None:
    """Return the text that the teller was sent last; None if none was."""
    return submission.proposals.filter(is_sent=True).order_by("-number").first()


@transaction.atomic
def proposal_save(*, submission: Submission, content: Mapping[str, Any]) -> Proposal:
    """Keep a moderator's draft.

    Raises:
        NotAllowedError: it was taken back.
        Submission.DoesNotExist: it is gone.
    """
    locked = Submission.objects.select_for_update().get(pk=submission.pk)
    if locked.state not in READABLE:
        raise NotAllowedError("Nobody reads it.")
    draft = draft_of(locked)
    if draft is None:
        last = locked.proposals.aggregate(Max("number"))["number__max"] or 0
        draft = Proposal(submission=locked, number=last + 1)
    draft.seal("content", dict(content))
    draft.save()
    return draft


@transaction.atomic
def proposal_send(
    *, submission: Submission, content: Mapping[str, Any], words: str = "", allowed_since: bool = False
) -> Proposal:
    """Show a text to the teller, as coarse as it has to be. What is public already goes until there is a new yes.

    Args:
        submission: whose text it is.
        content: what it says.
        words: what the moderator writes to the teller beside it.
        allowed_since: whether the moderator says that a teller who wanted nothing published has written otherwise.

    Raises:
        NothingPublicError: the teller wants nothing published.
        NotAllowedError: nothing can be proposed as it stands.
        Submission.DoesNotExist: it is gone.
    """
    draft = proposal_save(submission=submission, content=content)
    current = draft.submission
    if wants_nothing_public(current) and not allowed_since:
        raise NothingPublicError("The teller wants nothing published.")
    page = page_of(current)
    if current.state == State.PUBLISHED:
        page_take_down(submission=current, by=By.MODERATOR)
    else:
        submission_move(submission=current, step=Step.PROPOSE, by=By.MODERATOR)
    hidden = content_hide(content, but=page.public_id if page else None)
    draft.seal("content", hidden.content)
    draft.is_sent = True
    draft.save()
    with translation.override(current.language):
        default = gettext("We have written a text for the public. Read it, and say yes, no, or what should change.")
    message_write(submission=current, text=words or default, from_teller=False)
    return draft


@transaction.atomic
def changes_ask(*, submission: Submission, text: str) -> None:
    """The teller wants something changed.

    Raises:
        NotAllowedError: nothing waits for an answer.
        Submission.DoesNotExist: it is gone.
    """
    moved = submission_move(submission=submission, step=Step.ASK_CHANGES, by=By.TELLER)
    message_write(submission=moved, text=text, from_teller=True)
    _draft_again(moved)


@transaction.atomic
def proposal_refuse(*, submission: Submission, text: str = "") -> None:
    """The teller says no.

    Raises:
        NotAllowedError: nothing waits for an answer.
        Submission.DoesNotExist: it is gone.
    """
    moved = submission_move(submission=submission, step=Step.REFUSE, by=By.TELLER)
    if text:
        message_write(submission=moved, text=text, from_teller=True)


@transaction.atomic
def proposal_retract(*, submission: Submission) -> None:
    """A moderator takes a text back that is not public yet; a yes to it is gone.

    Raises:
        NotAllowedError: it is public, or none was sent.
        OSError: the ledger cannot be written.
        Submission.DoesNotExist: it is gone.
    """
    moved = submission_move(submission=submission, step=Step.RETRACT, by=By.MODERATOR)
    consent_void(moved)
    _draft_again(moved)


def _draft_again(submission: Submission) -> None:
    """Begin the next draft with what was sent last."""
    last = waiting_of(submission)
    if draft_of(submission) is None and last is not None:
        content: Content = last.open("content")
        proposal_save(submission=submission, content=content)
