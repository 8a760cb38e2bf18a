"""Who belongs where: the questions that views and other packages ask."""

from collections.abc import Iterable

from django.db.models import QuerySet

from cms.organizations.models import OrganizationPage
from coalition.accounts.models import User
from coalition.membership.models import Membership, Practice

ORGANIZING = (Membership.Role.OWNER, Membership.Role.ORGANIZER)


def organizations_of(user: User, *, roles: tuple[str, ...] = ()) -> QuerySet[OrganizationPage]:
    """Return the organizations somebody belongs to; with ``roles``, those in which they have one of them."""
    mine = Membership.objects.filter(user=user)
    if roles:
        mine = mine.filter(role__in=roles)
    return OrganizationPage.objects.filter(pk__in=mine.values("organization_id")).order_by("title", "pk")


def organized_by(user: User) -> QuerySet[OrganizationPage]:
    """Return the organizations somebody organizes for, as an organizer or an owner."""
    return organizations_of(user, roles=ORGANIZING)


def people_of(organizations: Iterable[OrganizationPage], *, roles: tuple[str, ...] = ()) -> QuerySet[User]:
    """Return, each once, the people of organizations whose accounts are active; with ``roles``, who has one of them."""
    memberships = Membership.objects.filter(organization__in=organizations)
    if roles:
        memberships = memberships.filter(role__in=roles)
    return User.objects.filter(pk__in=memberships.values("user_id"), is_active=True).order_by("display_name", "pk")


def reviews_first(organization: OrganizationPage) -> bool:
    """Whether what the organization's organizers write is read by somebody else before it is published."""
    return Practice.objects.filter(organization=organization, publishing=Practice.Publishing.REVIEW).exists()
