"""Promise 21: where a form is refused, a plain sentence says what to do, nothing typed is lost, and nothing leaks."""

from typing import Any

import pytest
from django.test import Client

from coalition.intake.limits import LIMITS
from coalition.intake.reading.assigning import submission_take
from tests.coalition.intake.publishing.stories import moderator
from tests.coalition.intake.teller import FULL, Teller, told
from tests.safety.faults import away, failing
from tests.safety.surfaces import canary

pytestmark = pytest.mark.django_db
PRESS_AGAIN = "Nothing is lost: press again."
GO_BACK = "go back, reload the page, and send it once more"
HERE_STILL = "What you wrote is still here"
# What pages for developers say.
TECHNICAL = ("Traceback", "CSRF", "DEBUG", "Django", "Reason given", "django.", "coalition.", "Exception", 'File "')


def is_plain(answer: Any, status: int, sentence: str) -> str:
    """Return the page; it says the sentence, and is no page for developers."""
    page = str(answer.content.decode())
    assert answer.status_code == status
    assert sentence in page
    assert [word for word in TECHNICAL if word in page] == []
    assert not {"Server", "X-Powered-By", "X-Debug"} & set(answer.headers)
    return page


def strict(client: Client) -> Client:
    client.handler.enforce_csrf_checks = True
    return client


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/tell/what/", "text"),
        ("/tell/all/", "text"),
        ("/return/", "code"),
        ("/return/message/", "text"),
        ("/return/text/", "text"),
    ],
)
def test_without_a_token_what_was_typed_comes_back(path: str, field: str) -> None:
    typed = canary()
    answer = Teller().client.post(path, {**FULL, field: typed}, secure=True)
    said = "Your nine words" if path in ("/return/message/", "/return/text/") else PRESS_AGAIN
    assert typed in is_plain(answer, 403, said)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/tell/send/", "/tell/later/", "/tell/discard/", "/return/withdraw/", "/return/close/"]
)
def test_where_nothing_was_typed_one_sees_again_what_is_to_be_pressed(path: str) -> None:
    answer = Teller().client.post(path, secure=True)
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        "/return/home/" if path.startswith("/return/") else "/tell/check/",
    )


def test_a_moderator_is_told_how_to_go_back() -> None:
    submission, _words = told()
    who = moderator()
    submission_take(submission=submission, moderator=who)
    client = Client()
    client.force_login(who)
    for name in ("write", "text", "who", "step", "hand", "take"):
        answer = strict(client).post(f"/moderation/{submission.pk}/{name}/", {"text": "A note."})
        is_plain(answer, 403, GO_BACK)


def test_too_often_keeps_what_was_typed(settings: Any) -> None:
    settings.INTAKE_LIMITS = 0
    assert LIMITS
    typed = canary()
    assert typed in is_plain(Teller().post("/tell/all/", {**FULL, "text": typed}), 429, HERE_STILL)
    assert typed in is_plain(Teller().post("/return/", {"code": f"{typed} two"}), 429, HERE_STILL)


def test_a_database_that_is_away_keeps_what_was_typed() -> None:
    typed, (_submission, words) = canary(), told()
    teller = Teller()
    token = teller.token("/tell/all/")
    with failing("intake_submission", away()):
        data = {**FULL, "text": typed, "csrfmiddlewaretoken": token}
        assert typed in is_plain(teller.client.post("/tell/all/", data, secure=True), 503, HERE_STILL)
        data = {"code": " ".join(words), "csrfmiddlewaretoken": token}
        assert " ".join(words) in is_plain(teller.client.post("/return/", data, secure=True), 503, HERE_STILL)


@pytest.mark.parametrize("path", ["/tell/", "/tell/what/", "/return/"])
def test_over_plain_http_it_is_closed_and_says_where_it_is_open(path: str) -> None:
    page = is_plain(Client().get(path), 403, f"https://testserver{path}")
    assert "<form" not in page
