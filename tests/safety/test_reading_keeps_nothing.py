"""Whoever only reads, searches or describes what happens leaves nothing behind: no cookie, no row, no line in a log."""

import logging
import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from wagtail.models import Page

from tests.safety.surfaces import canary, tables_with

pytestmark = pytest.mark.usefixtures("site")
READ = ["/", "/stories/", "/campaigns/", "/search/", "/match/", "/topics/industry/", "/organizations/", "/people/"]
# What only somebody who debugs turns on; see the last test.
AIDS = ("django.db.backends", "django.template", "PIL")
READ += ["/privacy/", "/no-such-page/", "/sitemap.xml", "/directory/map/", "/directory/print/"]


@pytest.mark.promise("no-cookie")
@pytest.mark.parametrize("path", [path for path in READ if path != "/match/"])
def test_reading_sets_no_cookie(path: str) -> None:
    assert Client().get(path).cookies == {}


@pytest.mark.promise("no-cookie")
def test_no_page_of_any_kind_sets_a_cookie_but_for_a_form_that_is_to_be_sent() -> None:
    kinds = {}
    for page in Page.objects.live().public().filter(depth__gt=1).specific():
        kinds.setdefault(type(page).__name__, page.url)
    assert len(kinds) >= 12
    set_by = {kind: set(Client().get(url).cookies) for kind, url in kinds.items()}
    assert {kind: names for kind, names in set_by.items() if names} == {}
    forms = {path: Client().get(path, secure=True).cookies for path in ("/match/", "/account/login/", "/tell/what/")}
    for path, cookies in forms.items():
        assert {cookie["max-age"] for cookie in cookies.values()} == {""}, path


@pytest.mark.promise("cookie-of-choice")
def test_a_choice_of_language_is_a_cookie_and_nothing_else_in_it() -> None:
    client = Client()
    answer = client.post("/language/", {"language": "es", "next": "/"})
    assert {name: cookie.value for name, cookie in answer.cookies.items()} == {"django_language": "es"}
    cookie = answer.cookies["django_language"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


@pytest.mark.promise("searches-not-kept")
def test_what_is_searched_for_is_kept_nowhere(logged: list[str]) -> None:
    word = canary()
    logged.clear()
    with_statements = Client()
    for path in ("/search/", "/stories/", "/organizations/", "/search/feed/", "/search/results.csv"):
        assert with_statements.get(path, {"q": f"tracking {word}"}).status_code == 200
    assert tables_with(word) == []
    assert [line for line in logged if word in line and not line.startswith(AIDS)] == []


@pytest.mark.promise("situations-not-kept")
def test_what_is_described_is_kept_nowhere(logged: list[str]) -> None:
    word = canary()
    client = Client()
    client.get("/match/")
    text = f"Our scanners {word} count every pause, and whoever pauses is called in and written up by the boss."
    answer = client.post("/match/", {"text": text})
    assert answer.status_code == 200
    assert word in answer.content.decode()
    assert set(answer.cookies) <= {"csrftoken"}
    assert tables_with(word) == []
    assert [line for line in logged if word in line and not line.startswith(AIDS)] == []


def test_the_search_finds_what_is_kept(logged: list[str]) -> None:
    word = canary()
    cache.set("coalition.shared.control", word)
    logging.getLogger("control").debug("asked for %s", word)
    assert tables_with(word) == ["coalition_cache"]
    assert [line for line in logged if word in line and not line.startswith(AIDS)]


def test_no_page_asks_anything_of_another_host() -> None:
    """What stands in the pages; the browser's own requests are watched in every browser test."""
    for path in READ:
        html = Client().get(path).content.decode()
        assert re.findall(r'(?:src|srcset|action|poster)="(?:https?:)?//(?!testserver)[^"]*"', html) == []
        assert re.findall(r'<link[^>]+href="(?:https?:)?//(?!(?:127\.0\.0\.1|testserver))[^"]*"', html) == []


def test_statements_templates_and_pictures_are_never_logged_on_a_running_site(settings: Any) -> None:
    """They quote what they work with, at DEBUG."""
    loggers = settings.LOGGING["loggers"]
    assert {name: loggers[name]["level"] for name in AIDS} == dict.fromkeys(AIDS, "WARNING")
