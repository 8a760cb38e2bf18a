"""Promise 24: sessions end: after a time without use, after a time at all, by hand, and with what they rest on."""

import time
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from coalition.accounts.models import Session
from coalition.accounts.sessions import BEGAN, SEEN, session_end, session_is_over, session_reference
from tests import factories
from tests.coalition.accounts.door import mailed_code, mails, sign_in
from tests.factories import PASSWORD

moments = st.integers(0, 10**9)


@given(began=moments, used=st.integers(0, 10**7), passed=st.integers(0, 10**7))
def test_both_limits_hold_to_the_second(began: int, used: int, passed: int) -> None:
    over = session_is_over(began=began, seen=began + used, now=began + used + passed)
    assert over == (passed >= settings.SESSION_IDLE or used + passed >= settings.SESSION_ABSOLUTE)


def set_back(client: Client, **values: float) -> None:
    session = client.session
    for key, value in values.items():
        session[key] = value
    session.save()


@pytest.mark.promise("sessions-end")
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("began", "seen", "goes_on"),
    [
        (settings.SESSION_IDLE - 60, settings.SESSION_IDLE - 60, True),
        (settings.SESSION_IDLE + 1, settings.SESSION_IDLE + 1, False),
        (settings.SESSION_ABSOLUTE - 60, 60, True),
        (settings.SESSION_ABSOLUTE + 1, 60, False),
    ],
)
def test_a_session_ends_by_its_limits(began: int, seen: int, goes_on: bool) -> None:
    client, now = factories.client_of(factories.user()), time.time()
    set_back(client, **{BEGAN: now - began, SEEN: now - seen})
    answer = client.get("/you/", follow=True)
    assert ("Hello" in answer.content.decode()) is goes_on
    assert ("You were signed out because your session was over." in answer.content.decode()) is not goes_on
    assert client.get("/you/").status_code == (200 if goes_on else 302)


@pytest.mark.django_db
def test_use_is_noted_by_the_hour_and_shown_by_the_day() -> None:
    user, now = factories.user(), time.time()
    client = factories.client_of(user)
    set_back(client, **{SEEN: now - 60})
    client.get("/you/")
    assert client.session[SEEN] == now - 60
    set_back(client, **{SEEN: now - 3 * 86400, BEGAN: now - 3 * 86400})
    row = user.sessions.get()
    assert row.seen_on == row.began_on
    client.get("/you/")
    assert client.session[SEEN] == pytest.approx(now, abs=60)
    row.refresh_from_db()
    assert (row.seen_on - row.began_on).days == 3


@pytest.mark.promise("sessions")
@pytest.mark.django_db
def test_one_sees_ones_sessions_and_ends_them() -> None:
    user = factories.user()
    client, phone, library = (factories.client_of(user) for _ in range(3))
    page = client.get("/account/sessions/")
    listed = page.context["sessions"]
    assert [row["is_this"] for row in listed] == [True, False, False]
    for key in Session.objects.values_list("session_key", flat=True):
        assert key not in page.content.decode()
    client.post("/account/sessions/", {"end": session_reference(str(phone.session.session_key))})
    assert [who.get("/you/").status_code for who in (client, phone, library)] == [200, 302, 200]
    client.post("/account/sessions/", {"end": "others"})
    assert [who.get("/you/").status_code for who in (client, library)] == [200, 302]
    gone = client.post("/account/sessions/", {"end": "no such"}, follow=True)
    assert "That session had already ended." in gone.content.decode()


@pytest.mark.django_db
def test_nobody_ends_anothers_session() -> None:
    victim, other = factories.user(), factories.user()
    client = factories.client_of(victim)
    assert session_end(user=other, reference=session_reference(str(client.session.session_key))) is False
    assert client.get("/you/").status_code == 200


@pytest.mark.django_db
def test_taking_off_the_second_lock_ends_the_others() -> None:
    user = factories.user(second_lock=True)
    client, elsewhere = factories.client_of(user), factories.client_of(user)
    client.post("/account/reauthenticate/", {"password": factories.PASSWORD})
    client.post("/account/2fa/totp/deactivate/")
    assert user.authenticator_set.count() == 0
    assert [who.get("/you/").status_code for who in (client, elsewhere)] == [200, 302]


@pytest.mark.django_db
def test_a_session_of_nobody_belongs_to_nobody() -> None:
    client = Client()
    client.post("/account/login/code/", {"email": "nobody@example.org"})
    assert list(Session.objects.values_list("user", flat=True)) == [None]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/account/login/", "/topics/harm/", "/no-such-page/"])
def test_who_has_no_session_gets_none(path: str) -> None:
    client: Any = Client()
    answer = client.get(path)
    assert "sessionid" not in answer.cookies
    assert Session.objects.count() == 0
    assert '<a href="/account/login/"' in answer.content.decode()


@pytest.mark.django_db
def test_who_is_signed_in_finds_the_own_page_in_the_header() -> None:
    page = factories.client_of(factories.user()).get("/topics/harm/").content.decode()
    assert '<a href="/you/"' in page
    assert '<a href="/account/login/"' not in page


@pytest.mark.django_db
def test_a_forgotten_password_is_replaced_with_a_mailed_code_and_ends_all_sessions() -> None:
    user = factories.user()
    elsewhere, client = factories.client_of(user), Client()
    response = client.post("/account/password/reset/", {"email": user.email})
    assert response["Location"] == "/account/password/reset/confirm/"
    response = client.post(response["Location"], {"code": mailed_code(user.email)})
    assert response["Location"] == "/account/password/reset/complete/"
    assert client.get(response["Location"]).status_code == 200
    new = {"password1": "eight green windows", "password2": "eight green windows"}
    assert client.post(response["Location"], new)["Location"] == "/account/password/reset/done/"
    assert client.get("/account/password/reset/done/").status_code == 200
    assert elsewhere.get("/you/").status_code == 302
    assert "do not go together" in sign_in(Client(), user.email).content.decode()
    assert sign_in(Client(), user.email, "eight green windows")["Location"] == "/you/"
    assert mails(user.email)[-1].subject == "Your password was changed"


@pytest.mark.django_db
def test_the_password_is_changed_and_the_other_sessions_end() -> None:
    user = factories.user()
    client, elsewhere = factories.client_of(user), factories.client_of(user)
    new = {"oldpassword": PASSWORD, "password1": "eight green windows", "password2": "eight green windows"}
    response = client.post("/account/password/change/", new)
    assert response.status_code == 302
    assert client.get("/you/").status_code == 200
    assert elsewhere.get("/you/").status_code == 302
    assert user.sessions.count() == 1


@pytest.mark.django_db
def test_a_closed_account_is_outside_at_once() -> None:
    user = factories.user()
    client = factories.client_of(user)
    user.is_active = False
    user.save()
    assert user.sessions.count() == 0
    assert client.get("/you/").status_code == 302
    assert sign_in(Client(), user.email)["Location"] == "/account/inactive/"
