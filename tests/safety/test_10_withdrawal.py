"""Promise 10, for what is not public yet: the author can withdraw, and deletion is real."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from coalition.intake import erasing
from coalition.intake.ledger import ledger_read
from coalition.intake.messages import message_write
from coalition.intake.models import Deletion, Message, Submission
from coalition.intake.states import By, NotAllowedError, Step
from coalition.intake.submissions import submission_move
from coalition.intake.withdrawing import submission_withdraw, withdrawn_erase
from tests.coalition.intake.teller import Teller, told

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path, settings: Any) -> Path:
    path = tmp_path / "intake" / "deletions.ledger"
    settings.INTAKE_LEDGER = path
    return path


@pytest.fixture
def hooked() -> Iterator[list[tuple[Any, str]]]:
    """A package that keeps something of a submission elsewhere."""
    called: list[tuple[Any, str]] = []

    def hook(submission: Submission, what: Deletion.What) -> None:
        called.append((submission.pk, what.value))
        if len(called) == 1:
            raise OSError("The disk is away.")

    erasing.before_erasure(hook)
    yield called
    erasing._hooks.remove(hook)


@pytest.mark.promise("taken-back")
@pytest.mark.parametrize("steps", [[], [Step.TAKE], [Step.TAKE, Step.PROPOSE], [Step.TAKE, Step.DECLINE]])
def test_rows_messages_and_code_are_gone(steps: list[Step], ledger: Path) -> None:
    submission, words = told()
    message_write(submission=submission, text="One.", from_teller=True)
    for step in steps:
        submission_move(submission=submission, step=step, by=By.MODERATOR)
    teller = Teller()
    teller.returns(words)
    assert teller.post("/return/withdraw/").status_code == 200
    assert (Submission.objects.count(), Message.objects.count()) == (0, 0)
    assert Teller().returns(words).status_code == 422
    lines, is_whole = ledger_read()
    assert [(line.gone_id, line.what.value) for line in lines] == [(submission.pk, "whole")]
    assert is_whole
    assert ledger.stat().st_mode & 0o777 == 0o600


def test_what_cannot_be_deleted_at_once_is_out_of_sight_and_goes_with_the_next_beat(
    hooked: list[tuple[Any, str]],
) -> None:
    submission, words = told()
    submission_withdraw(submission=submission)
    assert Submission.objects.get().state == "withdrawn"
    assert Submission.objects.all().readable().count() == 0
    assert Teller().returns(words).status_code == 422
    with pytest.raises(NotAllowedError):
        submission_move(submission=submission, step=Step.TAKE, by=By.MODERATOR)
    assert withdrawn_erase() == 1
    assert hooked == [(submission.pk, "whole")] * 2
    assert Submission.objects.count() == 0
    assert withdrawn_erase() == 0


def test_without_a_ledger_nothing_is_deleted(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="ascii")
    settings.INTAKE_LEDGER = tmp_path / "file" / "ledger"
    submission, _words = told()
    submission_withdraw(submission=submission)
    assert Submission.objects.get().state == "withdrawn"
    assert not Deletion.objects.filter(day=date.today()).exists()
