"""Promise 11: nothing outlives its time."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from django.utils.formats import date_format

from coalition.accounts.models import User
from coalition.intake.keeping import due_erase
from coalition.intake.messages import message_write
from coalition.intake.models import Deletion, Submission
from coalition.intake.publishing.consent import consent_give
from coalition.intake.publishing.fields import sha256
from coalition.intake.publishing.proposing import proposal_retract, proposal_save, proposal_send
from coalition.intake.reading.assigning import submission_take
from coalition.intake.reading.forgetting import openings_forget
from coalition.intake.reading.models import Opening
from coalition.intake.states import By, Step
from coalition.intake.submissions import submission_move
from coalition.ops.schedule import SCHEDULE
from tests.coalition.intake.publishing.stories import agreed, client_of, moderator, published, text
from tests.coalition.intake.teller import Teller, told
from tests.safety.clock import around, at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _ledger(tmp_path: Path, settings: Any) -> None:
    settings.INTAKE_LEDGER = tmp_path / "ledger"


def goes_on(day: date) -> None:
    """Nothing goes a second before the day; on the day one goes, and once only."""
    before, after = around(day)
    with at(before):
        assert due_erase() == 0
    with at(after):
        assert due_erase() == 1
        assert due_erase() == 0


@pytest.mark.promise("ninety-days")
@pytest.mark.parametrize("steps", [[], [Step.TAKE], [Step.TAKE, Step.PROPOSE], [Step.TAKE, Step.DECLINE]])
def test_what_is_not_published_goes_after_ninety_days(steps: list[Step]) -> None:
    submission, _words = told()
    for step in steps:
        submission_move(submission=submission, step=step, by=By.MODERATOR)
    goes_on(timezone.localdate() + timedelta(days=90))
    assert Submission.objects.count() == 0
    assert Deletion.objects.get().gone_id == submission.pk


def test_a_draft_without_a_code_goes_after_two_days_and_one_with_it_after_thirty() -> None:
    Teller().post("/tell/what/", {"text": "One."})
    goes_on(timezone.localdate() + timedelta(days=2))
    Teller().post("/tell/what/", {"text": "One.", "do": "later"})
    goes_on(timezone.localdate() + timedelta(days=30))
    assert Submission.objects.count() == 0


@pytest.mark.promise("thirty-days")
@pytest.mark.parametrize("released", [False, True])
def test_the_original_goes_thirty_days_after_the_yes_and_the_code_stays(released: bool) -> None:
    submission, words = told()
    message_write(submission=submission, text="One.", from_teller=True)
    for step in (Step.TAKE, Step.PROPOSE):
        submission_move(submission=submission, step=step, by=By.MODERATOR)
    submission_move(submission=submission, step=Step.AGREE, by=By.TELLER)
    if released:
        submission_move(submission=submission, step=Step.RELEASE, by=By.SITE)
    goes_on(timezone.localdate() + timedelta(days=30))
    kept = Submission.objects.get()
    assert (kept.answers, kept.contact, kept.messages.count()) == (None, None, 0)
    assert kept.state == ("published" if released else "agreed")
    assert Teller().returns(words).headers["Location"] == "/return/home/"
    # What is written after that has the same time.
    message_write(submission=kept, text="Two.", from_teller=True)
    goes_on(timezone.localdate() + timedelta(days=30))
    assert kept.messages.count() == 0


@pytest.mark.promise("thirty-days")
@pytest.mark.usefixtures("without_stories")
@pytest.mark.parametrize("after", ["retracted", "a new text", "a new yes"])
def test_the_original_goes_thirty_days_after_the_first_yes_whatever_becomes_of_that(after: str) -> None:
    said = timezone.localdate()
    if after == "retracted":
        consent, words = agreed()
        submission = consent.submission
        with at(around(said + timedelta(days=20))[1]):
            proposal_retract(submission=submission)
            proposal_save(submission=submission, content=text(headline="Drafted from what was told"))
    else:
        _page, submission, words = published()
        with at(around(said + timedelta(days=20))[1]):
            proposal = proposal_send(submission=submission, content=text(headline="Said otherwise"))
            if after == "a new yes":
                consent_give(submission=submission, seen=sha256(proposal.open("content")).hex())
    message_write(submission=submission, text="Just for you.", from_teller=True)
    goes_on(said + timedelta(days=30))
    kept = Submission.objects.get()
    assert (kept.answers, kept.contact, kept.messages.count(), kept.original_until) == (None, None, 0, None)
    # What the teller was shown as a text for the public is there, and what was drafted beside it is not.
    headline = "A badge counts every step" if after == "retracted" else "Said otherwise"
    assert [each.open("content")["headline"] for each in kept.proposals.all()] == [headline]
    # Its pages work without the original, for whoever told it and for whoever reads it.
    teller = Teller()
    teller.returns(words)
    assert ("Said otherwise" in teller.get("/return/home/").content.decode()) == (after != "retracted")
    client = client_of(User.objects.get(email="moderator@example.org"))
    assert "has been deleted, as it was promised" in client.get(f"/moderation/{kept.pk}/").content.decode()
    assert headline in client.get(f"/moderation/{kept.pk}/text/").content.decode()
    # What is written from now on has as long, and the rest goes when it is over.
    message_write(submission=kept, text="Later.", from_teller=True)
    assert Submission.objects.get().original_until == said + timedelta(days=30)


def test_a_page_that_was_taken_down_waits_no_longer_than_anything_else() -> None:
    submission, words = told()
    for step, by in ((Step.TAKE, By.MODERATOR), (Step.PROPOSE, By.MODERATOR), (Step.AGREE, By.TELLER)):
        submission_move(submission=submission, step=step, by=by)
    submission_move(submission=submission, step=Step.RELEASE, by=By.SITE)
    with at(around(timezone.localdate() + timedelta(days=10))[1]):
        down = submission_move(submission=submission, step=Step.TAKE_DOWN, by=By.SITE)
    assert down.original_until == timezone.localdate() + timedelta(days=30)
    assert down.expires_on == timezone.localdate() + timedelta(days=100)
    teller = Teller()
    teller.returns(words)
    # The sooner of the two is what the teller is told.
    assert f"kept until {date_format(down.original_until)}" in teller.get("/return/home/").content.decode()
    goes_on(down.original_until)
    assert Submission.objects.get().answers is None
    goes_on(down.expires_on)
    assert Submission.objects.count() == 0


def test_a_browser_holds_on_to_what_was_sent_for_a_day_or_two() -> None:
    told()
    today = timezone.localdate()
    due_erase(today + timedelta(days=1))
    assert Submission.objects.exclude(draft_key=None).count() == 1
    due_erase(today + timedelta(days=2))
    assert Submission.objects.exclude(draft_key=None).count() == 0


@pytest.mark.promise("log-two-years")
def test_the_log_of_openings_goes_after_two_years() -> None:
    submission, _words = told()
    who = moderator()
    submission_take(submission=submission, moderator=who)
    assert client_of(who).get(f"/moderation/{submission.pk}/").status_code == 200
    opened = timezone.localdate()
    assert Opening.objects.get().day == opened
    before, after = around(opened + timedelta(days=731))
    with at(before):
        assert openings_forget() == 0
    with at(after):
        assert openings_forget() == 1
        assert openings_forget() == 0
    assert Opening.objects.count() == 0
    assert "coalition.intake.reading.forgetting.openings_forget" in {entry.target for entry in SCHEDULE}
