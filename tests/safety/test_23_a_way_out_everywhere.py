"""Promise 23, the way out: it is on every page of telling and of coming back, also where something went wrong."""

import re
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.core.exceptions import BadRequest, PermissionDenied
from django.test import Client, RequestFactory

from coalition.intake.careful import failed
from coalition.views import bad_request, forbidden, server_error
from tests.coalition.intake.teller import FULL, Teller, told
from tests.safety.faults import away, failing

pytestmark = pytest.mark.django_db
OUT = "/leave/"


def way_out(response: Any, status: int = 200) -> str:
    """Return where the one way out of a page leads. The script that listens to Shift is there, and finds it."""
    page = response.content.decode()
    assert response.status_code == status, page[-2000:]
    assert re.search(r'<script src="/static/js/leave[.\w]*\.js" defer>', page)
    (tag,) = re.findall(r"<a [^>]*data-leave[^>]*>Leave this site now</a>", page)
    assert 'rel="noreferrer"' in tag
    found = re.search(r'href="([^"]*)"', tag)
    assert found is not None
    return found[1]


def test_it_is_on_the_pages_of_telling_and_of_coming_back() -> None:
    teller = Teller()
    assert way_out(teller.get("/tell/")) == OUT
    for path in ("/tell/what/", "/tell/all/", "/return/"):
        assert way_out(teller.get(path)) == OUT, path
    teller.post("/tell/what/", {"text": "They count my steps."})
    for path in ("/tell/check/", "/tell/files/"):
        assert way_out(teller.get(path)) == OUT, path
    assert way_out(Teller().post("/tell/all/", FULL)) == OUT
    _submission, words = told()
    back = Teller()
    back.returns(words)
    for path in ("/return/home/", "/return/withdraw/", "/return/files/"):
        assert way_out(back.get(path)) == OUT, path


@pytest.mark.parametrize("path", ["/tell/nothing-like-it/", "/return/nothing-like-it/"])
def test_it_is_where_there_is_no_such_page(path: str) -> None:
    assert way_out(Teller().get(path), 404) == OUT


def test_it_is_where_something_failed() -> None:
    teller = Teller()
    teller.post("/tell/what/", {"text": "They count my steps."})
    with failing("intake_submission"):
        assert way_out(teller.get("/tell/check/"), 500) == OUT
    # What stands before a page can fail as well; then Django asks for the answer.
    assert way_out(server_error(RequestFactory().get("/tell/")), 500) == OUT


def test_it_is_where_the_database_is_away() -> None:
    teller = Teller()
    teller.post("/tell/what/", {"text": "They count my steps."})
    token = {"csrfmiddlewaretoken": teller.token("/tell/check/")}
    with failing("intake_submission", away()):
        assert way_out(teller.client.post("/tell/discard/", token, secure=True), 503) == OUT


def test_it_is_where_a_request_is_refused() -> None:
    request = RequestFactory().get("/return/home/")
    assert way_out(bad_request(request, BadRequest()), 400) == OUT
    assert way_out(forbidden(request, PermissionDenied()), 403) == OUT


def test_where_telling_is_closed_it_leads_straight_outside(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    for path in ("/tell/", "/return/", OUT):
        closed = Client().get(path, headers={"host": "coalition.example"})
        assert way_out(closed, 403) == site_settings.EXIT_URL


def test_elsewhere_the_pages_are_those_of_the_site() -> None:
    assert b"data-leave" not in Client().get("/nothing-like-it/").content
    assert b"data-leave" not in failed(RequestFactory().get("/moderation/"), RuntimeError()).content
