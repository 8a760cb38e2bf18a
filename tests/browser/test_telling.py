"""Promises 21, 22, 23: telling and coming back in a real browser: scripts off, by keyboard, on a phone."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import caches
from playwright.sync_api import Page, expect
from pytest_django import DjangoDbBlocker

from coalition.intake.messages import message_write
from coalition.intake.models import Deletion, Message, Submission
from tests.browser.conftest import OpenPage
from tests.browser.people import committed
from tests.browser.test_people_accessibility import look

pytestmark = pytest.mark.browser
TEXT = "They count my steps with a badge."


@pytest.fixture(autouse=True)
def _clean(address: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    yield
    with django_db_blocker.unblock():
        for model in (Message, Submission, Deletion):
            committed(model.objects.all().delete)
        committed(caches["shared"].clear)


def words_of(page: Page) -> str:
    return " ".join(page.locator(".nine-words li").all_inner_texts())


def come_back(page: Page, words: str) -> None:
    page.goto("/return/")
    page.get_by_label("Your nine words").fill(words)
    page.get_by_role("button", name="Go on").click()


@pytest.mark.promise("no-account-needed", "no-scripts-needed")
@pytest.mark.parametrize("scripts", [False, True], ids=["without scripts", "with scripts"])
def test_tell_receipt_return_answer_withdraw_on_a_small_phone(open_page: OpenPage, scripts: bool) -> None:
    with open_page("/", width=320, scripts=scripts) as page:
        page.goto("/tell/")
        page.get_by_role("link", name="Begin, one question at a time").click()
        page.get_by_label("What happened?").fill(TEXT)
        for _question in range(10):
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
            page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Look it over")
        expect(page.get_by_text(TEXT)).to_be_visible()
        page.get_by_role("button", name="Send").click()
        expect(page).to_have_title("Nine words")
        words = words_of(page)
        assert len(words.split()) == 9
        page.get_by_role("link", name="I have the words. Close this.").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Done")
        assert page.context.cookies() == []
        submission = committed(Submission.objects.get)
        committed(message_write, submission=submission, text="Which shift?", from_teller=False)
        come_back(page, words)
        expect(page.get_by_text("Which shift?")).to_be_visible()
        page.get_by_label("Write to us").fill("The night shift.")
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_text("The night shift.")).to_be_visible()
        page.get_by_role("link", name="Take it back").click()
        page.get_by_role("button", name="Delete everything").click()
        expect(page.get_by_text("Everything is deleted")).to_be_visible()
        come_back(page, words)
        expect(page.get_by_text("Nothing is found with these words").first).to_be_visible()


@pytest.mark.promise("no-scripts-needed")
def test_by_keyboard_alone(open_page: OpenPage) -> None:
    with open_page("/tell/what/", width=320) as page:
        for _press in range(20):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.tagName") == "TEXTAREA":
                break
        page.keyboard.type(TEXT)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent").strip() == "Go on"
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("The work")
        page.goto("/tell/check/")
        page.get_by_role("button", name="Send").focus()
        page.keyboard.press("Enter")
        expect(page).to_have_title("Nine words")


def test_axe_finds_nothing_in_any_state(open_page: OpenPage) -> None:
    wrong: dict[str, list[str]] = {}

    def seen(page: Page, name: str) -> None:
        if found := look(page):
            wrong[name] = found

    with open_page("/tell/", scripts=True) as page:
        seen(page, "begin")
        page.goto("/tell/what/")
        page.get_by_role("button", name="Go on").click()
        seen(page, "empty")
        page.get_by_label("What happened?").fill(TEXT)
        for question in range(10):
            seen(page, f"question {question}")
            page.get_by_role("button", name="Go on").click()
        seen(page, "check")
        page.goto("/tell/when/")
        page.get_by_label("Year").fill("last")
        page.get_by_role("button", name="Go on").click()
        seen(page, "wrong year")
        page.goto("/tell/discard/")
        seen(page, "discard")
        page.goto("/tell/what/")
        page.get_by_role("button", name="Save and come back later").click()
        seen(page, "saved")
        words = words_of(page)
        come_back(page, "one two")
        seen(page, "wrong code")
        come_back(page, words)
        page.get_by_role("button", name="Send").click()
        seen(page, "receipt")
        page.goto("/tell/end/")
        seen(page, "ended")
        page.goto("/tell/all/")
        seen(page, "all")
        page.get_by_role("button", name="Send").click()
        seen(page, "all, empty")
        come_back(page, words)
        page.get_by_label("Write to us").fill("One.")
        page.get_by_role("button", name="Send").click()
        seen(page, "home")
        page.goto("/return/withdraw/")
        seen(page, "withdraw")
        page.context.clear_cookies()
        page.goto("/return/home/")
        seen(page, "over")
    assert wrong == {}


@pytest.mark.promise("no-trace")
def test_the_back_button_shows_nothing_after_leaving(open_page: OpenPage, address: str, settings: Any) -> None:
    settings.EXIT_URL = f"{address}/robots.txt"
    with open_page("/tell/what/", scripts=True) as page:
        page.get_by_label("What happened?").fill(TEXT)
        page.get_by_role("button", name="Go on").click()
        page.goto("/tell/check/")
        expect(page.get_by_text(TEXT)).to_be_visible()
        for _press in range(3):
            page.keyboard.press("Shift")
        page.wait_for_url("**/robots.txt")
        assert page.context.cookies() == []
        for _step in range(3):
            page.go_back()
            assert TEXT not in page.content()


def test_headers_keep_it_out_of_caches_referrers_and_indexes(open_page: OpenPage) -> None:
    with open_page("/", scripts=False) as page:
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.headers.get("referer", "")))
        answers = [page.goto(path) for path in ("/tell/", "/tell/what/", "/tell/all/", "/return/")]
        for answer in answers:
            assert answer is not None
            headers = answer.headers
            assert headers["cache-control"] == "no-store"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["x-robots-tag"] == "noindex, nofollow"
            assert headers["cross-origin-opener-policy"] == "same-origin"
            assert "etag" not in headers
            assert "content-encoding" not in headers
        page.goto("/tell/")
        page.get_by_role("link", name="Begin, one question at a time").click()
        assert [referrer for referrer in sent if "/tell" in referrer] == []
