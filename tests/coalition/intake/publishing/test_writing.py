"""A moderator's text: what it begins with, and what of it a no or a second look leaves."""

import contextlib
import re
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from cms.base.models import Origin
from coalition.intake.models import Submission
from coalition.intake.publishing.consent import consent_give
from coalition.intake.publishing.fields import sha256
from coalition.intake.publishing.gate import is_agreed
from coalition.intake.publishing.models import Consent, Proposal
from coalition.intake.publishing.proposing import NothingPublicError, draft_of, proposal_send
from coalition.intake.reading.assigning import note_write, submission_take
from coalition.intake.reading.models import Note
from coalition.intake.reading.waiting import moderation
from coalition.intake.telling.forms import UseForm
from tests import factories
from tests.coalition.intake.publishing.stories import agreed, client_of, moderator, proposed, published, text
from tests.coalition.intake.teller import Teller, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_stories")]


def field(page: str, name: str) -> str:
    found = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    assert found is not None
    value = re.search(r'value="([^"]*)"', found[0])
    return value[1] if value else ""


@pytest.mark.parametrize(("naming", "begun"), [("yes", "Grand Hotel"), ("no", ""), ("ask", ""), ("", "")])
def test_an_employer_is_put_in_only_where_the_teller_said_yes_to_it(naming: str, begun: str) -> None:
    submission, _words = told(naming=naming)
    who = moderator()
    submission_take(submission=submission, moderator=who)
    page = client_of(who).get(f"/moderation/{submission.pk}/text/").content.decode()
    assert field(page, "employer") == begun
    assert field(page, "year") == "2026"


def _text_posted(submission: Submission, do: str, *, posted: dict[str, str] | None = None, **more: Any) -> Any:
    content = text(**more)
    data = {
        **{
            name: content[name] for name in ("headline", "standfirst", "stage", "standing", "language", "year", "month")
        },
        "text": "\n\n".join(content["body"]),
        "industry": content["industry"],
        "technology": content["technology"],
        "employer": "",
        "content_note": content["content_note"],
        "do": do,
    }
    client = client_of(submission.charge.moderator)
    return client.post(f"/moderation/{submission.pk}/text/", data | (posted or {}))


USES = {
    "publish": (False, "Write a public text. It goes public only after I have read it and said yes."),
    "moderators": (True, "Publish nothing and pass nothing on. Only the moderators read it."),
    # An answer that could once be given, and promised a reader who was never there.
    "organizers": (True, "Publish nothing and pass nothing on. Only the moderators read it."),
    "": (False, None),
}


@pytest.mark.parametrize("use", USES)
def test_where_the_teller_wants_nothing_published_a_text_is_sent_only_after_they_wrote_otherwise(use: str) -> None:
    nothing, said = USES[use]
    submission, _words = told()
    # As it is stored, whenever it was told.
    submission.seal("answers", {**submission.open("answers"), "use": use})
    submission.save()
    submission_take(submission=submission, moderator=moderator())
    submission = Submission.objects.get()
    client = client_of(submission.charge.moderator)
    warning, tick = "The teller wants nothing published.", 'name="allowed_since"'
    read = client.get(f"/moderation/{submission.pk}/").content.decode()
    assert {sentence for _nothing, sentence in USES.values() if sentence and sentence in read} == {said} - {None}
    assert (warning in read) == nothing
    page = client.get(f"/moderation/{submission.pk}/text/").content.decode()
    assert (warning in page, tick in page) == (nothing, nothing)
    assert _text_posted(submission, "keep").status_code == 200
    with (
        pytest.raises(NothingPublicError) if nothing else contextlib.nullcontext(),
        transaction.atomic(),
    ):
        proposal_send(submission=submission, content=text())
        transaction.set_rollback(True)
    answer = _text_posted(submission, "send")
    if nothing:
        assert answer.status_code == 422
        assert "Ask them first, by a message, and tick this once they say yes." in answer.content.decode()
        assert (Submission.objects.get().state, submission.messages.count()) == ("reading", 0)
        answer = _text_posted(submission, "send", posted={"allowed_since": "on"})
    assert (answer.status_code, Submission.objects.get().state) == (302, "proposed")


@pytest.mark.parametrize("use", USES)
def test_what_one_tells_can_be_used_in_the_two_ways_that_are_kept(use: str) -> None:
    form = UseForm(answers={"use": use})
    assert [value for value, _label in form.fields["use"].choices] == ["publish", "moderators"]
    nothing, said = USES[use]
    assert form.initial == {"use": "moderators" if nothing else use or None}
    assert UseForm.said({"use": use}) == ([said] if said else [])


def test_a_text_is_kept_and_begins_where_it_was_left() -> None:
    submission, _words = told()
    submission_take(submission=submission, moderator=moderator())
    submission = Submission.objects.get()
    assert _text_posted(submission, "keep").status_code == 200
    draft = draft_of(submission)
    assert draft is not None
    assert draft.open("content")["headline"] == "A badge counts every step"
    assert (Proposal.objects.count(), Submission.objects.get().state) == (1, "reading")
    page = client_of(submission.charge.moderator).get(f"/moderation/{submission.pk}/text/").content.decode()
    assert field(page, "headline") == "A badge counts every step"


