"""Roles in an organization change, and people leave it. An organization with people in it always has an owner."""

from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cms.organizations.models import OrganizationPage
from coalition.accounts.models import User
from coalition.accounts.posted import uuids_in
from coalition.membership.models import Membership
from coalition.membership.signals import membership_ended

OWNER = Membership.Role.OWNER


def _locked(organization: OrganizationPage) -> list[Membership]:
    # All of them, in one order: two owners who leave at the same moment must see each other go.
    rows = Membership.objects.select_for_update(of=("self",)).filter(organization=organization)
    return list(rows.select_related("user").order_by("pk"))


def _keep_an_owner(memberships: list[Membership], without: Membership, *, stays: bool) -> None:
    others = [membership for membership in memberships if membership.pk != without.pk]
    somebody_left = stays or others
    # Whoever cannot sign in leads nobody.
    owners = [membership for membership in others if membership.role == OWNER and membership.user.is_active]
    if without.role == OWNER and somebody_left and not owners:
        raise ValidationError(
            _("An organization needs an owner. Make somebody else an owner first, and try again."), code="last-owner"
        )


@transaction.atomic
def membership_add(*, organization: OrganizationPage, user: User, role: str) -> Membership:
    """Let somebody belong to an organization; whoever does already keeps the higher of both roles."""
    order = list(Membership.Role.values)
    membership, is_new = Membership.objects.select_for_update().get_or_create(
        organization=organization, user=user, defaults={"role": role}
    )
    if not is_new and order.index(role) < order.index(membership.role):
        membership.role = role
        membership.save(update_fields=["role"])
    return membership


@transaction.atomic
def membership_change(*, membership: Membership, role: str) -> Membership:
    """Give somebody another role.

    Raises:
        ValidationError: the last owner would be none any more, or there is no such role.
    """
    if role not in Membership.Role.values:
        raise ValidationError(_("There is no such role. Choose one of the list."))
    memberships = {each.pk: each for each in _locked(membership.organization)}
    current = memberships.get(membership.pk)
    if current is None:
        raise ValidationError(_("This person no longer belongs to the organization."))
    if role != OWNER:
        _keep_an_owner(list(memberships.values()), current, stays=True)
    current.role = role
    current.save(update_fields=["role"])
    return current


@transaction.atomic
def membership_end(*, membership: Membership) -> None:
    """Let somebody leave, or be removed. The last person may leave: the page can then be claimed again.

    Raises:
        ValidationError: the last owner would leave others behind.
    """
    memberships = _locked(membership.organization)
    current = next((each for each in memberships if each.pk == membership.pk), None)
    if current is None:
        return
    _keep_an_owner(memberships, current, stays=False)
    current.delete()
    membership_ended.send(sender=Membership, organization=membership.organization, user=membership.user)


def members_chosen(organization: OrganizationPage, public_ids: Iterable[str]) -> QuerySet[Membership]:
    """Return the people of an organization whose ids somebody posted; whatever else stands there names nobody."""
    return Membership.objects.filter(organization=organization, public_id__in=uuids_in(public_ids))


@transaction.atomic
def memberships_change(*, organization: OrganizationPage, memberships: Sequence[Membership], role: str) -> int:
    """Give several people another role, all of them or none; return how many.

    Raises:
        ValidationError: nobody was chosen, or it may not be for one of them.
    """
    _some(memberships)
    _locked(organization)
    for membership in sorted(memberships, key=lambda each: each.pk):
        membership_change(membership=membership, role=role)
    return len(memberships)


@transaction.atomic
def memberships_end(*, organization: OrganizationPage, memberships: Sequence[Membership]) -> int:
    """Remove several people, all of them or none; return how many.

    Raises:
        ValidationError: nobody was chosen, or the last owner would leave others behind.
    """
    _some(memberships)
    _locked(organization)
    # Owners last: who goes with them is not left behind.
    for membership in sorted(memberships, key=lambda each: (each.role == OWNER, each.pk)):
        membership_end(membership=membership)
    return len(memberships)


def _some(memberships: Sequence[Membership]) -> None:
    if not memberships:
        raise ValidationError(_("Tick whom you mean, then try again."))


def stays_for(user: User) -> list[OrganizationPage]:
    """Return the organizations of which somebody is the only owner, with other people in them."""
    kept = []
    for own in Membership.objects.filter(user=user, role=OWNER).select_related("organization"):
        others = Membership.objects.filter(organization=own.organization).exclude(pk=own.pk)
        if others.exists() and not others.filter(role=OWNER, user__is_active=True).exists():
            kept.append(own.organization)
    return kept


def leaving_locked(user: User) -> None:
    """Let nobody else come, go or change roles where somebody is an owner, until the transaction ends."""
    owned = OrganizationPage.objects.filter(memberships__user=user, memberships__role=OWNER)
    for organization in owned.order_by("pk"):
        _locked(organization)
