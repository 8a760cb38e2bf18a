"""The moderators' area: taking, putting back, handing on, notes, messages, conflicts, what is like it."""

import re
from typing import Any

import pytest

from coalition.intake.models import Submission
from coalition.intake.reading.known import alikeness
from coalition.intake.reading.models import Charge, Exemption, Named, Note, Opening
from coalition.membership.models import Membership
from tests import factories
from tests.coalition.intake.publishing.stories import client_of, moderator
from tests.coalition.intake.teller import Teller, told

pytestmark = pytest.mark.django_db


def _path(submission: Submission, more: str = "") -> str:
    return f"/moderation/{submission.pk}/{more}"


def test_one_moderator_has_it_at_a_time() -> None:
    submission, _words = told()
    one, two = moderator("one"), moderator("two")
    assert "Take it in hand" in client_of(one).get(_path(submission)).content.decode()
    assert client_of(one).post(_path(submission, "take/")).status_code == 302
    assert client_of(two).post(_path(submission, "take/")).status_code == 302
    assert (Charge.objects.get().moderator, Submission.objects.get().state) == (one, "reading")
    assert "in the hands of One" in client_of(two).get(_path(submission)).content.decode()
    assert client_of(two).post(_path(submission, "step/"), {"do": "decline"}).status_code == 404
    client_of(one).post(_path(submission, "hand/"), {"moderator": two.public_id})
    assert Charge.objects.get().moderator == two
    handed = Opening.objects.get(what="handed")
    assert (handed.who, handed.whom, handed.submission_id) == (one, two, submission.pk)
    client_of(two).post(_path(submission, "step/"), {"do": "put-back"})
    assert (Charge.objects.count(), Submission.objects.get().state) == (0, "received")


def test_declining_and_opening_again() -> None:
    submission, _words = told()
    client = client_of(moderator())
    client.post(_path(submission, "take/"))
    client.post(_path(submission, "step/"), {"do": "decline"})
    assert Submission.objects.get().state == "declined"
    client.post(_path(submission, "step/"), {"do": "reopen"})
    assert Submission.objects.get().state == "reading"
    client.post(_path(submission, "step/"), {"do": "retract"})
    assert Submission.objects.get().state == "reading"


def test_messages_go_both_ways_and_notes_go_nowhere() -> None:
    submission, words = told()
    client = client_of(moderator())
    client.post(_path(submission, "take/"))
    assert client.post(_path(submission, "write/"), {"kind": "message", "text": ""}).status_code == 422
    client.post(_path(submission, "write/"), {"kind": "message", "text": "Which shift?"})
    client.post(_path(submission, "write/"), {"kind": "note", "text": "Sounds like the other one."})
    teller = Teller()
    teller.returns(words)
    home = teller.get("/return/home/").content.decode()
    assert "Which shift?" in home
    assert "Sounds like" not in home
    teller.post("/return/message/", {"text": "The night shift."}, form="/return/home/")
    assert "something new" in client.get("/moderation/").content.decode()
    page = client.get(_path(submission)).content.decode()
    assert "The night shift." in page
    assert "Sounds like the other one." in page
    assert "something new" not in client.get("/moderation/").content.decode()
    assert Note.objects.get().number == 1


@pytest.mark.promise("own-employer")
@pytest.mark.parametrize(
    ("answers", "is_held"),
    [
        ({"text": "Local 99 did nothing about the badges."}, True),
        ({"employer": "Local Ninety-Nine Union"}, True),
        ({"text": "Nothing about locals or 99 of them."}, False),
    ],
)
def test_whoever_belongs_to_what_is_named_cannot_open_it(answers: dict[str, Any], is_held: bool) -> None:
    organization = factories.organization("Local Ninety-Nine Union", short_name="LOCAL 99")
    inside, outside = moderator("inside"), moderator("outside")
    Membership.objects.create(organization=organization, user=inside, role="member")
    submission, _words = told(**answers)
    answer = client_of(inside).post(_path(submission, "take/"))
    assert answer.status_code == (403 if is_held else 302)
    assert Charge.objects.count() == (0 if is_held else 1)
    if not is_held:
        return
    assert "names an organization that you belong to" in answer.content.decode()
    assert "Local" not in answer.content.decode()
    assert Opening.objects.count() == 0
    assert client_of(outside).post(_path(submission, "take/")).status_code == 302
    client_of(outside).post(_path(submission, "hand/"), {"moderator": inside.public_id})
    assert Charge.objects.get().moderator == outside
    assert Named.objects.get().open("organizations") == [str(organization.public_id)]


