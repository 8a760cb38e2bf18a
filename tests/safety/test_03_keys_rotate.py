"""Promise 3: keys rotate."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from coalition.intake.messages import message_write
from coalition.intake.models import Submission
from coalition.intake.rotating import key_add, sealed_by_key
from coalition.intake.sealing import SealBrokenError, key_index
from coalition.ops.secrets import fernet_key
from tests.coalition.intake.teller import told

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path, settings: Any) -> Path:
    path = tmp_path / "keys"
    path.write_text(fernet_key() + "\n", encoding="ascii")
    settings.INTAKE_KEYS, settings.INTAKE_KEYS_FILE = [], str(path)
    return path


def said(do: str) -> list[str]:
    out = io.StringIO()
    call_command("intake_keys", do, stdout=out)
    return out.getvalue().splitlines()


def test_old_seals_are_read_sealed_anew_and_the_old_key_goes(file: Path) -> None:
    old = file.read_text(encoding="ascii").strip()
    submission, _words = told()
    message_write(submission=submission, text="A word.", from_teller=False)
    assert sealed_by_key() == [3, 0]
    assert said("rotate") == ["sealed anew: 3"]
    assert file.stat().st_mode & 0o777 == 0o600
    assert sealed_by_key() == [3, 0, 0]
    assert said("drop-old") == ["dropped: 1"]
    assert old not in file.read_text(encoding="ascii")
    again = Submission.objects.get()
    assert again.open("answers")["country"] == "USA"
    assert again.messages.get().open("text") == "A word."
    again.seal("answers", {"text": "Rewritten."})
    again.save()
    assert Submission.objects.get().open("answers") == {"text": "Rewritten."}


def test_a_rotation_that_was_stopped_goes_on_without_another_key(file: Path) -> None:
    told()
    told()
    key_add()
    told()
    assert sealed_by_key() == [2, 4, 0]
    assert [line.split(": ")[1] for line in said("status")] == ["seals 2", "seals 4", "0"]
    assert said("rotate") == ["sealed anew: 4"]
    assert sealed_by_key() == [6, 0, 0]
    assert len(file.read_text(encoding="ascii").splitlines()) == 2


def test_a_key_that_still_seals_something_is_not_dropped(file: Path) -> None:
    told()
    key_add()
    with pytest.raises(CommandError, match="rotate first"):
        call_command("intake_keys", "drop-old")
    assert len(file.read_text(encoding="ascii").splitlines()) == 2


def test_what_no_key_opens_is_counted_and_left_alone(file: Path) -> None:
    submission, _words = told()
    file.write_text(fernet_key() + "\n", encoding="ascii")
    assert sealed_by_key() == [0, 2]
    assert said("rotate") == ["sealed anew: 0"]
    with pytest.raises(SealBrokenError):
        Submission.objects.get(pk=submission.pk).open("answers")
    assert key_index(bytes(submission.answers or b"")) is None
