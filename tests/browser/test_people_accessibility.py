"""axe finds nothing on any page of signed-in people, mistakes included; and nothing scrolls sideways."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from pytest_django import DjangoDbBlocker

from tests.browser.conftest import OpenPage
from tests.browser.gallery import Gallery
from tests.browser.people import enter, kept_clean
from tests.browser.test_accessibility import violations

pytestmark = pytest.mark.browser
# Forms that are sent empty: whose, on which page, by which button; the last one if none is named.
MISTAKES = [
    ("owner", "start a campaign", "Start"),
    ("owner", "desk", "Invite"),
    ("owner", "a new update", "Send it to be read"),
    ("owner", "ask for an introduction", "Ask"),
    ("member", "bring in an organization", None),
    ("", "follow a campaign", "Follow"),
]


@pytest.fixture(scope="module")
def gallery(address: str, django_db_blocker: DjangoDbBlocker) -> Iterator[Gallery]:
    """People with something on each of their pages."""
    with django_db_blocker.unblock(), kept_clean():
        yield Gallery()


# On a wide screen, where the same things stand further apart, the long suite lets axe look as well.
WIDTHS = [pytest.param((320,), id="phone"), pytest.param((320, 1280), id="both", marks=pytest.mark.long)]


# A box to tick that the style of text fields reaches is as wide as one.
NO_BOX = "all => all.filter(box => box.offsetWidth > 32).map(box => `no box to tick: ${box.name}`)"


def look(page: Page, widths: tuple[int, ...] = (320,)) -> list[str]:
    """Return what is wrong with the page as it stands: what axe finds at these widths, and what scrolls sideways."""
    wrong: list[str] = page.eval_on_selector_all("input[type=checkbox], input[type=radio]", NO_BOX)
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 780})
        wide = page.evaluate("document.documentElement.scrollWidth")
        wrong += (violations(page) if width in widths else []) + (
            [f"{wide} px wide at {width}"] if wide > width else []
        )
    return wrong


@pytest.mark.parametrize("widths", WIDTHS)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    open_page: OpenPage, gallery: Gallery, widths: tuple[int, ...]
) -> None:
    wrong: dict[str, list[str]] = {}
    with open_page("/", scripts=True) as page:
        for who, paths in gallery.paths.items():
            enter(page, gallery.sessions[who])
            for name, path in paths.items():
                answer = page.goto(path)
                assert answer is not None
                # Links that are over say so, and have a page all the same.
                assert answer.status in (200, 410), (who, name, answer.status, page.url)
                if found := look(page, widths):
                    wrong[f"{who}: {name}"] = found
    assert wrong == {}


def test_axe_finds_nothing_on_mistakes(open_page: OpenPage, gallery: Gallery) -> None:
    wrong: dict[str, list[str]] = {}
    with open_page("/", scripts=True) as page:
        for who, name, button in MISTAKES:
            enter(page, gallery.sessions[who])
            page.goto(gallery.paths[who][name])
            page.evaluate("for (const form of document.forms) form.noValidate = true")
            main = page.locator("main")
            with page.expect_response(lambda answer: answer.request.method == "POST") as answer:
                named = main.get_by_role("button", name=button, exact=True) if button else main.locator("[type=submit]")
                named.last.click()
            assert answer.value.status == 422, (name, answer.value.status)
            if found := look(page):
                wrong[f"{who}: {name}"] = found
    assert wrong == {}
