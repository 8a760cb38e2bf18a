"""From a text to the teller's yes, the release, a change, and the way back."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from wagtail.models import PageLogEntry, Revision

from cms.base.models import Origin
from cms.stories.models import StoryPage
from cms.taxonomy.schemes import Scheme
from coalition.intake.erasing import submission_erase
from coalition.intake.models import Deletion, Submission
from coalition.intake.publishing.consent import OtherTextError, consent_give, digest_of, due_draw
from coalition.intake.publishing.fields import as_page, public_fields, sha256
from coalition.intake.publishing.gate import pages_check
from coalition.intake.publishing.models import Consent, Proposal, Tie
from coalition.intake.publishing.proposing import changes_ask, draft_of, proposal_retract, proposal_send
from coalition.intake.publishing.release import due_release, story_release
from coalition.intake.publishing.tie import page_of, submission_of
from coalition.intake.states import NotAllowedError
from tests import factories
from tests.coalition.intake.publishing.stories import agreed, proposed, published, text
from tests.coalition.intake.teller import Teller, told
from tests.safety.clock import at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_stories")]


def test_a_yes_becomes_a_page_that_says_just_that() -> None:
    page, submission, _words = published()
    stored = StoryPage.objects.get(pk=page.pk)
    consent = Consent.objects.get(submission=submission)
    assert stored.live
    assert (stored.title, stored.slug, stored.origin) == (
        "A badge counts every step",
        "a-badge-counts-every-step",
        "intake",
    )
    assert public_fields(stored) == as_page(consent.open("shown"))
    assert Submission.objects.get().state == "published"
    assert (page_of(submission), submission_of(stored.public_id)) == (stored, submission)
    assert (stored.owner, stored.latest_revision, stored.live_revision) == (None, None, None)
    month = timezone.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    assert (stored.first_published_at, stored.last_published_at) == (month, month)
    assert stored.latest_revision_created_at is None
    assert Revision.objects.for_instance(page).count() == 0
    assert PageLogEntry.objects.filter(page=page.pk).count() == 0
    assert Teller().get(stored.url).status_code == 200


def test_the_teller_sees_every_field_and_answers_by_the_code() -> None:
    submission, words, content = proposed(content_note="Injury.")
    teller = Teller()
    teller.returns(words)
    shown = teller.get("/return/home/").content.decode()
    for said in ("A badge counts every step", "Cleaners are counted.", "They count steps.", "Injury.", "not named"):
        assert said in shown
    seen = sha256(content).hex()
    assert f'value="{seen}"' in shown
    assert teller.post("/return/text/", {"seen": seen}, form="/return/home/").status_code == 422
    assert teller.post("/return/text/", {"answer": "changes"}, form="/return/home/").status_code == 422
    other = teller.post("/return/text/", {"answer": "yes", "seen": "0" * 64}, form="/return/home/")
    assert other.status_code == 409
    assert Submission.objects.get().state == "proposed"
    done = teller.post("/return/text/", {"answer": "yes", "seen": seen}, form="/return/home/")
    assert (done.status_code, done.headers["Location"]) == (302, "/return/home/")
    consent = Consent.objects.get()
    assert (consent.submission, bytes(consent.digest), consent.day) == (
        submission,
        digest_of(content),
        timezone.localdate(),
    )
    assert "You said yes" in teller.get("/return/home/").content.decode()


def test_no_and_changes_lead_back() -> None:
    submission, words, _content = proposed()
    teller = Teller()
    teller.returns(words)
    teller.post("/return/text/", {"answer": "changes", "text": "Not the steps."}, form="/return/home/")
    submission.refresh_from_db()
    assert submission.state == "reading"
    draft = draft_of(submission)
    assert draft is not None
    assert draft.open("content")["headline"] == "A badge counts every step"
    proposal_send(submission=submission, content=text(headline="Another"))
    teller.post("/return/text/", {"answer": "no"}, form="/return/home/")
    submission.refresh_from_db()
    assert submission.state == "declined"
    assert [each.open("text") for each in submission.messages.filter(from_teller=True)] == ["Not the steps."]


def test_what_was_typed_while_the_text_was_taken_back_can_go_as_a_message() -> None:
    submission, words, _content = proposed()
    teller = Teller()
    teller.returns(words)
    token = teller.token("/return/home/")
    proposal_retract(submission=submission)
    data = {"answer": "changes", "text": "Not the steps.", "csrfmiddlewaretoken": token}
    answer = teller.client.post("/return/text/", data, secure=True, HTTP_ORIGIN="null")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "no longer waits for an answer" in page
    assert re.search(r"<textarea[^>]*>\s*Not the steps\.</textarea>", page)
    assert 'action="/return/message/"' in page
    bare = teller.client.post("/return/text/", {**data, "text": ""}, secure=True, HTTP_ORIGIN="null")
    assert (bare.status_code, bare.headers["Location"]) == (302, "/return/home/")


def test_a_yes_to_another_text_counts_for_nothing() -> None:
    submission, _words, content = proposed()
    changes_ask(submission=submission, text="Change it.")
    proposal_send(submission=submission, content=text(headline="Another"))
    with pytest.raises(OtherTextError):
        consent_give(submission=submission, seen=sha256(content).hex())
    assert (Consent.objects.count(), Submission.objects.get().state) == (0, "proposed")


def test_what_was_sent_and_changed_afterwards_is_not_released() -> None:
    consent, _words = agreed()
    proposal = consent.proposal
    proposal.seal("content", text(headline="Something else"))
    proposal.save()
    with pytest.raises(NotAllowedError):
        story_release(consent=consent)
    assert StoryPage.objects.count() == 0
    assert Submission.objects.get().state == "agreed"


def test_a_yes_can_be_worked_on_again_before_the_release() -> None:
    consent, _words = agreed()
    proposal_retract(submission=consent.submission)
    assert (Consent.objects.count(), Submission.objects.get().state) == (0, "reading")


@pytest.mark.promise("released-later")
def test_the_day_of_release_is_drawn_within_its_bounds(settings: Any) -> None:
    today = date(2026, 3, 5)
    drawn = {due_draw(today) for _ in range(300)}
    assert {day.weekday() for day in drawn} == {settings.INTAKE_RELEASE_WEEKDAY}
    assert min(drawn) >= today + timedelta(3)
    assert max(drawn) <= today + timedelta(21)
    assert len(drawn) == 3


@pytest.mark.promise("released-later")
def test_the_beat_releases_what_is_due_on_the_day_of_release_alone(settings: Any) -> None:
    for name in ("First", "Second", "Third"):
        agreed(headline=name)
    Consent.objects.update(due_on=date(2026, 3, 4))
    settings.TIME_ZONE = "UTC"
    for moment in (
        datetime(2026, 3, 5, 20, tzinfo=UTC),
        datetime(2026, 3, 11, 8, tzinfo=UTC),
        datetime(2026, 2, 25, 20, tzinfo=UTC),
    ):
        with at(moment):
            assert due_release() == 0
    with at(datetime(2026, 3, 11, 20, tzinfo=UTC)):
        assert due_release() == 3
        assert due_release() == 0
    pages = StoryPage.objects.order_by("title")
    assert [page.title for page in pages] == ["First", "Second", "Third"]
    assert {page.first_published_at for page in pages} == {datetime(2026, 3, 1, tzinfo=UTC)}


def _released(*days: tuple[int, int]) -> list[int]:
    """Return how many the beat releases on days of March and April 2026, in the morning before ten and after it."""
    found = []
    for month, day in days:
        with at(datetime(2026, month, day, 9, 59, tzinfo=UTC)):
            assert due_release() == 0
        with at(datetime(2026, month, day, 10, tzinfo=UTC)):
            found.append(due_release())
    return found


@pytest.mark.promise("released-later")
def test_one_that_is_due_alone_waits_for_another(settings: Any) -> None:
    settings.TIME_ZONE = "UTC"
    first, second = agreed(headline="First")[0], agreed(headline="Second")[0]
    Consent.objects.filter(pk=first.pk).update(due_on=date(2026, 3, 4))
    Consent.objects.filter(pk=second.pk).update(due_on=date(2026, 3, 18))
    assert _released((3, 4), (3, 11), (3, 18), (3, 25)) == [0, 0, 2, 0]


@pytest.mark.promise("released-later")
def test_one_that_stays_alone_is_released_three_weeks_later(settings: Any) -> None:
    settings.TIME_ZONE = "UTC"
    agreed()
    Consent.objects.update(due_on=date(2026, 3, 4))
    assert _released((3, 4), (3, 11), (3, 18), (3, 24), (3, 25), (4, 1)) == [0, 0, 0, 0, 1, 0]


@pytest.mark.parametrize("broken", ["another text", "a broken seal"])
def test_one_that_cannot_be_released_is_no_company_and_is_reported(
    settings: Any, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    settings.TIME_ZONE = "UTC"
    first, other = agreed(headline="First")[0], agreed(headline="Second")[0]
    Consent.objects.update(due_on=date(2026, 3, 4))
    if broken == "another text":
        Consent.objects.filter(pk=other.pk).update(digest=b"x" * 32)
    else:
        # A ciphertext of another row.
        Proposal.objects.filter(pk=other.proposal_id).update(content=first.proposal.content)
    assert _released((3, 4)) == [0]
    error = "NotAllowedError" if broken == "another text" else "SealBrokenError"
    assert f"A confidential page failed: {error}" in caplog.text
    assert _released((3, 25)) == [1]
    assert [page.title for page in StoryPage.objects.filter(origin=Origin.INTAKE)] == ["First"]


def test_a_change_of_a_public_one_takes_it_down_until_a_new_yes() -> None:
    page, submission, _words = published()
    submission.refresh_from_db()
    proposal = proposal_send(submission=submission, content=text(headline="Said otherwise"))
    page.refresh_from_db()
    submission.refresh_from_db()
    assert (page.live, submission.state, Consent.objects.count()) == (False, "proposed", 0)
    assert Teller().get("/stories/a-badge-counts-every-step/").status_code == 404
    consent = consent_give(submission=submission, seen=sha256(proposal.open("content")).hex())
    again = story_release(consent=consent)
    assert (again.pk, again.live, again.slug) == (page.pk, True, "said-otherwise")
    assert Tie.objects.count() == 1
    # Under the same headline it keeps its address.
    submission.refresh_from_db()
    proposal = proposal_send(submission=submission, content=text(headline="Said otherwise", body=["In other words."]))
    consent = consent_give(submission=submission, seen=sha256(proposal.open("content")).hex())
    once_more = story_release(consent=consent)
    assert (once_more.pk, once_more.slug) == (page.pk, "said-otherwise")


def test_a_page_that_was_changed_behind_the_gate_is_taken_down_by_the_beat() -> None:
    page, submission, _words = published()
    assert pages_check() == 0
    page.harm_links.model.objects.create(page_id=page.pk, concept=factories.concept(Scheme.HARM, "Test harm"))
    assert pages_check() == 1
    page.refresh_from_db()
    submission.refresh_from_db()
    assert (page.live, submission.state) == (False, "proposed")


def test_after_the_original_is_gone_the_text_that_was_agreed_to_stays() -> None:
    page, submission, words = published()
    Submission.objects.update(original_until=timezone.localdate())
    submission_erase(submission=submission, what=Deletion.What.ORIGINAL)
    assert Submission.objects.get().answers is None
    assert (Proposal.objects.count(), Consent.objects.count(), Tie.objects.count()) == (1, 1, 1)
    page.refresh_from_db()
    page.save()
    teller = Teller()
    teller.returns(words)
    assert page.url in teller.get("/return/home/").content.decode()


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path, settings: Any) -> None:
    settings.INTAKE_LEDGER = tmp_path / "deletions.ledger"


def test_nobody_elses_page_is_found() -> None:
    submission, _words = told()
    assert page_of(submission) is None
