"""Promise 24, for whoever came back with a code: a visit ends without a request, and however much it is used."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.core.cache.backends import db

from tests.coalition.intake.teller import Teller, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let the clocks that visits go by stand still, and go on by as many seconds as they are told."""
    # A visit knows its beginning to the second.
    stands = float(int(time.time()))
    monkeypatch.setattr(time, "time", lambda: stands)
    monkeypatch.setattr(db, "tz_now", lambda: datetime.fromtimestamp(stands, tz=UTC))

    def pass_by(seconds: float) -> None:
        nonlocal stands
        stands += seconds

    return pass_by


@pytest.fixture
def inside() -> Teller:
    _submission, words = told()
    teller = Teller()
    assert teller.returns(words).headers["Location"] == "/return/home/"
    return teller


def is_over(teller: Teller, path: str = "/return/home/") -> bool:
    answer = teller.get(path)
    assert (answer.status_code, answer.headers.get("Location")) in ((200, None), (302, "/return/"))
    return answer.status_code == 302


@pytest.mark.parametrize("path", ["/return/home/", "/return/words/", "/return/files/", "/return/withdraw/"])
def test_an_idle_visit_ends_to_the_second(later: Callable[[float], None], inside: Teller, path: str) -> None:
    later(settings.INTAKE_IDLE)
    assert not is_over(inside, path)
    later(settings.INTAKE_IDLE + 1)
    assert is_over(inside, path)


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/return/message/", {}),
        ("/return/text/", {"answer": "changes"}),
        ("/return/text/", {"answer": "no"}),
    ],
)
def test_what_was_typed_when_it_had_ended_stands_on_the_page_that_says_so(
    later: Callable[[float], None], inside: Teller, path: str, more: dict[str, str]
) -> None:
    token = inside.token("/return/home/")
    later(settings.INTAKE_IDLE + 1)
    data = {"csrfmiddlewaretoken": token, "text": "The night shift.", **more}
    answer = inside.client.post(path, data, secure=True, HTTP_ORIGIN="null")
    assert answer.status_code == 403
    assert "The night shift." in answer.content.decode()
    assert "Your nine words" in answer.content.decode()


def test_a_visit_ends_however_much_it_is_used(later: Callable[[float], None], inside: Teller) -> None:
    step = settings.INTAKE_IDLE
    whole, rest = divmod(settings.INTAKE_VISIT - 1, step)
    for _time in range(whole):
        later(step)
        assert not is_over(inside)
    later(rest)
    assert not is_over(inside)
    later(1)
    assert is_over(inside)
