"""Who is held from what, and what each view of the queue shows."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.http import QueryDict

from cms.taxonomy.schemes import Scheme
from coalition.accounts.own_data import account_delete
from coalition.accounts.roles import MODERATORS
from coalition.intake.erasing import submission_erase
from coalition.intake.models import Deletion, Submission
from coalition.intake.reading.assigning import submission_hand, submission_take
from coalition.intake.reading.conflicts import hold_lift, is_held, names_in
from coalition.intake.reading.files import in_hand
from coalition.intake.reading.known import names_known, told_before
from coalition.intake.reading.models import Exemption, Opening
from coalition.intake.reading.opening import words_open
from coalition.intake.reading.redacting import Kind
from coalition.intake.states import State
from coalition.intake.telling import choices
from coalition.intake.telling.steps import step_of
from coalition.membership.models import Membership
from search.models import Document
from tests import factories
from tests.coalition.intake.publishing.stories import client_of, moderator
from tests.coalition.intake.teller import told

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _ledger(tmp_path: Path, settings: Any) -> None:
    settings.INTAKE_LEDGER = tmp_path / "ledger"


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


def test_nobody_lifts_a_hold_of_their_own() -> None:
    both = factories.user("both@example.org", superuser=True, groups=(MODERATORS,))
    Membership.objects.create(organization=factories.organization("Grand Hotel"), user=both, role="owner")
    submission, _words = told()
    client, path = client_of(both), f"/moderation/log/{submission.pk}/exempt/"
    data = {"moderator": both.public_id, "reason": "Nobody else is there to read it."}
    answer = client.post(path, data)
    assert answer.status_code == 422
    assert "Nobody lifts a hold of their own. Ask another administrator." in answer.content.decode()
    assert (Exemption.objects.count(), Opening.objects.count()) == (0, 0)
    assert client.post(f"/moderation/{submission.pk}/take/").status_code == 403
    other = factories.user("other@example.org", superuser=True)
    assert client_of(other).post(path, data).status_code == 302
    assert client.post(f"/moderation/{submission.pk}/take/").status_code == 302


def test_who_was_held_is_held_when_the_original_is_gone() -> None:
    held, free = moderator("held"), moderator("free")
    organization = factories.organization("Grand Hotel")
    Membership.objects.create(organization=organization, user=held, role="member")
    submission, _words = told()
    assert is_held(submission, held)
    for _time in range(2):
        submission_erase(submission=submission, what=Deletion.What.ORIGINAL)
    submission.refresh_from_db()
    assert submission.answers is None
    assert (is_held(submission, held), is_held(submission, free)) == (True, False)
    # Whom they belong to is not kept.
    assert submission.named.open("organizations") == [str(held.public_id)]
    client = client_of(held)
    assert client.post(f"/moderation/{submission.pk}/take/").status_code == 403


def test_who_leaves_does_not_leave_the_log() -> None:
    submission, _words = told()
    who = moderator("who")
    submission_take(submission=submission, moderator=who)
    client_of(who).get(f"/moderation/{submission.pk}/")
    account_delete(user=who)
    row = Opening.objects.get(what="words")
    assert (row.who, row.signed) == (None, "Who")
    boss = client_of(factories.user("boss@example.org", superuser=True))
    assert "<b>Who</b>" in boss.get("/moderation/log/").content.decode()


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


def test_the_queue_begins_with_what_has_waited_longest() -> None:
    submissions = [told()[0] for _each in range(4)]
    days = dict(
        zip(
            sorted(each.pk for each in submissions),
            ("2026-03-04", "2026-03-02", "2026-03-03", "2026-03-02"),
            strict=True,
        )
    )
    for pk, day in days.items():
        Submission.objects.filter(pk=pk).update(received_on=day)
    page = client_of(moderator()).get("/moderation/").content.decode()
    order = re.findall(r'href="/moderation/([0-9a-f-]{36})/"', page)
    assert list(dict.fromkeys(order)) == [str(pk) for pk in sorted(days, key=lambda pk: (days[pk], pk))]


def test_what_nobody_has_read_is_being_read_once_it_is_handed_to_somebody() -> None:
    submission, _words = told()
    one, two = moderator("one"), moderator("two")
    submission_hand(submission=submission, to=two, by=one)
    submission.refresh_from_db()
    assert (submission.state, submission.charge.moderator) == (State.READING, two)


def test_only_what_says_much_the_same_is_shown_as_told_before() -> None:
    text = "They count every step we take with a badge and nobody asked us."
    mine, same, other, held = (
        told(text=each)[0] for each in (text, text + " Robin.", "Something else altogether.", text)
    )
    who = moderator()
    Membership.objects.create(organization=factories.organization("Grand Hotel"), user=who, role="member")
    for each in (mine, same, other):
        Exemption.objects.create(submission=each, moderator=who)
    assert is_held(held, who)
    assert told_before(mine, text, who) == [same]


def test_a_copy_is_not_opened_by_whoever_is_held() -> None:
    submission, _words = told()
    who = moderator()
    submission_take(submission=submission, moderator=who)
    assert in_hand(who, submission)
    Membership.objects.create(organization=factories.organization("Grand Hotel"), user=who, role="member")
    assert not in_hand(who, submission)
    assert not in_hand(moderator("other"), submission)


def test_names_of_organizations_are_known_in_both_forms() -> None:
    factories.organization("Zorvian Workers United", short_name="ZWU")
    known = names_known({"employer": "Grand Hotel", "town": "Zorville", "state": "Zorvada"})
    assert {"Zorvian Workers United", "ZWU"} <= set(known[Kind.ORGANIZATION])
    assert known[Kind.EMPLOYER][0] == "Grand Hotel"
    assert known[Kind.PLACE][-2:] == ["Zorville", "Zorvada"]


@pytest.mark.usefixtures("without_stories")
def test_a_job_title_is_rare_below_three_stories() -> None:
    common, rare, unheard = (
        factories.concept(Scheme.OCCUPATION, f"Zor{name}") for name in ("common", "rare", "unheard")
    )
    for number in range(3):
        story = factories.story()
        facets = [f"occupation:{each.slug}" for each in ([common, rare] if number < 2 else [common])]
        Document.objects.filter(page_id=story.pk).update(facets=facets)
    assert {each for each in names_known({})[Kind.TITLE] if each.startswith("Zor")} == {
        rare.pref_label,
        unheard.pref_label,
    }
