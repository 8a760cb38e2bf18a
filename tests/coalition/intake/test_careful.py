"""What a confidential view answers when something fails in it, and what is logged of that."""

import psycopg
import pytest
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory

from coalition.intake.careful import careful, is_away


def raised(error: Exception) -> None:
    raise error


def failing(error: Exception, method: str = "POST") -> HttpResponse:
    @careful
    def view(_request: HttpRequest) -> HttpResponse:
        raised(error)
        return HttpResponse()

    return view(RequestFactory().generic(method, "/tell/"))


@pytest.mark.parametrize("kind", [Http404, PermissionDenied, SuspiciousOperation, BadRequest])
def test_what_django_answers_itself_goes_on_to_it(kind: type[Exception]) -> None:
    with pytest.raises(kind):
        failing(kind("planted"))


def test_what_fails_is_said_and_logged_without_its_sentence(caplog: pytest.LogCaptureFixture) -> None:
    answer = failing(RuntimeError("planted"))
    assert answer.status_code == 500
    assert "Not just now" not in answer.content.decode()
    assert "planted" not in answer.content.decode()
    (record,) = caplog.records
    line = raised.__code__.co_firstlineno + 1
    assert record.getMessage() == f"A confidential page failed: RuntimeError in raised, line {line}"
    assert "planted" not in caplog.text
    assert record.exc_info is None


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
def test_what_changes_something_says_that_the_database_is_away(kind: type[Exception]) -> None:
    answer = failing(kind("server closed the connection unexpectedly"))
    assert answer.status_code == 503
    assert "Not just now" in answer.content.decode()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_only_reads_is_asked_once_more(method: str) -> None:
    with pytest.raises(OperationalError):
        failing(OperationalError("server closed the connection unexpectedly"), method)
    # Another failure of the database than a lost connection is not.
    error = OperationalError("out of memory")
    error.__cause__ = psycopg.errors.OutOfMemory()
    assert failing(error, method).status_code == 503


def test_only_a_database_that_does_not_answer_is_away() -> None:
    assert is_away(OperationalError())
    assert is_away(InterfaceError())
    assert not is_away(RuntimeError())
