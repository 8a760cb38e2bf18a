"""Who is held from what, and what each view of the queue shows."""

import re

import pytest
from django.db import OperationalError
from django.http import QueryDict

from coalition.intake.models import Submission
from coalition.intake.reading.assigning import submission_hand, submission_take
from coalition.intake.reading.conflicts import hold_lift, is_held, names_in
from coalition.intake.reading.models import Exemption, Opening
from coalition.intake.reading.opening import words_open
from coalition.intake.states import State
from coalition.intake.telling import choices
from coalition.intake.telling.steps import step_of
from coalition.membership.models import Membership
from tests import factories
from tests.coalition.intake.publishing.stories import client_of, moderator
from tests.coalition.intake.teller import told

pytestmark = pytest.mark.django_db


def test_lifting_a_hold_lifts_that_one_alone() -> None:
    organization = factories.organization("Local Ninety-Nine Union")
    one, two = moderator("one"), moderator("two")
    for user in (one, two):
        Membership.objects.create(organization=organization, user=user, role="member")
    first, _words = told(text="Local Ninety-Nine Union looked away.")
    second, _words = told(text="Local Ninety-Nine Union looked on.")
    boss = factories.user("boss@example.org", superuser=True)
    for _time in range(2):
        hold_lift(submission=first, moderator=one, by=boss, reason="Nobody else speaks it.")
    held = {(each, user): is_held(each, user) for each in (first, second) for user in (one, two)}
    assert held == {(first, one): False, (first, two): True, (second, one): True, (second, two): True}
    assert Exemption.objects.count() == 1
    assert {(each.submission_id, each.who, each.whom, each.what, each.reason) for each in Opening.objects.all()} == {
        (first.pk, boss, one, "exempted", "Nobody else speaks it.")
    }


def test_what_a_message_names_holds_as_well_and_goes_on_holding() -> None:
    organization = factories.organization("Local Ninety-Nine Union")
    one = moderator("one")
    Membership.objects.create(organization=organization, user=one, role="member")
    submission, _words = told(text="They looked away.")
    assert not is_held(submission, one)
    from coalition.intake.messages import message_write

    message_write(submission=submission, text="Local Ninety-Nine Union told us so.", from_teller=False)
    assert not is_held(submission, one)
    message_write(submission=submission, text="It was LOCAL ninety-nine union.", from_teller=True)
    assert is_held(submission, one)
    organization.title = "Another Name"
    organization.save()
    assert is_held(submission, one)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("at Grand Hotel", True),
        ("at the GRÁND hotel.", True),
        ("Grand Hotel", True),
        ("at Grand Hotels", False),
        ("at migrand hotel", False),
        ("Hotel Grand", False),
    ],
)
def test_an_organization_is_named_by_whole_words(text: str, named: bool) -> None:
    organization = factories.organization("Grand Hotel").public_id
    assert names_in({"text": text, "month": 3}, {organization: ["Grand Hotel", ""]}) == [organization][: int(named)]
    assert names_in({"a": "Grand", "b": "Hotel"}, {organization: ["", "  "]}) == []


def _listed(page: str) -> set[str]:
    return set(re.findall(r'href="/moderation/([0-9a-f-]{36})/"', page))


def test_each_view_of_the_queue() -> None:
    Submission.objects.all().delete()
    one, two = moderator("one"), moderator("two")
    free, mine, theirs, declined = (told()[0] for _number in range(4))
    submission_take(submission=mine, moderator=one)
    submission_take(submission=theirs, moderator=two)
    submission_take(submission=declined, moderator=two)
    submission_hand(submission=declined, to=one, by=two)
    client_of(one).post(f"/moderation/{declined.pk}/step/", {"do": "decline"})
    every = {str(each.pk) for each in (free, mine, theirs, declined)}
    for query, expected in (
        ("", every),
        ("?show=nothing", every),
        ("?show=mine", {str(mine.pk), str(declined.pk)}),
        ("?show=free", {str(free.pk)}),
        ("?state=declined", {str(declined.pk)}),
        ("?state=reading", {str(mine.pk), str(theirs.pk)}),
        ("?show=mine&state=reading", {str(mine.pk)}),
        # What is no state that moderators see filters nothing, and shows nothing more.
        ("?state=draft", every),
        ("?state=withdrawn", every),
    ):
        page = client_of(one).get(f"/moderation/{query}").content.decode()
        assert (query, _listed(page)) == (query, expected)


def test_what_was_ticked_stays_ticked_while_nothing_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    step = step_of("work")
    assert step is not None
    assert step.form is not None
    monkeypatch.setattr(choices, "_last", {})

    def away() -> None:
        raise OperationalError

    monkeypatch.setattr("search.vocabulary.Vocabulary.load", away)
    form = step.form(QueryDict("industry=one&industry=two"))
    assert form.is_valid()
    assert form.written()["industry"] == ["one", "two"]
    assert list(step.form().fields["industry"].choices) == []  # type: ignore[attr-defined]


def test_the_log_leads_to_what_can_still_be_read_alone() -> None:
    who = moderator()
    there, gone = told()[0], told()[0]
    for submission in (there, gone):
        submission_take(submission=submission, moderator=who)
        words_open(submission=submission, moderator=who)
    Submission.objects.filter(pk=gone.pk).update(state=State.WITHDRAWN)
    page = client_of(factories.user("boss@example.org", superuser=True)).get("/moderation/log/").content.decode()
    assert page.count(f"/moderation/log/{there.pk}/") > 0
    assert f"/moderation/log/{gone.pk}/" not in page
