"""People for tests: who they are, and a browser in which they have signed in."""

from django.test import Client

from cms.organizations.models import OrganizationPage
from coalition.accounts.models import User
from coalition.membership.models import Membership
from tests import factories


def person(name: str, organization: OrganizationPage | None = None, role: str = "member") -> User:
    """Return somebody new, who has a role in an organization if one is given."""
    # Owners need a second lock, and whoever is none may become one.
    user = factories.user(f"{name}@example.org", display_name=name.title(), second_lock=True)
    if organization is not None:
        Membership.objects.create(organization=organization, user=user, role=role)
    return user


def signed_in(user: User) -> Client:
    """Return a client in which somebody has signed in."""
    client = Client()
    client.force_login(user)
    return client
