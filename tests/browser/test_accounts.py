"""The account's pages in a real browser: sound for everybody, and passkeys, which no other test can have."""

from collections.abc import Iterator

import pytest
from django.core.cache import caches
from playwright.sync_api import Browser, Page
from pytest_django import DjangoDbBlocker

from coalition.accounts.models import Session, User
from coalition.accounts.roles import EDITORS
from coalition.mail.models import OutgoingMail
from tests import factories
from tests.browser.conftest import OpenPage
from tests.browser.test_accessibility import violations
from tests.coalition.accounts.door import app_code, code_of

pytestmark = pytest.mark.browser
OPEN = ["/account/login/", "/account/signup/", "/account/password/reset/", "/account/login/code/"]
OWN = [
    "/account/",
    "/account/email/",
    "/account/password/change/",
    "/account/sessions/",
    "/account/data/",
    "/account/delete/",
    "/account/2fa/",
    "/account/2fa/totp/activate/",
    "/account/2fa/webauthn/",
    "/account/2fa/webauthn/add/",
]


@pytest.fixture(scope="module")
def people(address: str, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[User, User]]:
    """A member and an editor. They are committed, for the browser's server sees nothing else, and gone afterwards."""
    with django_db_blocker.unblock():
        member = factories.user("member@example.org", display_name="Rosa")
        editor = factories.user("desk@example.org", groups=(EDITORS,), second_lock=False)
    yield member, editor
    with django_db_blocker.unblock():
        for model in (User, Session, OutgoingMail):
            model.objects.all().delete()
        caches["shared"].clear()


@pytest.fixture
def member(people: tuple[User, User]) -> User:
    """Somebody with an account."""
    return people[0]


@pytest.fixture
def desk(people: tuple[User, User]) -> User:
    """An editor who has no second lock yet."""
    return people[1]


def sign_in(page: Page, user: User) -> None:
    page.goto("/account/login/")
    page.get_by_label("E-mail address").fill(user.email)
    page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: not url.endswith("/account/login/"))


def confirm(page: Page) -> None:
    page.wait_for_url("**/reauthenticate/**")
    page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url(lambda url: "reauthenticate" not in url)


@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(open_page: OpenPage, member: User, width: int) -> None:
    with open_page("/", width=width, scripts=True) as page:
        for path in OPEN:
            page.goto(path)
            assert violations(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page.goto("/account/login/")
        page.get_by_role("button", name="Sign in", exact=True).click()
        sign_in(page, member)
        page.goto("/account/delete/")
        assert violations(page) == []
        confirm(page)
        for path in OWN:
            page.goto(path)
            assert page.url.endswith(path)
            assert violations(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_an_editor_without_scripts_adds_an_app_and_enters_the_admin(
    open_page: OpenPage, address: str, desk: User
) -> None:
    with open_page("/admin/", width=360) as page:
        sign_in(page, desk)
        page.goto("/admin/")
        assert "add a second lock first" in page.content()
        page.get_by_role("link", name="Add an app").click()
        confirm(page)
        page.get_by_label("The code that your app shows").fill(code_of(page.locator("code").inner_text()))
        page.get_by_role("button", name="Add the app").click()
        page.wait_for_url("**/recovery-codes/")
        assert page.locator(".account-codes li").count() == 10
        page.get_by_role("link", name="I have them: go on").click()
        page.wait_for_url(f"{address}/admin/")
        page.goto("/account/")
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url(f"{address}/")
        sign_in(page, desk)
        page.get_by_label("Code").fill(app_code(desk, step=1))
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url("**/you/")


def test_a_passkey_is_added_and_signs_in_by_itself(browser: Browser, address: str, member: User) -> None:
    # Browsers have passkeys for names alone, not for numbers.
    context = browser.new_context(base_url=address.replace("127.0.0.1", "localhost"))
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None)
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    sign_in(page, member)
    page.goto("/account/2fa/webauthn/add/")
    confirm(page)
    page.get_by_label("What you call this passkey").fill("my phone")
    page.get_by_label("Let it sign me in by itself").check()
    page.get_by_role("button", name="Add a passkey").click()
    page.wait_for_url("**/recovery-codes/")
    page.goto("/account/2fa/webauthn/")
    assert violations(page) == []
    assert "signs you in by itself" in page.content()
    page.goto("/account/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda url: not url.endswith("/account/"))
    page.goto("/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/you/")
    page.get_by_text("Hello, Rosa").wait_for()
    page.goto("/account/2fa/webauthn/")
    page.get_by_role("link", name="Rename my phone").click()
    # A new session: whoever signs in with a passkey shows it once more before keys are changed.
    page.wait_for_url("**/reauthenticate/**")
    confirm(page)
    page.get_by_label("What you call this passkey").fill("my old phone")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Take off my old phone").click()
    page.get_by_role("button", name="Take it off").click()
    page.get_by_text("You have none yet.").wait_for()
    assert "You have none yet." in page.content()
    context.close()
    assert refused == []
