"""Promise 12: a restored backup does not bring back what was deleted."""

import shutil
import uuid
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core import serializers
from django.core.management import call_command
from django.core.management.base import CommandError

from cms.stories.models import StoryPage
from coalition.intake.erasing import ledger_replay, submission_erase
from coalition.intake.evidence.models import Evidence
from coalition.intake.evidence.sharing import copy_make
from coalition.intake.ledger import Line, ledger_append, ledger_read
from coalition.intake.messages import message_write
from coalition.intake.models import Deletion, Message, Submission
from coalition.intake.publishing.models import Consent, Passed, Proposal
from coalition.intake.publishing.proposing import proposal_retract
from coalition.intake.publishing.release import story_release
from coalition.intake.publishing.taking_down import page_take_down
from coalition.intake.states import By, Step
from coalition.intake.submissions import submission_move
from coalition.ops.management.commands.prepare import Command
from tests import samples
from tests.coalition.intake.evidence.conftest import send, upload
from tests.coalition.intake.publishing.stories import agreed, published
from tests.coalition.intake.teller import Teller, told

pytestmark = pytest.mark.django_db
WHOLE, ORIGINAL = Deletion.What.WHOLE, Deletion.What.ORIGINAL


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path, settings: Any) -> Path:
    settings.INTAKE_LEDGER = tmp_path / "ledger"
    return tmp_path / "ledger"


def backup() -> str:
    return str(serializers.serialize("json", [*Submission.objects.all(), *Message.objects.all()]))


def restore(saved: str) -> None:
    Deletion.objects.all().delete()
    Submission.objects.all().delete()
    for row in serializers.deserialize("json", saved):
        row.save()


@pytest.mark.promise("gone-from-backups")
def test_what_was_deleted_is_deleted_again_and_what_was_not_stays() -> None:
    gone, gone_words = told()
    message_write(submission=gone, text="One.", from_teller=True)
    kept, kept_words = told()
    saved = backup()
    submission_erase(submission=gone, what=WHOLE)
    restore(saved)
    assert Teller().returns(gone_words).status_code == 302
    assert ledger_replay() == (1, True)
    assert list(Submission.objects.all()) == [kept]
    assert Message.objects.count() == 0
    assert Teller().returns(gone_words).status_code == 422
    assert Teller().returns(kept_words).status_code == 302
    assert Deletion.objects.get().gone_id == gone.pk
    assert ledger_replay() == (0, True)


def test_an_original_goes_again_and_what_was_written_later_stays_for_its_time() -> None:
    submission, _words = told()
    for step, by in ((Step.TAKE, By.MODERATOR), (Step.PROPOSE, By.MODERATOR), (Step.AGREE, By.TELLER)):
        submission_move(submission=submission, step=step, by=by)
    Submission.objects.update(original_until=date.today())
    saved = backup()
    submission_erase(submission=Submission.objects.get(), what=ORIGINAL)
    restore(saved)
    assert Submission.objects.get().open("answers")
    assert ledger_replay() == (1, True)
    assert Submission.objects.get().answers is None
    message_write(submission=Submission.objects.get(), text="Later.", from_teller=True)
    assert ledger_replay() == (0, True)
    assert Submission.objects.get().messages.count() == 1


@pytest.mark.promise("gone-from-backups")
def test_a_file_that_was_taken_out_is_taken_out_again_and_another_stays(tmp_path: Path, settings: Any) -> None:
    settings.INTAKE_FILES = tmp_path / "files"
    teller = Teller()
    teller.post("/tell/what/", {"text": "They count my steps."})
    for name in ("gone.jpg", "kept.jpg"):
        assert send(teller, upload(samples.jpeg(), name)).status_code == 302
    gone, kept = sorted(Evidence.objects.all(), key=lambda row: row.open("about")["name"])
    copy_make(gone.pk)
    gone.refresh_from_db()
    saved = str(serializers.serialize("json", [*Submission.objects.all(), *Evidence.objects.all()]))
    shutil.copytree(settings.INTAKE_FILES, tmp_path / "copy")
    assert teller.post("/tell/files/", {"do": "remove", "file": str(gone.pk)}).status_code == 302
    assert {path.name for path in settings.INTAKE_FILES.iterdir()} == {kept.file.hex}
    assert list(Deletion.objects.values_list("gone_id", "what")) == [(gone.pk, Deletion.What.FILE)]
    shutil.rmtree(settings.INTAKE_FILES)
    shutil.copytree(tmp_path / "copy", settings.INTAKE_FILES)
    restore(saved)
    assert len(list(settings.INTAKE_FILES.iterdir())) == 3
    assert ledger_replay() == (1, True)
    assert list(Evidence.objects.all()) == [kept]
    assert {path.name for path in settings.INTAKE_FILES.iterdir()} == {kept.file.hex}
    assert [(line.gone_id, line.what) for line in ledger_read()[0]] == [(gone.pk, Deletion.What.FILE)]
    assert ledger_replay() == (0, True)


