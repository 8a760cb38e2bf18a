"""Introductions: asking, answering, ending, blocking. Every change is one of a few steps, checked under a lock.

To those who asked, a no, silence and a block look the same: "waits" until the time is over, then "no answer".
"""

from collections.abc import Callable
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cms.organizations.models import OrganizationPage
from coalition.accounts.models import User
from coalition.allies.mails import introduction_tell
from coalition.allies.models import Block, Introduction
from coalition.membership.contact import hears, refuses_to_hear
from coalition.membership.signals import contact_refused

LIFETIME = timedelta(days=30)
# Of one organization within a month: a request is a hand held out, not a mailing.
MOST_IN_A_MONTH = 30
State = Introduction.State
# What those who asked may not tell apart.
_PENDING = (State.WAITING, State.DECLINED, State.UNHEARD)


def shown_state(introduction: Introduction) -> str:
    """Return the state as those who asked see it: ``waiting``, ``unanswered``, or what both sides know."""
    if introduction.state in _PENDING:
        return "unanswered" if introduction.is_over else State.WAITING.value
    return introduction.state


def between(one: OrganizationPage, other: OrganizationPage) -> Introduction | None:
    """Return the introduction by which two organizations know each other, whoever asked."""
    sides = Q(asking=one, asked=other) | Q(asking=other, asked=one)
    return Introduction.objects.filter(sides, state=State.ACCEPTED).first()


def pending(asking: OrganizationPage, asked: OrganizationPage) -> Introduction | None:
    """Return the request that still waits, as far as those who asked can know."""
    waiting = Introduction.objects.filter(asking=asking, asked=asked, state__in=_PENDING, expires__gt=timezone.now())
    return waiting.first()


@transaction.atomic
def introduction_ask(
    *,
    asking: OrganizationPage,
    asked: OrganizationPage,
    asked_by: User,
    note: str,
    contact: str,
    reason: Callable[[], str] = str,
) -> Introduction:
    """Ask another organization to be introduced.

    Whether it has blocked those who ask, has said no before, or has nobody who reads, changes nothing they can see.
    A no holds as long as the request that it answers would have waited; and within that time only the first is mailed.

    Args:
        asking: one's own organization.
        asked: a published one.
        asked_by: who asks.
        note: what the other side reads first.
        contact: whom to reach, shown once the other side has accepted.
        reason: returns what both share, as the list of allies says it; called only if the request is made.

    Raises:
        ValidationError: both know each other, a request waits already, or too many were sent.
    """
    # Two organizers who ask at the same moment take turns.
    OrganizationPage.objects.select_for_update(of=("self",)).get(pk=asking.pk)
    if asking.pk == asked.pk:
        raise ValidationError(_("This is your own organization."))
    if between(asking, asked) is not None:
        raise ValidationError(_("You have been introduced already. Write to each other in your thread."))
    if pending(asking, asked) is not None:
        raise ValidationError(_("You have asked already. The answer stands on your page."))
    month = Introduction.objects.filter(asking=asking, created__gt=timezone.now() - timedelta(days=30))
    if month.count() >= MOST_IN_A_MONTH:
        raise ValidationError(
            _("Your organization has asked %(count)s others this month. Go on next month.") % {"count": MOST_IN_A_MONTH}
        )
    before = Introduction.objects.filter(asking=asking, asked=asked, expires__gt=timezone.now())
    is_heard = hears(asked, asking) and not before.filter(was_declined=True).exists()
    # Taken back and asked again, it stands on their page again, and that is enough.
    is_first = not before.filter(state=State.WITHDRAWN).exists()
    introduction = Introduction.objects.create(
        asking=asking,
        asked=asked,
        asked_by=asked_by,
        note=note,
        asking_contact=contact,
        reason=reason()[:500],
        state=State.WAITING if is_heard else State.UNHEARD,
        expires=timezone.now() + LIFETIME,
    )
    if is_heard and is_first:
        introduction_tell(introduction=introduction, what="asked", to=asked)
    return introduction


