"""Promises 21 and 23 by hand: the whole way by keyboard alone, the button that leaves, the print of the nine words."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.http import HttpResponse
from playwright.sync_api import Page, expect
from pytest_django import DjangoDbBlocker

from coalition.intake.messages import message_write
from coalition.intake.models import Deletion, Message, Submission
from coalition.intake.publishing.fields import sha256
from tests.browser.conftest import OpenPage
from tests.browser.people import committed
from tests.browser.test_accessibility import look_at_answers
from tests.browser.test_telling import words_of
from tests.coalition.intake.publishing.stories import agreed, proposed, published
from tests.coalition.intake.teller import Teller

pytestmark = pytest.mark.browser
TEXT = "They count my steps with a badge."


@pytest.fixture
def sent_away(address: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    yield
    with django_db_blocker.unblock():
        for model in (Message, Submission, Deletion):
            committed(model.objects.all().delete)
        committed(caches["shared"].clear)


def tab_to(page: Page, is_there: str) -> None:
    """Press Tab until what has the focus is what a condition in JavaScript says, of ``e``."""
    for _press in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(f"(e => Boolean({is_there}))(document.activeElement)"):
            return
    raise AssertionError(f"Tab does not reach {is_there} on {page.url}")


def enter(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


def named(words: str) -> str:
    return f"e.textContent.trim() === {words!r}"


@pytest.mark.promise("no-scripts-needed")
@pytest.mark.usefixtures("sent_away")
def test_tell_return_answer_and_withdraw_by_keyboard_alone(open_page: OpenPage) -> None:
    with open_page("/tell/", width=320) as page:
        tab_to(page, named("Begin, one question at a time"))
        enter(page)
        tab_to(page, "e.tagName === 'TEXTAREA'")
        page.keyboard.type(TEXT)
        for _question in range(10):
            tab_to(page, named("Go on"))
            enter(page)
        expect(page.get_by_role("heading", level=1)).to_have_text("Look it over")
        tab_to(page, named("Send"))
        enter(page)
        expect(page).to_have_title("Nine words")
        words = words_of(page)
        tab_to(page, named("I have the words. Close this."))
        enter(page)
        expect(page.get_by_role("heading", level=1)).to_have_text("Done")
        committed(message_write, submission=committed(Submission.objects.get), text="Which shift?", from_teller=False)
        page.goto("/tell/")
        tab_to(page, named("I have a return code"))
        enter(page)
        tab_to(page, "e.name === 'code'")
        page.keyboard.type(words)
        tab_to(page, named("Go on"))
        enter(page)
        expect(page.get_by_text("Which shift?")).to_be_visible()
        tab_to(page, "e.name === 'text'")
        page.keyboard.type("The night shift.")
        tab_to(page, named("Send"))
        enter(page)
        expect(page.get_by_text("The night shift.")).to_be_visible()
        tab_to(page, named("Take it back"))
        enter(page)
        tab_to(page, named("Delete everything"))
        enter(page)
        expect(page.get_by_text("Everything is deleted")).to_be_visible()
        assert committed(Submission.objects.count) == 0


@pytest.mark.promise("no-trace")
@pytest.mark.usefixtures("sent_away")
@pytest.mark.parametrize("scripts", [False, True], ids=["without scripts", "with scripts"])
def test_the_button_leaves_and_takes_everything_along(
    open_page: OpenPage, address: str, settings: Any, scripts: bool
) -> None:
    settings.EXIT_URL = f"{address}/robots.txt"
    with open_page("/tell/what/", width=320, scripts=scripts) as page:
        page.get_by_label("What happened?").fill(TEXT)
        page.get_by_role("button", name="Go on").click()
        page.goto("/tell/check/")
        expect(page.get_by_text(TEXT)).to_be_visible()
        page.get_by_role("link", name="Leave this site now").click()
        page.wait_for_url("**/robots.txt")
        assert page.context.cookies() == []
        for _step in range(3):
            page.go_back()
            assert TEXT not in page.content()
        page.goto("/tell/check/")
        assert TEXT not in page.content()


@pytest.mark.usefixtures("sent_away")
def test_the_print_of_the_receipt_shows_the_words_alone(open_page: OpenPage, tmp_path: Path) -> None:
    with open_page("/tell/all/", width=360) as page:
        page.get_by_label("What happened?").fill(TEXT)
        page.get_by_role("button", name="Send").click()
        words = words_of(page)
        assert "return code" in page.locator("body").inner_text()
        page.emulate_media(media="print")
        assert page.locator("body").inner_text().split() == words.split()
        assert page.title() == "Nine words"


def states() -> Iterator[tuple[str, HttpResponse]]:
    """Yield what whoever came back is shown of a text for the public, in every state and after every answer."""
    home = "/return/home/"
    _submission, words, content = proposed()
    teller, seen = Teller(), sha256(content).hex()
    teller.returns(words)
    yield "proposed", teller.get(home)
    yield "no answer", teller.post("/return/text/", {"seen": seen}, form=home)
    yield "changes without words", teller.post("/return/text/", {"answer": "changes", "seen": seen}, form=home)
    yield "another text by now", teller.post("/return/text/", {"answer": "yes", "seen": "0" * 64}, form=home)
    yield "files", teller.get("/return/files/")
    yield "changes", teller.post("/return/text/", {"answer": "changes", "text": "The year.", "seen": seen}, form=home)
    yield "after changes", teller.get(home)
    for name, make in (("agreed", lambda: agreed()[1]), ("published", lambda: published()[2])):
        teller = Teller()
        teller.returns(make())
        yield name, teller.get(home)
        yield f"{name}, withdrawing", teller.get("/return/withdraw/")
    yield "absent", teller.get("/return/files/00000000-0000-0000-0000-000000000000/")


@pytest.mark.django_db
@pytest.mark.usefixtures("without_stories")
def test_axe_finds_nothing_where_a_text_is_answered(open_page: OpenPage) -> None:
    answers = ((name, "/return/home/", response) for name, response in states())
    wrong, statuses = look_at_answers(open_page, answers, width=320)
    assert wrong == {}
    assert statuses >= {200, 404, 422}