@pytest.fixture
def restored_yes() -> Callable[[Consent], Callable[[], None]]:
    """How a backup from before brings a yes back, with its text and its submission as they stood."""

    def keep(consent: Consent) -> Callable[[], None]:
        rows = [Submission.objects.get(pk=consent.submission_id), consent.proposal, Consent.objects.get(pk=consent.pk)]
        saved = serializers.serialize("json", rows)

        def back() -> None:
            Deletion.objects.all().delete()
            Proposal.objects.filter(is_sent=False).delete()
            for row in serializers.deserialize("json", saved):
                row.save()

        return back

    return keep


@pytest.mark.promise("gone-from-backups")
@pytest.mark.promise("two-yeses")
@pytest.mark.usefixtures("without_stories")
def test_a_yes_that_was_taken_back_is_void_again_and_nothing_is_released_by_it(
    restored_yes: Callable[[Consent], Callable[[], None]],
) -> None:
    consent, _words = agreed()
    back = restored_yes(consent)
    proposal_retract(submission=consent.submission)
    back()
    assert (Consent.objects.count(), Submission.objects.get().state) == (1, "agreed")
    assert ledger_replay() == (1, True)
    assert (Consent.objects.count(), Submission.objects.get().state) == (0, "reading")
    assert [(line.gone_id, line.what) for line in ledger_read()[0]] == [(consent.pk, Deletion.What.CONSENT)]
    assert ledger_replay() == (0, True)


@pytest.mark.promise("gone-from-backups")
@pytest.mark.usefixtures("without_stories")
def test_what_was_public_by_a_yes_that_is_void_is_taken_down_again(
    restored_yes: Callable[[Consent], Callable[[], None]],
) -> None:
    page, submission, _words = published()
    consent = Consent.objects.get()
    passed = Passed.objects.get()
    back = restored_yes(consent)
    page_take_down(submission=submission, by=By.MODERATOR)
    back()
    passed.save(force_insert=True)
    StoryPage.objects.filter(pk=page.pk).update(live=True)
    assert Teller().get(page.url).status_code == 200
    assert ledger_replay() == (1, True)
    assert (Consent.objects.count(), Submission.objects.get().state) == (0, "proposed")
    assert Teller().get(page.url).status_code == 404
    assert ledger_replay() == (0, True)


def test_where_the_ledger_cannot_be_written_a_yes_stays_but_no_page(tmp_path: Path, settings: Any) -> None:
    consent, _words = agreed()
    (tmp_path / "file").write_text("")
    settings.INTAKE_LEDGER = tmp_path / "file" / "ledger"
    with pytest.raises(OSError, match="file"):
        proposal_retract(submission=consent.submission)
    assert (Consent.objects.count(), Submission.objects.get().state) == (1, "agreed")
    page = story_release(consent=consent)
    page_take_down(submission=consent.submission, by=By.SITE)
    page.refresh_from_db()
    assert (Consent.objects.count(), page.live) == (0, False)


def test_a_line_that_was_changed_or_taken_out_is_noticed_and_the_rest_is_replayed(ledger: Path) -> None:
    submissions = [told()[0] for _number in range(3)]
    saved = backup()
    for submission in submissions:
        submission_erase(submission=submission, what=WHOLE)
    whole = ledger.read_bytes()
    assert ledger_read()[1]
    first, second, third = whole.splitlines(keepends=True)
    for changed in (first + third, second + third, second + first + third, first + b"x" + second[1:] + third):
        ledger.write_bytes(changed)
        assert not ledger_read()[1]
    ledger.write_bytes(first + third)
    restore(saved)
    with pytest.raises(CommandError, match="changed or cut"):
        call_command("intake_replay")
    assert list(Submission.objects.all()) == [submissions[1]]


def test_half_a_line_of_a_kill_is_written_over(ledger: Path) -> None:
    one, two = Line(uuid.uuid4(), WHOLE, date(2026, 1, 2)), Line(uuid.uuid4(), ORIGINAL, date(2026, 1, 3))
    ledger_append(one)
    with ledger.open("ab") as file:
        file.write(b"0f3c")
    assert ledger_read() == ([one], True)
    ledger_append(two)
    assert ledger_read() == ([one, two], True)


def test_set_up_replays_it_before_the_site_opens() -> None:
    steps = [key for key, _title, _call in Command()._steps(content=True, demonstration=False, only=None)]
    assert steps.index("migrations") < steps.index("deletions") < steps.index("structure")


def test_a_ledger_from_beside_the_backups_is_taken_over(ledger: Path, tmp_path: Path) -> None:
    gone, _words = told()
    saved = backup()
    submission_erase(submission=gone, what=WHOLE)
    # The machine burns, and its ledger with it; the copy was elsewhere.
    ledger.rename(tmp_path / "copy")
    restore(saved)
    call_command("intake_replay")
    assert Submission.objects.count() == 1
    call_command("intake_replay", also=[tmp_path / "copy"])
    assert Submission.objects.count() == 0
    assert ledger_read() == ledger_read(tmp_path / "copy")
    call_command("intake_replay", also=[tmp_path / "copy", tmp_path / "no-such-file"])
    assert len(ledger_read()[0]) == 1
