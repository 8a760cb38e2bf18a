"""People and organizations for these tests."""

from collections.abc import Callable

import pytest
from django.test import Client

from cms.organizations.models import OrganizationPage
from coalition.accounts.models import User
from coalition.membership.models import Membership
from tests import factories


@pytest.fixture
def organization(db: None) -> OrganizationPage:
    return factories.organization("Nurses of the Coast", contact="Call the hall")


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    def make(name: str, organization: OrganizationPage | None = None, role: str = "member") -> User:
        # Owners need a second lock, and whoever is none may become one.
        user = factories.user(f"{name}@example.org", display_name=name.title(), second_lock=True)
        if organization is not None:
            Membership.objects.create(organization=organization, user=user, role=role)
        return user

    return make


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in
