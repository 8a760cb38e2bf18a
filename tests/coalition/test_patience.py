"""Whoever only reads waits out a restart of the database; whoever writes is told."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from psycopg import errors

from coalition.patience import DatabasePatienceMiddleware, is_lost_connection
from tests.coalition.intake.teller import Teller
from tests.safety.faults import away, failing

pytestmark = pytest.mark.django_db


def lost() -> OperationalError:
    return OperationalError("the connection is closed")


def refused() -> OperationalError:
    error = OperationalError("canceling statement due to statement timeout")
    error.__cause__ = errors.QueryCanceled()
    return error


def going_down() -> OperationalError:
    error = OperationalError("terminating connection due to administrator command")
    error.__cause__ = errors.AdminShutdown()
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (lost(), True),
        (going_down(), True),
        (InterfaceError("connection already closed"), True),
        (refused(), False),
        (ValueError("x"), False),
    ],
)
def test_what_counts_as_a_lost_connection(error: Exception, expected: bool) -> None:
    assert is_lost_connection(error) is expected


class View:
    """A view that fails once, and its place in the addresses."""

    args, kwargs = (), {"word": "x"}

    def __init__(self) -> None:
        self.called = 0

    def func(self, request: HttpRequest, word: str) -> HttpResponse:
        self.called += 1
        return HttpResponse(f"{word} {self.called}")


def asked(method: str, error: Exception) -> tuple[HttpResponse | None, View]:
    """Ask in a thread, whose connection is its own and can be closed: the test's is in a transaction."""
    request, view = RequestFactory().generic(method, "/search/"), View()
    request.resolver_match = view  # type: ignore[assignment]
    middleware = DatabasePatienceMiddleware(lambda _request: HttpResponse())

    def ask() -> HttpResponse | None:
        try:
            return middleware.process_exception(request, error)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        return threads.submit(ask).result(), view


def test_a_read_is_done_again_and_a_write_is_not() -> None:
    answer, view = asked("GET", lost())
    assert answer is not None
    assert answer.content == b"x 1"
    assert view.called == 1
    answer, view = asked("POST", lost())
    assert answer is None
    assert view.called == 0
    answer, view = asked("GET", refused())
    assert answer is None


@pytest.mark.parametrize(
    ("path", "table", "way_out"),
    [
        ("/", "wagtailcore_page", False),
        ("/tell/check/", "intake_submission", True),
    ],
)
def test_a_database_that_stays_away_is_said_to_be(
    path: str, table: str, way_out: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coalition.patience.SECONDS", 0.0)
    teller = Teller()
    teller.post("/tell/what/", {"text": "One."})
    with failing(table, away()) as failed:
        answer = teller.get(path)
    page = answer.content.decode()
    assert failed != []
    assert (answer.status_code, "Not just now" in page, "Leave this site now" in page) == (503, True, way_out)
    with failing(table, RuntimeError("planted")):
        broken = teller.get(path)
    assert (broken.status_code, "Not just now" in broken.content.decode()) == (500, False)
