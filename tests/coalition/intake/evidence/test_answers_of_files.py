"""What the pages of files answer where something is wrong, and what moderators see before a copy is made."""

from typing import Any

import pytest

from coalition.intake.evidence.models import Evidence
from coalition.intake.models import Submission
from coalition.intake.reading.files import copies_of
from tests import samples
from tests.coalition.intake.evidence.conftest import send, told_with, upload
from tests.coalition.intake.teller import Teller, words_on
from tests.safety.faults import away, failing

pytestmark = pytest.mark.django_db


def test_a_kind_that_is_not_taken_is_said_and_nothing_is_kept() -> None:
    teller = Teller()
    refused = send(teller, upload(b"MZ" * 100, "tool.exe"))
    assert refused.status_code == 422
    assert "tool.exe" in refused.content.decode()


def test_while_the_database_is_away_the_page_of_files_comes_back() -> None:
    teller = Teller()
    teller.post("/tell/what/", {"text": "One."})
    token = teller.token("/tell/files/")
    with failing("intake_evidence", away()):
        answer = teller.client.post(
            "/tell/files/", {"do": "add", "files": [upload(samples.png())], "csrfmiddlewaretoken": token}, secure=True
        )
    assert answer.status_code == 503
    assert "This could not be saved just now." in answer.content.decode()


def test_files_are_counted_and_going_on_without_any_is_not(settings: Any) -> None:
    teller = Teller()
    teller.post("/tell/what/", {"text": "One."})
    assert send(teller, upload(samples.png())).status_code == 302
    token = teller.token("/tell/files/")
    (kept,) = Evidence.objects.all()
    settings.INTAKE_LIMITS = 0
    said = {}
    for do in ("add", "next", "begin"):
        files = [] if do == "begin" else [upload(samples.png())]
        data = {"do": do, "files": files, "size": "10", "mark": "m", "csrfmiddlewaretoken": token}
        answer = teller.client.post("/tell/files/", data, secure=True)
        said[do] = (
            answer.status_code,
            answer.headers["Content-Type"],
            "wait a quarter of an hour" in str(answer.content),
            # What was sent before is still shown, and can still be taken out.
            str(kept.pk) in str(answer.content),
        )
    page = "text/html; charset=utf-8"
    assert said == {
        "add": (429, page, True, True),
        "next": (429, page, True, True),
        "begin": (429, "application/json", True, False),
    }
    assert list(Evidence.objects.all()) == [kept]
    ways = {}
    for do in ("next", "back", "add", "remove"):
        data = {"do": do, "file": str(kept.pk), "csrfmiddlewaretoken": token}
        answer = teller.client.post("/tell/files/", data, secure=True)
        ways[do] = (answer.status_code, answer.headers.get("Location"))
    assert ways["add"] == ways["remove"] == (302, "/tell/files/")
    assert {status for status, _way in ways.values()} == {302}
    assert ways["next"] != ways["back"] != (302, "/tell/files/")
    assert not Evidence.objects.exists()


def test_a_file_is_listed_by_its_kind_and_size_before_there_is_a_copy() -> None:
    data = samples.png()
    submission, _words, _teller = told_with(upload(data))
    submission.evidence.update(copy=None, copying="waiting")
    (copy,) = copies_of(submission)
    assert (copy.number, copy.kind, copy.size, copy.is_made) == (1, "PNG", len(data), False)


def test_a_file_for_what_nobody_reads_any_more_leads_back() -> None:
    teller = Teller()
    teller.post("/tell/what/", {"text": "One."})
    token, held = teller.token("/tell/files/"), teller.client.cookies["__Host-draft"].value
    words = words_on(teller.post("/tell/send/", form="/tell/check/"))
    teller.client.cookies["__Host-draft"] = held
    files = {"do": "add", "files": [upload(samples.png())], "csrfmiddlewaretoken": token}
    assert teller.client.post("/tell/files/", files, secure=True).headers["Location"] == "/tell/check/"
    teller.returns(words)
    token = teller.token("/return/files/")
    Submission.objects.update(state="withdrawn")
    files = {"do": "add", "files": [upload(samples.png())], "csrfmiddlewaretoken": token}
    assert teller.client.post("/return/files/", files, secure=True).headers["Location"] == "/return/"
    assert not Evidence.objects.exists()


def test_what_a_browser_said_of_a_file_is_kept_sealed() -> None:
    submission, _words, _teller = told_with(upload(samples.png(), "photo.png"))
    about = submission.evidence.get().open("about")
    assert {name: about[name] for name in ("name", "declared", "kind", "size")} == {
        "name": "photo.png",
        "declared": "image/jpeg",
        "kind": "png",
        "size": len(samples.png()),
    }
