"""Invitations by mail: they work once, for one address, and nobody can use one who only reads the database."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from cms.organizations.models import OrganizationPage
from coalition.accounts.models import User
from coalition.accounts.needs import needs_of
from coalition.mail.models import OutgoingMail
from coalition.membership.models import Invitation, Membership

pytestmark = pytest.mark.django_db
People = Callable[..., User]
SignIn = Callable[[User], Client]


@pytest.fixture
def invite(
    organization: OrganizationPage,
    person: People,
    signed_in: SignIn,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> Callable[..., str]:
    """Invites an address, and returns the path of the link in its mail."""
    owner = signed_in(person("ada", organization, "owner"))

    def send(email: str, role: str = "organizer") -> str:
        with django_capture_on_commit_callbacks(execute=True):
            response = owner.post(
                reverse("organization_invite", args=[organization.public_id]), {"email": email, "role": role}
            )
        assert response.status_code == 302
        found = re.search(r"https?://[^/]+(/organize/invitations/\S+)", str(mail.outbox[-1].body))
        assert found
        return found[1]

    return send


def test_whoever_was_invited_belongs_to_it(
    invite: Callable[..., str], person: People, signed_in: SignIn, organization: OrganizationPage
) -> None:
    link = invite("BEN@example.org")
    assert mail.outbox[-1].to == ["BEN@example.org"]
    assert mail.outbox[-1].subject == "Nurses of the Coast invites you to Coalition"
    ben = person("ben")
    client = signed_in(ben)
    assert "Nurses of the Coast invites you" in client.get(link).content.decode()
    assert [need.sentence for need in needs_of(ben)] == ["Nurses of the Coast invites you."]
    client.post(link)
    assert Membership.objects.get(user=ben).role == "organizer"
    assert client.get(link).status_code == 410
    assert [need.sentence for need in needs_of(ben)] == []


def test_the_token_is_in_no_table_once_the_mail_is_sent(invite: Callable[..., str]) -> None:
    token = invite("ben@example.org").rstrip("/").rsplit("/", 1)[-1]
    stored = [*Invitation.objects.values(), *OutgoingMail.objects.values()]
    assert stored
    assert token not in str(stored)


def test_somebody_else_cannot_use_the_link(invite: Callable[..., str], person: People, signed_in: SignIn) -> None:
    link = invite("ben@example.org")
    other = person("other")
    response = signed_in(other).post(link)
    assert "was sent to another address" in response.content.decode()
    assert not Membership.objects.filter(user=other).exists()
    assert Invitation.objects.get().state == "open"
    # Nor end it.
    signed_in(other).post(link, {"decline": "1"})
    assert Invitation.objects.get().state == "open"


def test_a_visitor_signs_in_first(invite: Callable[..., str]) -> None:
    link = invite("ben@example.org")
    response = Client().get(link)
    assert response.status_code == 302
    assert response.headers["Location"].endswith(f"?next={link}")


@pytest.mark.parametrize("end", ["taken back", "expired", "declined", "invited again"])
def test_an_invitation_that_ended_gives_nothing(
    end: str,
    invite: Callable[..., str],
    person: People,
    signed_in: SignIn,
    organization: OrganizationPage,
) -> None:
    link = invite("ben@example.org")
    ben = person("ben")
    invitation = Invitation.objects.get()
    if end == "taken back":
        signed_in(User.objects.get(email="ada@example.org")).post(
            reverse("invitation_take_back", args=[invitation.public_id])
        )
    elif end == "expired":
        Invitation.objects.update(expires=timezone.now() - timedelta(seconds=1))
    elif end == "declined":
        signed_in(ben).post(link, {"decline": "1"})
    else:
        invite("Ben@example.org")
    assert signed_in(ben).post(link).status_code == 410
    assert not Membership.objects.filter(user=ben).exists()


def test_an_address_with_and_without_an_account_answer_alike(
    organization: OrganizationPage, person: People, signed_in: SignIn
) -> None:
    person("known")
    owner = signed_in(person("ada", organization, "owner"))
    address = reverse("organization_invite", args=[organization.public_id])
    answers: list[Any] = [
        owner.post(address, {"email": email, "role": "member"}, follow=True)
        for email in ("known@example.org", "nobody@example.org")
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [str(message) for answer in answers for message in answer.context["messages"]] == [
        "The invitation is on its way. Its link works for 14 days."
    ] * 2
    assert OutgoingMail.objects.count() == 2


def test_who_is_invited_twice_keeps_the_higher_role(
    invite: Callable[..., str], person: People, signed_in: SignIn, organization: OrganizationPage
) -> None:
    ben = person("ben", organization, "owner")
    signed_in(ben).post(invite("ben@example.org", "member"))
    assert Membership.objects.get(user=ben).role == "owner"


def test_nonsense_is_said_at_the_field(organization: OrganizationPage, person: People, signed_in: SignIn) -> None:
    owner = signed_in(person("ada", organization, "owner"))
    response = owner.post(
        reverse("organization_invite", args=[organization.public_id]), {"email": "no address", "role": "emperor"}
    )
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"email", "role"}
    assert "no address" in response.content.decode()
