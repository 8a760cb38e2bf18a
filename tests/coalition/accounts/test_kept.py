"""What somebody wrote while their session ended, or before they had a second lock, is back in its form."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse

from cms.organizations.models import OrganizationPage
from coalition.accounts.models import User
from coalition.allies.introductions import introduction_accept, introduction_ask
from coalition.allies.models import Introduction, Message
from coalition.coalitions.models import CalendarEntry
from coalition.membership.applications import application_make
from coalition.membership.models import Application, Membership
from tests import factories
from tests.coalition.people import person, signed_in

pytestmark = pytest.mark.django_db
TEXT = "Written for an hour."


def _profile(own: OrganizationPage, _who: User) -> tuple[str, str]:
    return reverse("organization_profile", args=[own.public_id]), "standfirst"


def _new(_own: OrganizationPage, _who: User) -> tuple[str, str]:
    return reverse("organization_new"), "note"


def _application(_own: OrganizationPage, _who: User) -> tuple[str, str]:
    return reverse("organization_apply", args=[factories.organization("Cooks").public_id]), "note"


def _decision(own: OrganizationPage, _who: User) -> tuple[str, str]:
    application = application_make(organization=own, user=factories.user(), note="n")
    return reverse("application_decide", args=[application.public_id]), "answer"


def _introduction(own: OrganizationPage, _who: User) -> tuple[str, str]:
    return reverse("introduction_new", args=[own.public_id, factories.organization("Cooks").public_id]), "note"


def _message(own: OrganizationPage, who: User) -> tuple[str, str]:
    cooks = factories.organization("Cooks")
    introduction = introduction_ask(asking=own, asked=cooks, asked_by=who, note="n", contact="c")
    introduction_accept(introduction=introduction, answered_by=person("eve", cooks, "owner"), contact="c")
    return reverse("introduction", args=[introduction.public_id]), "text"


def _date(own: OrganizationPage, _who: User) -> tuple[str, str]:
    OrganizationPage.objects.filter(pk=own.pk).update(kind="coalition")
    return reverse("calendar_entry_new", args=[own.public_id]), "note"


PAGES = {
    "an organization’s profile": _profile,
    "a new organization": _new,
    "an application": _application,
    "a decision": _decision,
    "an introduction": _introduction,
    "a message": _message,
    "a date": _date,
}


def _stored() -> list[int]:
    return [model.objects.count() for model in (Application, Introduction, Message, CalendarEntry)]


@pytest.mark.parametrize("opened", PAGES.values(), ids=PAGES.keys())
def test_what_is_posted_after_the_session_ended_is_back(
    opened: Callable[[OrganizationPage, User], tuple[str, str]],
) -> None:
    own = factories.organization("Nurses")
    who = person("ada", own, "owner")
    address, field = opened(own, who)
    before, client = _stored(), Client()
    answer = client.post(address, {field: TEXT})
    assert (answer.status_code, answer["Location"]) == (302, f"/account/login/?next={address}")
    client.force_login(who)
    again = client.get(address)
    assert again.status_code == 200
    assert TEXT in again.content.decode()
    assert [str(said) for said in again.context["messages"]] == [
        "What you wrote before you signed in is back. It is not saved yet."
    ]
    assert _stored() == before
    # Nobody else finds it there.
    assert TEXT not in signed_in(who).get(address).content.decode()


def test_what_is_sent_then_is_forgotten() -> None:
    own, cooks = factories.organization("Nurses"), factories.organization("Cooks")
    who, client = person("ada", own, "organizer"), Client()
    address = reverse("introduction_new", args=[own.public_id, cooks.public_id])
    client.post(address, {"note": TEXT, "contact": "Ada"})
    client.force_login(who)
    assert client.post(address, {"note": TEXT, "contact": "Ada"}).status_code == 302
    assert client.session["kept"] == {}


def test_what_is_posted_before_one_has_a_second_lock_is_back_with_it() -> None:
    own = factories.organization("Nurses")
    who = factories.user()
    Membership.objects.create(organization=own, user=who, role="owner")
    client = signed_in(who)
    address, _field = _introduction(own, who)
    assert client.post(address, {"note": TEXT, "contact": "Ada"})["Location"] == "/account/2fa/?needed=1"
    assert not Introduction.objects.exists()
    TOTP.activate(who, generate_totp_secret())
    assert Authenticator.objects.filter(user=who).exists()
    assert client.session["coalition_go_on"] == address
    assert TEXT in client.get(address).content.decode()


def test_what_carries_no_token_is_not_kept_for_whoever_lacks_a_second_lock() -> None:
    own = factories.organization("Nurses")
    who: Any = factories.user()
    Membership.objects.create(organization=own, user=who, role="owner")
    client = Client(enforce_csrf_checks=True)
    client.force_login(who)
    address, _field = _introduction(own, who)
    assert client.post(address, {"note": TEXT, "contact": "Ada"}).status_code == 403
    assert "kept" not in client.session