def _locked(introduction: Introduction) -> Introduction:
    return (
        Introduction.objects.select_for_update(of=("self",)).select_related("asking", "asked").get(pk=introduction.pk)
    )


def _pair_lock(*pair: int) -> None:
    """Let others who settle something between the same two wait: requests that cross are rows of their own."""
    rows = OrganizationPage.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=pair).order_by("pk")
    list(rows.values_list("pk", flat=True))


def _set(introduction: Introduction, state: Introduction.State, **fields: object) -> None:
    introduction.state, introduction.changed = state, timezone.now()
    for name, value in fields.items():
        setattr(introduction, name, value)
    introduction.save(update_fields=["state", "changed", *fields])


@transaction.atomic
def introduction_accept(*, introduction: Introduction, answered_by: User, contact: str) -> Introduction:
    """Say yes: from now on both sides see whom to reach, and can write to each other.

    Raises:
        ValidationError: it was answered or taken back, or its time is over.
    """
    _pair_lock(introduction.asking_id, introduction.asked_id)
    current = _locked(introduction)
    if not current.is_answerable:
        raise ValidationError(_("This request can no longer be answered: it was taken back, answered, or has ended."))
    if between(current.asking, current.asked) is not None:
        raise ValidationError(_("You have been introduced already. Write to each other in your thread."))
    _set(current, State.ACCEPTED, answered_by=answered_by, asked_contact=contact)
    introduction_tell(introduction=current, what="accepted", to=current.asking)
    return current


@transaction.atomic
def introduction_decline(*, introduction: Introduction, answered_by: User) -> None:
    """Say no. Those who asked are not told: to them it goes on waiting until its time is over.

    Raises:
        ValidationError: it was answered or taken back, or its time is over.
    """
    current = _locked(introduction)
    if not current.is_answerable:
        raise ValidationError(_("This request can no longer be answered: it was taken back, answered, or has ended."))
    _set(current, State.DECLINED, answered_by=answered_by)


@transaction.atomic
def introduction_withdraw(*, introduction: Introduction) -> bool:
    """Take a request back; return whether it still seemed to wait."""
    current = _locked(introduction)
    if current.state not in _PENDING or current.is_over:
        return False
    _set(current, State.WITHDRAWN, was_declined=current.state == State.DECLINED)
    return True


@transaction.atomic
def introduction_end(*, introduction: Introduction) -> bool:
    """End what was agreed, at once and for both: contacts are no longer shown, nothing more can be written."""
    current = _locked(introduction)
    if current.state != State.ACCEPTED:
        return False
    _set(current, State.ENDED)
    return True


@refuses_to_hear
def has_blocked(organization: OrganizationPage, asking: OrganizationPage) -> bool:
    """Whether an organization has blocked another."""
    return Block.objects.filter(organization=organization, blocked=asking).exists()


@transaction.atomic
def organization_block(*, organization: OrganizationPage, blocked: OrganizationPage) -> None:
    """Hear nothing more from another organization: what is agreed ends, what waits is gone. It is not told."""
    if organization.pk == blocked.pk:
        raise ValidationError(_("This is your own organization."))
    # Whoever asks at this moment takes turns with it: what they ask is either gone with the rest, or never heard.
    _pair_lock(organization.pk, blocked.pk)
    Block.objects.get_or_create(organization=organization, blocked=blocked)
    known = between(organization, blocked)
    if known is not None:
        introduction_end(introduction=known)
    Introduction.objects.filter(asking=blocked, asked=organization, state=State.WAITING).update(
        state=State.UNHEARD, changed=timezone.now()
    )
    Introduction.objects.filter(asking=organization, asked=blocked, state=State.WAITING).update(
        state=State.WITHDRAWN, changed=timezone.now()
    )
    contact_refused.send(sender=OrganizationPage, organization=organization, blocked=blocked)


@transaction.atomic
def organization_unblock(*, organization: OrganizationPage, blocked: OrganizationPage) -> None:
    """Hear from another organization again, from its next request on."""
    Block.objects.filter(organization=organization, blocked=blocked).delete()
