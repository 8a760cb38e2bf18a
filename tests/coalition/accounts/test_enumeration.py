"""The door does not tell who has an account: the same status, length, way on, and number of mails."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.coalition.accounts.door import mails, reauthenticate, sign_in, sign_up

pytestmark = pytest.mark.django_db

# Of one length, so that what a page repeats is as long.
KNOWN, UNKNOWN = "known@example.org", "other@example.org"


def _code(client: Client, email: str) -> Any:
    return client.post("/account/login/code/", {"email": email})


def _reset(client: Client, email: str) -> Any:
    return client.post("/account/password/reset/", {"email": email})


def _sign_up(client: Client, email: str) -> Any:
    return sign_up(client, email=email)


def _password(client: Client, email: str) -> Any:
    return sign_in(client, email, "not the password")


def _change(client: Client, email: str) -> Any:
    client.force_login(factories.user(f"asks-{email}", display_name="Somebody else"))
    client.post("/account/email/", {"email": email, "action_add": ""})
    return reauthenticate(client, next="/account/email/")


def seen(ask: Callable[[Client, str], Any], email: str) -> list[object]:
    """Return everything that somebody who asks can see, up to a wrong code; the token of the form is left out."""
    client = Client()
    answer = ask(client, email)
    noted: list[object] = [answer.status_code, answer.get("Location"), _page(answer, email), len(mails(email))]
    if answer.status_code == 302:
        for step in ({}, {"code": "AAAAAA"}, {"code": "BBBBBB"}, {"action": "resend"}):
            answer = client.post(answer["Location"], step) if step else client.get(answer["Location"])
            noted += [answer.status_code, answer.get("Location"), _page(answer, email)]
            if answer.status_code != 302:
                answer = client.get(answer.request["PATH_INFO"])
                answer["Location"] = answer.request["PATH_INFO"]
    return noted


def _page(answer: Any, email: str) -> str:
    text = answer.content.decode().replace(email, "address")
    return re.sub(r'csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"|"challenge": "[^"]*"', "", text)


@pytest.mark.parametrize("ask", [_sign_up, _code, _reset, _password, _change])
def test_known_and_unknown_get_the_same(ask: Callable[[Client, str], Any]) -> None:
    factories.user(KNOWN)
    assert seen(ask, KNOWN) == seen(ask, UNKNOWN)


def test_who_has_an_account_is_told_so_by_mail_alone() -> None:
    user = factories.user(KNOWN)
    sign_up(Client(), email=KNOWN)
    assert [mail.subject for mail in mails(KNOWN)] == ["You already have an account"]
    assert user.check_password(factories.PASSWORD)
    _code(Client(), UNKNOWN)
    assert [mail.subject for mail in mails(UNKNOWN)] == ["There is no account with this address"]
