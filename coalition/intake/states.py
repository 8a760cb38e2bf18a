"""How far something told has come, and who may take it which step further: the one table."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    """Where it stands."""

    DRAFT = "draft", _("not sent yet")
    RECEIVED = "received", _("sent, not read yet")
    READING = "reading", _("being read")
    # A text for the public waits for the teller's answer.
    PROPOSED = "proposed", _("a text waits for your answer")
    # The teller has said yes; it goes public on a day that nobody can foresee.
    AGREED = "agreed", _("you said yes; it will be public soon")
    PUBLISHED = "published", _("public")
    DECLINED = "declined", _("will not be published")
    # Nobody may see it any more; the next moment it is gone.
    WITHDRAWN = "withdrawn", _("taken back")


class By(TextChoices):
    """Who takes a step."""

    TELLER = "teller", "teller"
    MODERATOR = "moderator", "moderator"
    # The program itself: what is due.
    SITE = "site", "site"


class Step(TextChoices):
    """What is done."""

    SEND = "send", "send"
    TAKE = "take", "take"
    PUT_BACK = "put-back", "put back"
    PROPOSE = "propose", "propose"
    ASK_CHANGES = "ask-changes", "ask for changes"
    RETRACT = "retract", "retract"
    AGREE = "agree", "agree"
    REFUSE = "refuse", "refuse"
    DECLINE = "decline", "decline"
    REOPEN = "reopen", "reopen"
    RELEASE = "release", "release"
    TAKE_DOWN = "take-down", "take down"
    WITHDRAW = "withdraw", "withdraw"


class NotAllowedError(Exception):
    """The step does not lead on from where it stands, or not by whoever takes it."""


@dataclass(frozen=True)
class Transition:
    """A row: what is done, by whom, from where, to where."""

    step: Step
    by: frozenset[By]
    sources: frozenset[State]
    target: State


def _row(step: Step, by: By | set[By], sources: set[State], target: State) -> Transition:
    return Transition(step, frozenset(by if isinstance(by, set) else {by}), frozenset(sources), target)


TABLE: tuple[Transition, ...] = (
    _row(Step.SEND, By.TELLER, {State.DRAFT}, State.RECEIVED),
    _row(Step.TAKE, By.MODERATOR, {State.RECEIVED}, State.READING),
    _row(Step.PUT_BACK, By.MODERATOR, {State.READING}, State.RECEIVED),
    _row(Step.PROPOSE, By.MODERATOR, {State.READING}, State.PROPOSED),
    _row(Step.ASK_CHANGES, By.TELLER, {State.PROPOSED}, State.READING),
    # What was not said yes to, or not released yet, can be worked on once more; a new yes is needed.
    _row(Step.RETRACT, By.MODERATOR, {State.PROPOSED, State.AGREED}, State.READING),
    _row(Step.AGREE, By.TELLER, {State.PROPOSED}, State.AGREED),
    _row(Step.REFUSE, By.TELLER, {State.PROPOSED}, State.DECLINED),
    _row(Step.DECLINE, By.MODERATOR, {State.RECEIVED, State.READING, State.PROPOSED}, State.DECLINED),
    _row(Step.REOPEN, By.MODERATOR, {State.DECLINED}, State.READING),
    _row(Step.RELEASE, By.SITE, {State.AGREED}, State.PUBLISHED),
    # The page says something else than what the yes was for: it goes until there is a new yes.
    _row(Step.TAKE_DOWN, {By.SITE, By.MODERATOR}, {State.PUBLISHED}, State.PROPOSED),
    _row(Step.WITHDRAW, By.TELLER, set(State) - {State.WITHDRAWN}, State.WITHDRAWN),
)
# What may be waited for no longer than its time; what was agreed to stays with its yes.
EXPIRING = frozenset({State.DRAFT, State.RECEIVED, State.READING, State.PROPOSED, State.DECLINED})
# What moderators may see at all.
READABLE = frozenset(set(State) - {State.DRAFT, State.WITHDRAWN})


def target_of(state: str, step: Step, by: By) -> State:
    """Return where a step leads.

    Raises:
        NotAllowedError: nowhere, from there and by them.
    """
    for row in TABLE:
        if row.step == step and by in row.by and state in row.sources:
            return row.target
    raise NotAllowedError(f"{step} by {by} does not lead on from {state}.")


def may(state: str, step: Step, by: By) -> bool:
    """Whether a step leads on from a state by somebody."""
    return any(row.step == step and by in row.by and state in row.sources for row in TABLE)
