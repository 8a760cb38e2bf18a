"""Organizers at their browsers: each opens the page of a new update, saves a draft, looks at it, and publishes."""

import http.client
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.utils import timezone

from coalition.organizing.benchmarking.stage import Organizer

# Nobody waits longer for a page; what takes longer counts as an error.
PATIENCE = 120
_HIDDEN = re.compile(r'<input type="hidden" name="(csrfmiddlewaretoken|version)" value="([^"]*)"')


class WrongAnswerError(Exception):
    """The site answered otherwise than it should."""


@dataclass
class Measured:
    """How long each kind of step took, in seconds, and what went wrong when. Filled by many threads."""

    took: dict[str, list[float]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    error_seconds: Counter[int] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, step: str, seconds: float) -> None:
        """Note how long a step took."""
        with self._lock:
            self.took.setdefault(step, []).append(seconds)

    def fail(self, what: str) -> None:
        """Note that something went wrong, now."""
        with self._lock:
            self.errors[what] += 1
            self.error_seconds[int(time.monotonic())] += 1


class Browser:
    """One organizer's browser: a cookie, and a connection for each request."""

    def __init__(self, address: str, session: str, measured: Measured) -> None:
        self.address, self.measured = address, measured
        self.cookies = {settings.SESSION_COOKIE_NAME: session}

    def ask(self, step: str, path: str, data: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Ask for a page, or send a form; return status, where it leads, and the page.

        Raises:
            WrongAnswerError: it is neither a page nor leads to one.
            OSError: there was no answer in time.
        """
        host = urlsplit(self.address).netloc
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Origin": self.address,
            "Connection": "close",
        }
        body = None
        if data is not None:
            body = urlencode(data)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection(host, timeout=PATIENCE)
        began = time.monotonic()
        try:
            connection.request("GET" if data is None else "POST", path, body, headers)
            response = connection.getresponse()
            page = response.read().decode()
        finally:
            connection.close()
        self.measured.note(step, time.monotonic() - began)
        for cookie in response.headers.get_all("Set-Cookie", []):
            name, _equals, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        if response.status not in (200, 302):
            raise WrongAnswerError(f"{step}: {response.status}")
        return response.status, urlsplit(response.headers.get("Location", "")).path, page


def post_update(address: str, organizer: Organizer, measured: Measured, *, twice: bool) -> None:
    """Post an update from opening to published; ``twice`` presses “Publish” two times at the same moment."""
    browser = Browser(address, organizer.session, measured)
    try:
        _status, path, _page = browser.ask("new", f"/organize/campaigns/{organizer.campaign}/updates/new/")
        _status, _to, page = browser.ask("open", path)
        browser.ask("save", path, _filled(organizer, page, "draft"))
        _status, _to, page = browser.ask("open", path)
        form = _filled(organizer, page, "publish")
        _together([lambda: _published(browser, path, form)] * (2 if twice else 1), measured)
    except (OSError, http.client.HTTPException, WrongAnswerError) as error:
        measured.fail(_named(error))


def _filled(organizer: Organizer, page: str, do: str) -> dict[str, str]:
    hidden = dict(_HIDDEN.findall(page))
    today = timezone.localdate().isoformat()
    return {**hidden, "title": organizer.title, "text": organizer.text, "date": today, "do": do}


def _published(browser: Browser, path: str, form: dict[str, str]) -> None:
    status, to, _page = browser.ask("publish", path, form)
    if status != 302 or not to.startswith("/organize/campaigns/"):
        raise WrongAnswerError(f"publish: led to {to or 'the form again'}")


def _together(doing: list[Callable[[], None]], measured: Measured) -> None:
    """Do things at the same moment."""
    ready = threading.Barrier(len(doing))

    def each(do: Callable[[], None]) -> None:
        ready.wait()
        try:
            do()
        except (OSError, http.client.HTTPException, WrongAnswerError) as error:
            measured.fail(_named(error))

    threads = [threading.Thread(target=each, args=[do]) for do in doing]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _named(error: Exception) -> str:
    return str(error) if isinstance(error, WrongAnswerError) else type(error).__name__


def post_all(address: str, organizers: list[Organizer], *, at_once: int) -> tuple[Measured, float]:
    """Have all of them post, so many at once, every second one pressing twice; return what was measured, and time."""
    measured = Measured()

    def one(numbered: tuple[int, Any]) -> None:
        number, organizer = numbered
        post_update(address, organizer, measured, twice=number % 2 == 1)

    began = time.monotonic()
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(one, enumerate(organizers)))
    return measured, time.monotonic() - began
