"""What the pages of files answer where something is wrong, and what moderators see before a copy is made."""

import pytest

from coalition.intake.reading.files import copies_of
from tests import samples
from tests.coalition.intake.evidence.conftest import send, told_with, upload
from tests.coalition.intake.teller import Teller
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


def test_a_file_is_listed_by_its_kind_and_size_before_there_is_a_copy() -> None:
    data = samples.png()
    submission, _words, _teller = told_with(upload(data))
    submission.evidence.update(copy=None, copying="waiting")
    (copy,) = copies_of(submission)
    assert (copy.number, copy.kind, copy.size, copy.is_made) == (1, "PNG", len(data), False)
