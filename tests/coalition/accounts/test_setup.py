"""The first administrator comes in by a link that serves once."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from coalition.accounts import setup as setting_up
from coalition.accounts.models import User

pytestmark = pytest.mark.usefixtures("site")

FILLED = {"email": "ada@example.org", "display_name": "Ada", "password": "seven purple doors"}


def address() -> str:
    link = setting_up.setup_link(base_url="http://testserver")
    assert link is not None
    return link.removeprefix("http://testserver")


def test_the_link_makes_one_administrator_and_signs_in() -> None:
    link, client = address(), Client()
    assert client.get(link).status_code == 200
    response = client.post(link, FILLED)
    assert (response.status_code, response["Location"]) == (302, "/admin/")
    user = User.objects.get()
    assert (user.email, user.is_superuser, user.check_password("seven purple doors")) == ("ada@example.org", True, True)
    assert client.get("/admin/")["Location"] == "/account/2fa/?needed=1"
    page = client.get("/account/2fa/?needed=1").content.decode()
    assert "Your role can do harm in other hands: add a second lock first." in page
    confirmed = user.emailaddress_set.get()
    assert (confirmed.email, confirmed.verified, confirmed.primary) == ("ada@example.org", True, True)


def test_a_used_link_is_over_and_no_other_is_made() -> None:
    link = address()
    Client().post(link, FILLED)
    assert Client().get(link).status_code == 410
    assert Client().post(link, {**FILLED, "email": "eve@example.org"}).status_code == 410
    assert User.objects.count() == 1
    assert setting_up.setup_link(base_url="http://testserver") is None


def test_a_link_is_over_after_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    link = address()
    monkeypatch.setattr(setting_up, "LIFETIME", timedelta(seconds=-1))
    assert Client().get(link).status_code == 410
    assert timezone.now()


def test_a_weak_password_is_refused_with_a_sentence() -> None:
    response = Client().post(address(), {**FILLED, "password": "password"})
    assert response.context["form"].errors == {"password": ["This password is too common."]}
    assert not User.objects.exists()


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzABCDEF0123456789:_-", min_size=1, max_size=80))
def test_no_other_token_serves(token: str) -> None:
    assert setting_up.token_is_good(token) is False


def test_two_spellings_of_an_address_are_one_person() -> None:
    from django.db import IntegrityError, transaction

    User.objects.create_user("ada@example.org", "x")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("ADA@example.org", "x")
    assert User.objects.get_by_natural_key("Ada@Example.org").email == "ada@example.org"
