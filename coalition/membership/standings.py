"""What somebody is to an organization, told to the table of permissions."""

from collections.abc import Iterable

from cms.organizations.models import OrganizationPage
from coalition.accounts.models import User
from coalition.accounts.permissions import state_of
from coalition.accounts.roles import Role, standing_anywhere, standing_to
from coalition.membership.applications import asks_for
from coalition.membership.invitations import is_for
from coalition.membership.models import Application, Invitation, Membership

ROLES = {
    Membership.Role.OWNER: Role.OWNER,
    Membership.Role.ORGANIZER: Role.ORGANIZER,
    Membership.Role.MEMBER: Role.AFFILIATE,
}


def memberships_of(user: User) -> dict[int, Role]:
    """Return what somebody is, by the id of the organization. Asks the database once a user object."""
    known: dict[int, Role] | None = getattr(user, "_memberships", None)
    if known is None:
        rows = Membership.objects.filter(user=user).values_list("organization_id", "role")
        known = user._memberships = {pk: ROLES[Membership.Role(role)] for pk, role in rows}  # type: ignore[attr-defined]
    return known


def standing_in(user: User, organization_ids: Iterable[int]) -> set[Role]:
    """Return everything somebody is to any of these organizations."""
    mine = memberships_of(user)
    return {mine[pk] for pk in organization_ids if pk in mine}


@standing_to(OrganizationPage)
def to_organization(user: User, organization: OrganizationPage) -> Iterable[Role]:
    """Return what somebody is to an organization."""
    return standing_in(user, [organization.pk])


@standing_to(Membership)
def to_membership(user: User, membership: Membership) -> Iterable[Role]:
    """Return what somebody is to a membership: their own, or one of their organization's."""
    own = {Role.SELF} if membership.user_id == user.pk else set()
    return own | standing_in(user, [membership.organization_id])


@standing_to(Invitation)
def to_invitation(user: User, invitation: Invitation) -> Iterable[Role]:
    """Return what somebody is to an invitation: it is their own, or their organization's."""
    own = {Role.SELF} if is_for(invitation, user) else set()
    return own | standing_in(user, [invitation.organization_id])


@standing_to(Application)
def to_application(user: User, application: Application) -> Iterable[Role]:
    """Return what somebody is to an application: their own, or one to their organization."""
    own = {Role.SELF} if application.user_id == user.pk else set()
    return own | standing_in(user, [application.organization_id])


@state_of(OrganizationPage)
def organization_state(organization: OrganizationPage) -> str:
    """Return whether an organization is public."""
    return "live" if organization.live else "draft"


@state_of(Invitation)
def invitation_state(invitation: Invitation) -> str:
    """Return what became of an invitation; one whose time is over has ended."""
    return "ended" if invitation.state == Invitation.State.OPEN and not invitation.is_open else invitation.state


@state_of(Application)
def application_state(application: Application) -> str:
    """Return what an open application asks for as things are, and of another what became of it."""
    return asks_for(application) if application.state == Application.State.OPEN else application.state


@standing_anywhere
def anywhere(user: User) -> Iterable[Role]:
    """Return what somebody is to any organization."""
    return set(memberships_of(user).values())
