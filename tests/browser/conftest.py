"""A real browser on the running site."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db import connection
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django import DjangoDbBlocker

from cms.archives.models import EventPage, SessionPage
from cms.base.gathering import gathered
from cms.campaigns.models import CampaignPage
from tests import factories

# Playwright keeps an event loop in the tests' thread; the database is used between its steps, never inside one.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

OpenPage = Callable[..., AbstractContextManager[Page]]

TRANSCRIPT = "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\n<v Rosa>We all have the same scanner.\n"


@pytest.fixture(scope="package")
def address(content: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The address of the site, served from the test database by threads of this process."""
    with django_db_blocker.unblock():
        # A test of another file may have ended it.
        connection.close()
        with gathered():
            campaign = CampaignPage.objects.get(slug="no-robot-bosses-act")
            update = factories.update(campaign, "Two more unions endorse it", text="Both said so on the same day.")
            event = EventPage.objects.get()
            session = SessionPage(title="A session", slug="a-session", kind="panel", transcript=TRANSCRIPT)
            factories.tag(session)
            event.add_child(instance=session)
        server = LiveServerThread("127.0.0.1", StaticFilesHandler)
        server.daemon = True
        server.start()
        server.is_ready.wait()
        if server.error:
            raise server.error
        yield f"http://127.0.0.1:{server.port}"
        server.terminate()
        update.delete()
        session.delete()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, headless. Where there is none, the tests are skipped and say why; under CI set-up refuses before."""
    path = os.environ.get("COALITION_CHROMIUM")
    if not path:
        pytest.skip(os.environ.get("COALITION_NO_CHROMIUM") or "COALITION_CHROMIUM names no browser.")
    arguments = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=arguments)
        yield launched
        launched.close()


@pytest.fixture
def open_page(browser: Browser, address: str) -> OpenPage:
    """Return what opens a page of the site, to be used in a ``with``; closing it checks what the page did.

    Every request the page makes must go to the site itself, and every answer must be without a server error.
    """

    @contextmanager
    def opened(path: str = "/", *, width: int = 360, scripts: bool = False, dark: bool = False) -> Iterator[Page]:
        context = browser.new_context(
            base_url=address,
            viewport={"width": width, "height": 780},
            java_script_enabled=scripts,
            color_scheme="dark" if dark else "light",
        )
        page = context.new_page()
        asked: list[str] = []
        broken: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("response", lambda answer: broken.append(answer.url) if answer.status >= 500 else None)
        page.goto(path)
        yield page
        context.close()
        assert [url for url in asked if not url.startswith((address, "data:"))] == []
        assert broken == []

    return opened
