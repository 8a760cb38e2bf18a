"""Opening an account, signing in by password, code and app, a forgotten password: from the first page to the last."""

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import caches
from django.test import Client

from coalition.accounts.models import User
from tests import factories
from tests.coalition.accounts.door import NEW, app_code, code_of, mailed_code, mails, reauthenticate, sign_in, sign_up

pytestmark = pytest.mark.django_db
SENT = "/account/confirm-email/"


@pytest.mark.promise("any-name")
def test_an_account_is_opened_with_a_made_up_name_and_a_mailed_code() -> None:
    client = Client()
    page = client.get("/account/signup/").content.decode()
    assert "A made-up name is fine." in page
    assert sign_up(client)["Location"] == SENT
    assert client.get("/you/")["Location"] == "/account/login/?next=/you/"
    response = client.post(SENT, {"code": mailed_code(NEW["email"])})
    assert (response.status_code, response["Location"]) == (302, "/you/")
    assert "Hello, Nightingale" in client.get("/you/").content.decode()
    user = User.objects.get()
    assert (user.email, user.display_name, user.language, user.is_staff) == (NEW["email"], "Nightingale", "en", False)
    assert user.check_password(NEW["password1"])
    assert EmailAddress.objects.get().verified is True


def test_a_wrong_code_is_refused_and_another_one_can_be_sent() -> None:
    client = Client()
    sign_up(client)
    first = mailed_code(NEW["email"])
    assert "That is not the code." in client.post(SENT, {"code": "AAAAAA"}).content.decode()
    # Not at once: somebody else's mailbox could be filled that way.
    assert client.post(SENT, {"action": "resend"}).status_code == 429
    caches["shared"].clear()
    client.post(SENT, {"action": "resend"})
    second = mailed_code(NEW["email"])
    assert second != first
    assert client.post(SENT, {"code": second})["Location"] == "/you/"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("password1", "short", "This password is too short. It must contain at least 8 characters."),
        ("password1", "password123", "This password is too common."),
        ("password1", "new@example.org", "The password is too similar to the e-mail address."),
        ("email", "no address", "Enter a valid email address."),
        ("display_name", "", "This field is required."),
    ],
)
def test_what_cannot_be_is_said_at_its_field(field: str, value: str, sentence: str) -> None:
    response = sign_up(Client(), **{field: value})
    assert response.context["form"].errors == {field: [sentence]}
    page = response.content.decode()
    assert f'id="id_{field}_error"' in page
    assert f"id_{field}_error" in page.partition(f'name="{field}"')[2].partition(">")[0]
    assert not User.objects.exists()


def test_a_password_may_be_long_and_of_plain_words() -> None:
    client = Client()
    assert sign_up(client, password1="a sentence of plain words that goes on and on " * 3)["Location"] == SENT


def test_one_signs_in_with_a_password_and_lands_where_one_wanted_to_go() -> None:
    user = factories.user()
    assert sign_in(Client(), user.email)["Location"] == "/you/"
    assert sign_in(Client(), user.email.upper())["Location"] == "/you/"
    assert sign_in(Client(), user.email, next="/topics/harm/")["Location"] == "/topics/harm/"
    assert sign_in(Client(), user.email, next="https://elsewhere.example/")["Location"] == "/you/"


def test_a_new_session_begins_when_one_signs_in() -> None:
    client, user = Client(), factories.user()
    client.get("/account/login/code/")
    sign_in(client, "nobody@example.org")
    client.post("/account/login/code/", {"email": user.email})
    before = client.cookies["sessionid"].value
    client.post("/account/login/code/confirm/", {"code": mailed_code(user.email)})
    assert client.cookies["sessionid"].value != before


def test_one_signs_in_with_a_mailed_code() -> None:
    client, user = Client(), factories.user(password=None)
    response = client.post("/account/login/code/", {"email": user.email})
    assert response["Location"] == "/account/login/code/confirm/"
    assert client.post(response["Location"], {"code": mailed_code(user.email)})["Location"] == "/you/"
    code = mailed_code(user.email)
    assert client.get("/you/").status_code == 200
    client.post("/account/logout/")
    client.post("/account/login/code/", {"email": user.email})
    assert "That is not the code." in client.post("/account/login/code/confirm/", {"code": code}).content.decode()


