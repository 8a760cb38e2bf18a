"""Promise 2: encryption fails closed."""

import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from coalition.intake.models import Message, Submission
from coalition.intake.sealing import SealBrokenError
from coalition.ops.secrets import keys_make
from tests.coalition.intake.teller import told

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.mark.django_db
def test_a_changed_ciphertext_raises() -> None:
    submission, _words = told()
    token = bytearray(submission.answers or b"")
    for place in (10, len(token) // 2, len(token) - 20):
        changed = token.copy()
        changed[place] = ord("A") if changed[place] != ord("A") else ord("B")
        submission.answers = bytes(changed)
        with pytest.raises(SealBrokenError, match="changed"):
            submission.open("answers")


@pytest.mark.django_db
def test_a_ciphertext_in_another_row_field_or_model_raises() -> None:
    submission, _words = told()
    other, _others = told()
    other.answers = submission.answers
    other.save()
    swapped = Submission.objects.get(pk=other.pk)
    with pytest.raises(SealBrokenError, match="elsewhere"):
        swapped.open("answers")
    submission.contact = submission.answers
    with pytest.raises(SealBrokenError, match="elsewhere"):
        submission.open("contact")
    with pytest.raises(SealBrokenError, match="elsewhere"):
        Message(id=submission.pk, submission=submission, text=submission.answers).open("text")


@pytest.mark.django_db
def test_another_key_raises(settings: Any) -> None:
    submission, _words = told()
    assert submission.open("answers")["country"] == "USA"
    settings.INTAKE_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(SealBrokenError):
        submission.open("answers")


@pytest.mark.django_db
def test_what_is_not_sealed_cannot_be_stored() -> None:
    with pytest.raises(SealBrokenError):
        Submission.objects.create(id=uuid.uuid4(), answers=b"in clear")


def _start(folder: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    env = {name: value for name, value in os.environ.items() if not name.startswith("COALITION_")}
    env |= {"DJANGO_SETTINGS_MODULE": "coalition.settings.production", "SECRET_KEY": "s" * 64, **environ}
    env["COALITION_DATA_DIR"] = str(folder)
    return subprocess.run(
        [sys.executable, "-c", "import django; django.setup(); print('started')"],
        cwd=REPOSITORY,
        env=env,
        capture_output=True,
        text=True,
    )


def test_there_is_no_start_without_a_key(tmp_path: Path) -> None:
    keys_make(tmp_path / "secrets")
    keys, pepper = tmp_path / "secrets" / "intake_keys", tmp_path / "secrets" / "intake_pepper"
    named = {"COALITION_INTAKE_KEYS_FILE": str(keys), "COALITION_INTAKE_PEPPER_FILE": str(pepper)}
    assert _start(tmp_path, **named).stdout == "started\n"
    for missing in named:
        refused = _start(tmp_path, **{name: path for name, path in named.items() if name != missing})
        assert refused.returncode != 0
        assert missing in refused.stderr
    secret = keys.read_text(encoding="ascii").strip()
    keys.write_text(secret[:-3], encoding="ascii")
    broken = _start(tmp_path, **named)
    assert "is not a Fernet key" in broken.stderr
    assert secret[:-3] not in broken.stderr


def test_the_check_says_so(settings: Any) -> None:
    settings.INTAKE_KEYS = []
    with pytest.raises(SystemCheckError, match=r"intake\.E001"):
        call_command("check", tags=["security"])


def test_raised_limits_are_refused(settings: Any) -> None:
    settings.INTAKE_LIMITS = 1000
    with pytest.raises(SystemCheckError, match=r"intake\.E002"):
        call_command("check", deploy=True, tags=["security"])
