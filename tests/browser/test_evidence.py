"""Promises 6, 21, 22: files in a real browser: with scripts in pieces that go on after a broken line, and without."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from playwright.sync_api import Page, Route, expect
from pytest_django import DjangoDbBlocker

from coalition.intake.evidence.models import Evidence
from coalition.intake.models import Deletion, Submission
from tests import samples
from tests.browser.conftest import OpenPage
from tests.browser.people import committed
from tests.browser.test_people_accessibility import look
from tests.browser.test_telling import come_back, words_of

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def vault(address: str, django_db_blocker: DjangoDbBlocker, tmp_path: Path, settings: Any) -> Iterator[Path]:
    settings.INTAKE_FILES = tmp_path / "files"
    settings.INTAKE_LEDGER = tmp_path / "ledger"
    yield tmp_path / "files"
    with django_db_blocker.unblock():
        for model in (Evidence, Submission, Deletion):
            committed(model.objects.all().delete)
        committed(caches["shared"].clear)


def choose(page: Page, name: str, data: bytes) -> None:
    page.get_by_label("Choose files").set_input_files({"name": name, "mimeType": "audio/wav", "buffer": data})


def recording(size: int) -> bytes:
    return samples.wav() + bytes(size - len(samples.wav()))


def test_without_scripts_files_are_added_seen_taken_out_and_taken_along(open_page: OpenPage, vault: Path) -> None:
    with open_page("/tell/what/", width=320, scripts=False) as page:
        page.get_by_label("What happened?").fill("They count my steps.")
        page.get_by_role("button", name="Go on").click()
        page.goto("/tell/files/")
        choose(page, "night shift.wav", recording(300_000))
        page.get_by_role("button", name="Add these files").click()
        expect(page.get_by_text("night shift.wav").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        choose(page, "a.exe", b"MZ" + bytes(500))
        page.get_by_role("button", name="Add these files").click()
        expect(page.get_by_role("alert")).to_contain_text("a.exe: This is no file that we can take.")
        choose(page, "b.jpg", samples.jpeg())
        page.get_by_role("button", name="Go on").click()
        page.wait_for_url("**/tell/use/")
        page.goto("/tell/files/")
        page.get_by_role("button", name=re.compile(r"Take it out\s*: b\.jpg")).click()
        expect(page.get_by_text("b.jpg")).to_have_count(0)
        page.goto("/tell/check/")
        expect(page.get_by_text("night shift.wav (293.0")).to_be_visible()
        page.get_by_role("button", name="Send").click()
        words = words_of(page)
        come_back(page, words)
        expect(page.get_by_text("SHA-256").first).to_be_visible()
        with page.expect_download() as waiting:
            page.get_by_role("link", name=re.compile(r"Take it along\s*: night shift\.wav")).click()
        assert waiting.value.suggested_filename == "1.wav"
        assert Path(waiting.value.path()).read_bytes() == recording(300_000)
        assert len(list(vault.iterdir())) == 1


def test_with_scripts_it_goes_on_after_a_broken_line(open_page: OpenPage) -> None:
    data, pieces = recording(5 * 1024 * 1024 + 4711), []

    def answer(route: Route) -> None:
        pieces.append(route.request.headers["upload-offset"])
        if len(pieces) == 2:
            # It never arrives.
            route.abort("internetdisconnected")
        elif len(pieces) == 4:
            # It arrives, and its answer is lost.
            route.fetch()
            route.abort("connectionreset")
        else:
            route.continue_()

    with open_page("/tell/files/", width=320, scripts=True) as page:
        page.route("**/tell/files/*-*/", answer)
        choose(page, "night shift.wav", data)
        page.get_by_role("button", name="Add these files").click()
        expect(page.get_by_role("status")).to_contain_text("The line is lost.")
        # One piece of five and a bit has arrived.
        expect(page.get_by_role("progressbar")).to_have_js_property("value", 19)
        expect(page.get_by_role("progressbar")).to_be_visible()
        expect(page.locator(".file-list")).to_contain_text("night shift.wav", timeout=15_000)
        assert pieces[:5] == ["0", "1048576", "1048576", "2097152", "2097152"]
        row = committed(Evidence.objects.get)
        assert row.open("about")["size"] == len(data)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_with_scripts_what_is_no_file_for_us_is_said(open_page: OpenPage) -> None:
    with open_page("/tell/files/", scripts=True) as page:
        choose(page, "a.exe", b"MZ" + bytes(500))
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("status")).to_contain_text("a.exe: This is no file that we can take.")
        choose(page, "a.jpg", samples.jpeg())
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("What we may do")
        assert committed(Evidence.objects.get).state == "whole"


def test_axe_finds_nothing(open_page: OpenPage) -> None:
    wrong: dict[str, list[str]] = {}
    with open_page("/tell/files/", scripts=True) as page:
        for name in ("empty", "one", "refused"):
            if name != "empty":
                choose(page, "a.wav", recording(9000) if name == "one" else b"MZ" + bytes(99))
                page.get_by_role("button", name="Add these files").click()
                waited = page.locator(".file-list") if name == "one" else page.get_by_role("status")
                expect(waited).to_contain_text("a.wav")
            if found := look(page):
                wrong[name] = found
    assert wrong == {}