def test_whoever_begins_to_belong_later_is_held_from_then_on() -> None:
    organization = factories.organization("Local Ninety-Nine Union")
    one = moderator("one")
    submission, _words = told(text="Local Ninety-Nine Union looked away.")
    client = client_of(one)
    client.post(_path(submission, "take/"))
    assert client.get(_path(submission)).status_code == 200
    Membership.objects.create(organization=organization, user=one, role="member")
    for more in ("", "text/", "who/"):
        assert client.get(_path(submission, more)).status_code == 403
    assert client.post(_path(submission, "write/"), {"text": "x", "kind": "note"}).status_code == 403


def test_an_administrator_lifts_a_hold_for_a_reason_that_is_logged() -> None:
    organization = factories.organization("Local Ninety-Nine Union")
    one = moderator("one")
    Membership.objects.create(organization=organization, user=one, role="member")
    submission, _words = told(text="Local Ninety-Nine Union looked away.")
    boss = client_of(factories.user("boss@example.org", superuser=True))
    path = f"/moderation/log/{submission.pk}/exempt/"
    assert boss.post(path, {"moderator": one.public_id, "reason": ""}).status_code == 422
    assert Exemption.objects.count() == 0
    assert boss.post(path, {"moderator": one.public_id, "reason": "Nobody else speaks it."}).status_code == 302
    assert Opening.objects.get(what="exempted").reason == "Nobody else speaks it."
    assert client_of(one).post(_path(submission, "take/")).status_code == 302
    assert client_of(one).get(_path(submission)).status_code == 200


def test_the_page_points_out_and_finds_what_is_told_twice() -> None:
    words = "My boss Maria Lopez counts every step that I take on the floor with a badge."
    first, _words = told(text=words)
    second, _words = told(text=words + " It hurts.")
    client = client_of(moderator())
    client.post(_path(second, "take/"))
    page = client.get(_path(second)).content.decode()
    assert "<mark>Maria Lopez</mark>" in page
    assert _path(first) in page
    assert alikeness(words, "Something else was said by all of them here.") == 0.0


def test_the_page_points_out_in_all_that_the_teller_wrote() -> None:
    submission, words = told(
        text="They count my steps.",
        industry_words="I clean for Maria Lopez",
        technology_words="an app, ask robin@example.org",
        harm_words="It began on March 3",
    )
    teller = Teller()
    teller.returns(words)
    teller.post("/return/message/", {"text": "My number is 775 555 0134."}, form="/return/home/")
    client = client_of(moderator())
    client.post(_path(submission, "take/"))
    client.post(_path(submission, "write/"), {"text": "Ours is 775 555 0199.", "kind": "message"})
    page = client.get(_path(submission)).content.decode()
    assert re.findall("<mark>([^<]*)</mark>", page) == ["Maria Lopez", "robin@example.org", "March 3", "775 555 0134"]


def test_the_desk_says_that_something_waits() -> None:
    told()
    client = client_of(moderator())
    assert "1 submission waits." in client.get("/you/").content.decode()
    assert "submission waits" not in client_of(factories.user("m@example.org")).get("/you/").content.decode()


def test_the_text_is_written_kept_and_sent_from_the_page() -> None:
    submission, words = told()
    client = client_of(moderator())
    client.post(_path(submission, "take/"))
    industry = factories.concept("industry", "Hotels", notation="721")
    technology = factories.concept("technology", "Badges")
    filled = {
        "headline": "A badge counts every step",
        "standfirst": "Cleaners are counted.",
        "text": "One.\n\nGrand Hotel counts.",
        "year": "2026",
        "month": "3",
        "language": "en",
        "industry": [str(industry.public_id)],
        "technology": [str(technology.public_id)],
    }
    assert client.get(_path(submission, "text/")).status_code == 200
    kept = client.post(_path(submission, "text/"), {**filled, "do": "keep"}).content.decode()
    assert "the month is left out" in kept
    assert "The words still name the employer" in kept
    assert Submission.objects.get().state == "reading"
    refused = client.post(_path(submission, "text/"), {**filled, "do": "send"})
    assert (refused.status_code, Submission.objects.get().state) == (422, "reading")
    sent = client.post(_path(submission, "text/"), {**filled, "do": "send", "stage": "in-use", "standing": "worker"})
    assert (sent.status_code, Submission.objects.get().state) == (302, "proposed")
    teller = Teller()
    teller.returns(words)
    home = teller.get("/return/home/").content.decode()
    assert "A badge counts every step" in home
    assert "March" not in home.split("This is all that would be public")[1].split("Answer")[0]
