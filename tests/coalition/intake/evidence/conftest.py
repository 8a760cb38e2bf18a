"""A folder of its own for files, and tellers who send them."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from coalition.accounts.groups import groups_write
from coalition.accounts.roles import MODERATORS
from coalition.intake.models import Submission
from tests import factories
from tests.coalition.intake.teller import Teller, words_on


@pytest.fixture(autouse=True)
def vault(tmp_path: Path, settings: Any) -> Path:
    settings.INTAKE_FILES = tmp_path / "files"
    settings.INTAKE_LEDGER = tmp_path / "ledger"
    return tmp_path / "files"


def upload(data: bytes, name: str = "IMG_0001 Maria at work.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="image/jpeg")


def send(teller: Teller, *files: SimpleUploadedFile, do: str = "add", path: str = "/tell/files/") -> Any:
    """Send files with the form, as a browser without scripts does."""
    return teller.post(path, {"do": do, "files": list(files)})


def told_with(*files: SimpleUploadedFile) -> tuple[Submission, list[str], Teller]:
    """Have something told with files; return it, its code, and a teller who came back with that."""
    teller = Teller()
    teller.post("/tell/what/", {"text": "They count my steps."})
    assert send(teller, *files).status_code == 302
    submission = Submission.objects.get()
    words = words_on(teller.post("/tell/send/", form="/tell/check/"))
    back = Teller()
    assert back.returns(words).headers["Location"] == "/return/home/"
    return submission, words, back


@pytest.fixture
def moderator(db: None) -> Client:
    """A moderator who has signed in, with both locks."""
    groups_write()
    user = factories.user("moderator@example.org", second_lock=True)
    user.groups.add(user.groups.model.objects.get(name=MODERATORS))
    return factories.client_of(user)
