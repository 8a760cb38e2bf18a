"""Belonging to a coalition: one side asks, the other says yes or no; either ends it. Only a yes is public."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cms.base.gathering import pages_changed
from cms.organizations.models import OrganizationPage
from coalition.accounts.models import User
from coalition.coalitions.models import GROUPS, Affiliation
from coalition.membership.contact import hears
from coalition.membership.notices import waits_tell
from coalition.membership.selectors import ORGANIZING, people_of

State = Affiliation.State


def members_of(coalition: OrganizationPage) -> QuerySet[OrganizationPage]:
    """Return the public organizations that belong to a coalition, by name."""
    ids = Affiliation.objects.filter(coalition=coalition, state=State.ACCEPTED).values("member_id")
    return OrganizationPage.objects.live().filter(pk__in=ids).order_by("title", "pk")


def coalitions_of(member: OrganizationPage) -> QuerySet[OrganizationPage]:
    """Return the public coalitions an organization belongs to, by name."""
    ids = Affiliation.objects.filter(member=member, state=State.ACCEPTED).values("coalition_id")
    return OrganizationPage.objects.live().filter(pk__in=ids).order_by("title", "pk")


@transaction.atomic
def affiliation_propose(
    *, coalition: OrganizationPage, member: OrganizationPage, by: User, is_invitation: bool
) -> Affiliation:
    """Ask an organization to belong to a coalition, or ask to belong to one.

    Asking twice is asking once. Where the other side has asked already, both want it: it is accepted.
    Whoever has blocked those who ask is not told and not shown it; nothing they can see says so.

    Raises:
        ValidationError: it belongs already, is the same, or is no organization that others belong to.
    """
    # Both, in one order: two sides that ask at the same moment meet.
    list(
        OrganizationPage.objects.select_for_update(of=("self",)).filter(pk__in=[coalition.pk, member.pk]).order_by("pk")
    )
    if coalition.pk == member.pk:
        raise ValidationError(_("An organization does not belong to itself. Choose another."))
    if coalition.kind not in GROUPS:
        raise ValidationError(_("Organizations can belong to a coalition or a federation. This is neither."))
    known = Affiliation.objects.filter(
        coalition=coalition, member=member, state__in=[State.OPEN, State.ACCEPTED]
    ).first()
    if known is None:
        asked = Affiliation(coalition=coalition, member=member, proposed_by=by, is_invitation=is_invitation)
        asked.is_unheard = not hears(asked.answering, asked.asking)
        asked.save()
        return _tell(asked)
    if known.state == State.ACCEPTED:
        raise ValidationError(_("%(name)s belongs to it already.") % {"name": member.title})
    if known.is_invitation != is_invitation:
        return affiliation_answer(affiliation=known, accepts=True)
    if known.is_unheard and hears(known.answering, known.asking):
        # It could not be heard then; the block has ended since.
        known.is_unheard = False
        known.save(update_fields=["is_unheard"])
        return _tell(known)
    return known


def _tell(affiliation: Affiliation) -> Affiliation:
    if not affiliation.is_unheard:
        organizers = people_of([affiliation.answering], roles=ORGANIZING)
        waits_tell(key=f"affiliation:{affiliation.public_id}", people=organizers)
    return affiliation


def unheard_become(*, organization: OrganizationPage, blocked: OrganizationPage) -> None:
    """Show an organization no longer what another asked of it, and take back what it asked of the other."""
    between = Q(coalition=organization, member=blocked) | Q(coalition=blocked, member=organization)
    for affiliation in Affiliation.objects.select_for_update().filter(between, state=State.OPEN).order_by("pk"):
        if affiliation.answering.pk == organization.pk:
            affiliation.is_unheard = True
            affiliation.save(update_fields=["is_unheard"])
        else:
            affiliation_end(affiliation=affiliation)


def _locked(affiliation: Affiliation) -> Affiliation:
    return (
        Affiliation.objects.select_for_update(of=("self",)).select_related("coalition", "member").get(pk=affiliation.pk)
    )


def _set(affiliation: Affiliation, state: Affiliation.State) -> Affiliation:
    affiliation.state, affiliation.changed = state, timezone.now()
    affiliation.save(update_fields=["state", "changed"])
    # Both pages show it.
    pages_changed([affiliation.coalition_id, affiliation.member_id])
    return affiliation


@transaction.atomic
def affiliation_answer(*, affiliation: Affiliation, accepts: bool) -> Affiliation:
    """Say yes or no.

    Raises:
        ValidationError: it was answered or taken back.
    """
    current = _locked(affiliation)
    if current.state != State.OPEN:
        raise ValidationError(_("This was answered or taken back already. Nothing has changed."))
    if accepts:
        # Both sides asked: what they have agreed is theirs to see.
        Affiliation.objects.filter(pk=current.pk).update(is_unheard=False)
    return _set(current, State.ACCEPTED if accepts else State.DECLINED)


@transaction.atomic
def affiliation_end(*, affiliation: Affiliation) -> Affiliation:
    """Take a request back, or leave, or let go: either side at any time. What has ended stays ended."""
    current = _locked(affiliation)
    if current.state == State.OPEN:
        return _set(current, State.WITHDRAWN)
    return _set(current, State.ENDED) if current.state == State.ACCEPTED else current