def test_whom_an_administrator_made_signs_in_with_a_mailed_code() -> None:
    user = User.objects.create_user("Made.In@Admin.example.org")
    assert user.email == "made.in@admin.example.org"
    client = Client()
    client.post("/account/login/code/", {"email": user.email})
    answer = client.post("/account/login/code/confirm/", {"code": mailed_code(user.email)})
    assert answer["Location"] == "/you/"
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [(user.email, True, True)]


def test_an_app_is_added_asked_for_and_its_code_serves_once() -> None:
    client, user = Client(), factories.user()
    sign_in(client, user.email)
    assert client.get("/account/2fa/totp/activate/")["Location"].startswith("/account/reauthenticate/?next=")
    reauthenticate(client, next="/account/2fa/totp/activate/")
    page = client.get("/account/2fa/totp/activate/")
    assert "<svg" in page.content.decode()
    secret = page.context["form"].secret
    assert "That is not the code." in client.post("/account/2fa/totp/activate/", {"code": "000000"}).content.decode()
    response = client.post("/account/2fa/totp/activate/", {"code": code_of(secret)})
    assert response["Location"] == "/account/2fa/recovery-codes/"
    spare = client.get(response["Location"]).context["unused_codes"]
    assert len(spare) == 10

    other = Client()
    assert sign_in(other, user.email)["Location"] == "/account/2fa/authenticate/"
    assert other.get("/you/").status_code == 302
    code = app_code(user, step=1)
    assert other.post("/account/2fa/authenticate/", {"code": code})["Location"] == "/you/"
    third = Client()
    sign_in(third, user.email)
    assert "That is not the code." in third.post("/account/2fa/authenticate/", {"code": code}).content.decode()
    assert third.post("/account/2fa/authenticate/", {"code": spare[0]})["Location"] == "/you/"
    fourth = Client()
    sign_in(fourth, user.email)
    assert "That is not the code." in fourth.post("/account/2fa/authenticate/", {"code": spare[0]}).content.decode()
    assert fourth.post("/account/2fa/authenticate/", {"code": spare[1]})["Location"] == "/you/"


def test_a_mailed_code_does_not_go_round_the_second_lock() -> None:
    client, user = Client(), factories.user(second_lock=True)
    client.post("/account/login/code/", {"email": user.email})
    response = client.post("/account/login/code/confirm/", {"code": mailed_code(user.email)})
    assert response["Location"] == "/account/2fa/authenticate/"
    assert client.get("/you/").status_code == 302


def test_the_secret_of_an_app_is_sealed_in_the_database() -> None:
    from allauth.mfa.models import Authenticator
    from cryptography.fernet import InvalidToken
    from django.test import override_settings

    from coalition.accounts.sealing import unseal

    user = factories.user(second_lock=True)
    sealed = Authenticator.objects.get(user=user).data["secret"]
    assert unseal(sealed) not in sealed
    with override_settings(SECRET_KEY="another"), pytest.raises(InvalidToken):
        unseal(sealed)
    with override_settings(SECRET_KEY="another", SECRET_KEY_FALLBACKS=["test only"]):
        assert len(unseal(sealed)) == 32


def test_the_address_is_changed_only_once_the_new_one_has_its_code() -> None:
    user = factories.user("old@example.org")
    client = factories.client_of(user)
    response = client.post("/account/email/", {"email": "next@example.org", "action_add": ""})
    assert response["Location"] == "/account/reauthenticate/?next=%2Faccount%2Femail%2F"
    # What was filled in is still there after the password.
    response = reauthenticate(client, next="/account/email/")
    assert response["Location"] == SENT
    user.refresh_from_db()
    assert user.email == "old@example.org"
    client.post(SENT, {"code": mailed_code("next@example.org")})
    user.refresh_from_db()
    assert user.email == "next@example.org"
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [("next@example.org", True, True)]
    assert mails("old@example.org")[-1].subject == "The address of your account was changed"
