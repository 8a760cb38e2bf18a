"""Promise 5, where people tell: logs hold no story text, code or token, whatever fails."""

import logging
from pathlib import Path
from typing import Any

import pytest

from coalition.intake.evidence.tasks import CopiesNotMadeError, copies_make
from coalition.intake.models import Submission
from tests import samples
from tests.coalition.intake.evidence.conftest import told_with, upload
from tests.coalition.intake.teller import FULL, Teller, told
from tests.safety.faults import away, failing
from tests.safety.surfaces import canary, tables_with

pytestmark = pytest.mark.django_db


def test_an_exception_in_every_view_says_nothing(logged: list[str]) -> None:
    planted = canary()
    submission, words = told(text=planted)
    inside, draft = Teller(), Teller()
    inside.returns(words)
    draft.post("/tell/what/", {"text": planted})
    tokens = {
        "/tell/what/": draft.token("/tell/what/"),
        "/tell/check/": draft.token("/tell/check/"),
        "/return/home/": inside.token("/return/home/"),
    }
    tries = [
        (draft, "/tell/what/", {"text": planted}, tokens["/tell/what/"]),
        (draft, "/tell/all/", {**FULL, "text": planted}, tokens["/tell/what/"]),
        (draft, "/tell/send/", {}, tokens["/tell/check/"]),
        (draft, "/tell/later/", {}, tokens["/tell/check/"]),
        (draft, "/tell/discard/", {}, tokens["/tell/check/"]),
        (inside, "/return/", {"code": " ".join(words)}, tokens["/return/home/"]),
        (inside, "/return/message/", {"text": planted}, tokens["/return/home/"]),
        (inside, "/return/withdraw/", {}, tokens["/return/home/"]),
    ]
    for error in (RuntimeError(f"failed on {planted} {' '.join(words)}"), None):
        for who, path, data, token in tries:
            with failing("intake_submission", error):
                answer = who.client.post(path, {**data, "csrfmiddlewaretoken": token}, secure=True)
                assert answer.status_code == 500, path
                assert planted not in answer.content.decode()
        for who, path in ((draft, "/tell/check/"), (draft, "/tell/all/"), (inside, "/return/home/")):
            with failing("intake_submission", error):
                assert who.get(path).status_code == 500, path
    assert [line for line in logged if "A confidential page failed: RuntimeError" in line]
    secrets = [planted, " ".join(words), inside.client.cookies["__Host-visit"].value]
    secrets += [draft.client.cookies["__Host-draft"].value, *tokens.values()]
    assert [line for line in logged if any(secret in line for secret in secrets)] == []
    assert Submission.objects.filter(pk=submission.pk).exists()


def test_a_database_that_is_away_keeps_the_words_on_the_page_and_out_of_the_log(logged: list[str]) -> None:
    planted = canary()
    teller = Teller()
    token = teller.token("/tell/what/")
    for path in ("/tell/what/", "/tell/all/"):
        with failing("intake_submission", away()):
            data = {**FULL, "text": planted, "csrfmiddlewaretoken": token}
            answer = teller.client.post(path, data, secure=True)
        assert answer.status_code == 503
        assert planted in answer.content.decode()
        assert "What you wrote is still here" in answer.content.decode()
    assert [line for line in logged if planted in line] == []
    assert teller.client.post("/tell/all/", {**FULL, "csrfmiddlewaretoken": token}, secure=True).status_code == 200


def test_the_log_is_looked_through(logged: list[str]) -> None:
    planted = canary()
    logging.getLogger("django.db.backends").debug("INSERT %s", planted)
    assert [line for line in logged if planted in line]


def test_what_a_failed_task_leaves_behind_holds_no_word_of_the_error(
    logged: list[str], settings: Any, tmp_path: Path
) -> None:
    settings.INTAKE_FILES = tmp_path / "files"
    told_with(upload(samples.jpeg()))
    word = canary()
    with failing("intake_evidence", RuntimeError(word)) as failed:
        result = copies_make.enqueue()
    assert failed != []
    # What the worker keeps of it, in the database.
    (kept,) = result.errors
    assert kept.exception_class is CopiesNotMadeError
    assert "CopiesNotMadeError" in kept.traceback
    assert word not in kept.traceback
    assert [line for line in logged if word in line] == []
    assert tables_with(word) == []
    assert [line for line in logged if "A confidential page failed: RuntimeError" in line] != []