def test_what_is_pointed_out_is_an_employer_that_only_the_words_name() -> None:
    submission, _words = told(naming="no")
    submission_take(submission=submission, moderator=moderator())
    submission = Submission.objects.get()
    still = "The words still name the employer"
    assert still in _text_posted(submission, "keep", headline="The GRAND hotel counts").content.decode()
    assert still in _text_posted(submission, "keep", body=["At Grand Hotel."]).content.decode()
    assert still not in _text_posted(submission, "keep").content.decode()


def test_what_could_lead_back_to_somebody_is_pointed_out_in_the_draft() -> None:
    submission, _words = told(naming="no", town="Elko")
    submission_take(submission=submission, moderator=moderator())
    submission = Submission.objects.get()
    client = client_of(submission.charge.moderator)
    # Before there is a text, nothing is marked.
    assert "<mark>" not in client.get(f"/moderation/{submission.pk}/text/").content.decode()
    given = {
        "headline": "In Elko a badge counts",
        "standfirst": "On March 3 they were counted.",
        "body": ["She asked Maria Lopez about it.", "Write to lopez@example.org, at Grand Hotel."],
        "content_note": "Call 775 555 0134.",
        "language": "es",
    }
    marks = ["Elko", "March 3", "Maria Lopez", "lopez@example.org", "Grand Hotel", "775 555 0134"]
    kept = _text_posted(submission, "keep", **given).content.decode()
    assert re.findall("<mark>([^<]*)</mark>", kept) == marks
    assert '<div class="words marked" lang="es">' in kept
    # Also when one comes back to it, and when it is refused.
    again = client.get(f"/moderation/{submission.pk}/text/").content.decode()
    assert re.findall("<mark>([^<]*)</mark>", again) == marks
    refused = _text_posted(submission, "send", **{**given, "stage": ""})
    assert refused.status_code == 422
    assert re.findall("<mark>([^<]*)</mark>", refused.content.decode()) == marks


def test_a_moderator_takes_a_text_back_by_the_page() -> None:
    consent, _words = agreed()
    submission = consent.submission
    client = client_of(submission.charge.moderator)
    answer = client.post(f"/moderation/{submission.pk}/step/", {"do": "retract"})
    assert answer.headers["Location"] == f"/moderation/{submission.pk}/"
    assert (Consent.objects.count(), Submission.objects.get().state) == (0, "reading")
    draft = draft_of(Submission.objects.get())
    assert draft is not None
    assert draft.open("content")["headline"] == "A badge counts every step"


def test_putting_back_and_handing_on_lead_to_the_queue() -> None:
    submission, _words = told()
    one, two = moderator("one"), moderator("two")
    client_of(one).post(f"/moderation/{submission.pk}/take/")
    answer = client_of(one).post(f"/moderation/{submission.pk}/hand/", {"moderator": two.public_id})
    assert answer.headers["Location"] == "/moderation/"
    answer = client_of(two).post(f"/moderation/{submission.pk}/step/", {"do": "put-back"})
    assert answer.headers["Location"] == "/moderation/"


@pytest.mark.parametrize(
    ("answer", "said", "state", "message"),
    [
        ("no", "", "declined", []),
        ("no", "Leave me be.", "declined", ["Leave me be."]),
        ("changes", "Take out the badge.", "reading", ["Take out the badge."]),
    ],
)
def test_a_no_needs_no_words_and_what_is_said_arrives(answer: str, said: str, state: str, message: list[str]) -> None:
    submission, words, content = proposed()
    teller = Teller()
    teller.returns(words)
    data = {"answer": answer, "text": said, "seen": sha256(content).hex()}
    posted = teller.post("/return/text/", data, form="/return/home/")
    assert posted.headers["Location"] == "/return/home/"
    assert Submission.objects.get().state == state
    written = [each.open("text") for each in submission.messages.filter(from_teller=True)]
    assert written == message


def test_only_a_story_can_be_agreed_to() -> None:
    page, _submission, _words = published()
    assert is_agreed(page)
    campaign = factories.campaign("Another")
    campaign.origin = Origin.INTAKE
    # Whatever its number is: the yes is for a story.
    campaign.public_id = page.public_id
    assert not is_agreed(campaign)


def test_a_yes_is_dated_and_due_later() -> None:
    submission, _words, content = proposed()
    consent = consent_give(submission=submission, seen=sha256(content).hex())
    today = timezone.localdate()
    assert consent.day == today
    assert 3 <= (consent.due_on - today).days <= 21


def test_a_note_says_whose_it_is() -> None:
    submission, _words = told()
    who = moderator()
    for number in (1, 2):
        note = note_write(submission=submission, moderator=who, text=f"Note {number}.")
        stored = Note.objects.get(pk=note.pk)
        found = (stored.number, stored.moderator, stored.day, stored.open("text"))
        assert found == (number, who, timezone.localdate(), f"Note {number}.")


def test_the_way_to_the_area_is_shown_to_moderators() -> None:
    places = list(moderation(moderator()))
    assert [(str(each.title), each.url, str(each.what)) for each in places] == [
        ("Moderation", "/moderation/", "what people told in confidence")
    ]
    assert list(moderation(factories.user("robin@example.org"))) == []
