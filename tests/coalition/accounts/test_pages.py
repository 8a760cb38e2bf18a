"""The account's pages: stored nowhere, in two languages, and changed by whose they are."""

import re

import pytest
from django.test import Client

from tests import factories
from tests.coalition.accounts.door import mails, sign_up
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
OPEN = ["/account/login/", "/account/signup/", "/account/password/reset/", "/account/login/code/"]
OWN = [
    "/account/",
    "/account/email/",
    "/account/password/change/",
    "/account/sessions/",
    "/account/data/",
    "/account/delete/",
    "/account/logout/",
    "/account/reauthenticate/",
    "/account/2fa/",
    "/account/2fa/reauthenticate/",
    "/account/2fa/totp/deactivate/",
    "/account/2fa/recovery-codes/generate/",
    "/account/2fa/webauthn/",
    "/account/2fa/webauthn/add/",
]


@pytest.fixture
def member() -> Client:
    """Somebody with a second lock who said the password a moment ago."""
    client = factories.client_of(factories.user(second_lock=True))
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    return client


def pages(member: Client) -> list[tuple[str, Client]]:
    return [(path, Client()) for path in OPEN] + [(path, member) for path in OWN]


def test_no_page_is_stored_and_each_has_one_heading_and_labelled_fields(member: Client) -> None:
    for path, client in pages(member):
        answer = client.get(path)
        page = answer.content.decode()
        assert answer.status_code == 200, path
        assert "no-store" in answer["Cache-Control"], path
        assert page.count("<h1>") == 1, path
        assert "style=" not in page, path
        assert "placeholder=" not in page, path
        for field in re.findall(r'<(?:input|select|textarea)\b[^>]*\bid="(id_[^"]+)"[^>]*>', page):
            hidden = re.search(rf'<input type="hidden"[^>]*id="{field}"', page)
            assert hidden or f'for="{field}"' in page, (path, field)
    for path in OWN:
        assert Client().get(path).status_code == 302, path


def test_spanish_is_spoken_on_every_page(member: Client) -> None:
    for path, client in pages(member):
        client.cookies["django_language"] = "es"
        page = client.get(path).content.decode()
        assert '<html lang="es">' in page, path
        heading = re.sub(r"\s+", " ", page.partition("<h1>")[2].partition("</h1>")[0]).strip()
        client.cookies["django_language"] = "en"
        english = client.get(path).content.decode().partition("<h1>")[2].partition("</h1>")[0].strip()
        assert heading != english, path


def test_name_language_and_time_zone_are_ones_own_to_change() -> None:
    user = factories.user()
    client = factories.client_of(user)
    fields = {"display_name": "  Rosa ", "language": "es", "time_zone": "America/Puerto_Rico"}
    answer = client.post("/account/", fields)
    assert answer["Location"] == "/account/"
    user.refresh_from_db()
    assert (user.display_name, user.language, user.time_zone) == ("Rosa", "es", "America/Puerto_Rico")
    assert '<html lang="es">' in client.get("/account/").content.decode()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("display_name", "   ", "Write a name. It may be made up."),
        ("time_zone", "Mars/Olympus", "Select a valid choice. Mars/Olympus is not one of the available choices."),
        ("language", "xx", "Select a valid choice. xx is not one of the available choices."),
    ],
)
def test_what_cannot_be_is_refused(field: str, value: str, sentence: str) -> None:
    client = factories.client_of(factories.user())
    fields = {"display_name": "Rosa", "language": "es", "time_zone": "America/Puerto_Rico", field: value}
    assert client.post("/account/", fields).context["form"].errors == {field: [sentence]}


def test_mails_are_in_the_readers_language_and_name_nobody() -> None:
    user = factories.user("rosa@example.org", language="es", display_name="Canary Rosa")
    Client().post("/account/login/code/", {"email": user.email})
    client = Client()
    client.cookies["django_language"] = "es"
    sign_up(client)
    for address in (user.email, "new@example.org"):
        mail = mails(address)[-1]
        assert 'lang="es"' in mail.html
        assert "Canary Rosa" not in mail.text + mail.html
        assert address not in mail.text + mail.html
    assert "Nightingale" not in mails("new@example.org")[-1].html


def test_every_mail_that_may_be_sent_is_written() -> None:
    from pathlib import Path

    import allauth

    from coalition.accounts.mails import MAILS

    folder = Path(allauth.__file__).parent / "templates"
    known = {str(path.relative_to(folder)).removesuffix("_subject.txt") for path in folder.rglob("email/*_subject.txt")}
    # Links are mailed only where codes are not.
    assert known - {"account/email/password_reset_key"} - set(MAILS) == set()


def test_pages_are_in_the_accounts_language_after_signing_in_until_the_switcher_says_otherwise() -> None:
    user = factories.user("rosa@example.org", language="es")
    client = Client(headers={"accept-language": "en"})
    assert '<html lang="en"' in client.get("/account/login/").content.decode()
    client.post("/account/login/", {"login": user.email, "password": factories.PASSWORD})
    assert '<html lang="es"' in client.get("/account/").content.decode()
    client.post("/language/", {"language": "en", "next": "/account/"})
    assert '<html lang="en"' in client.get("/account/").content.decode()
    client.post("/account/logout/")
    client.post("/account/login/", {"login": user.email, "password": factories.PASSWORD})
    assert '<html lang="es"' in client.get("/account/").content.decode()
