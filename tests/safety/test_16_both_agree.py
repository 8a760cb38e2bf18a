"""Promise 16: contacts and threads are open only while both agree, and each may end it at once."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from cms.organizations.models import OrganizationPage
from coalition.accounts.needs import needs_of
from coalition.accounts.permissions import may
from coalition.allies.introductions import (
    between,
    introduction_accept,
    introduction_ask,
    introduction_decline,
    introduction_end,
    introduction_withdraw,
    organization_block,
    organization_unblock,
    pending,
    shown_state,
)
from coalition.allies.models import Block, Introduction, Message
from coalition.allies.threads import message_write
from tests import factories
from tests.coalition.allies.two import NOTE, OURS, THEIRS, Two, page
from tests.coalition.people import person, signed_in

pytestmark = pytest.mark.django_db
State = Introduction.State


@pytest.fixture
def two(db: None) -> Two:
    return Two()


def test_both_see_contacts_only_after_a_yes(two: Two) -> None:
    introduction = two.ask()
    assert [need.sentence for need in needs_of(two.ben)] == ["Nurses would like to be introduced to Drivers."]
    before = page(two.theirs, introduction)
    assert NOTE in before
    assert OURS not in before
    # The reader's own contact is offered for the answer; the other's is nowhere.
    assert two.answer(introduction, decision="accept", contact="").status_code == 422
    assert OURS not in page(two.theirs, introduction)
    assert two.answer(introduction, decision="accept", contact=THEIRS).status_code == 302
    assert THEIRS in page(two.ours, introduction)
    assert OURS in page(two.theirs, introduction)


def test_only_the_side_that_was_asked_answers(two: Two) -> None:
    introduction = two.ask()
    address = reverse("introduction_answer", args=[introduction.public_id])
    stranger = signed_in(person("eve", factories.organization(), "owner"))
    plain = signed_in(person("plain", two.drivers, "member"))
    for client in (two.ours, stranger, plain):
        assert client.post(address, {"decision": "accept", "contact": THEIRS}).status_code == 404
    assert Introduction.objects.get().state == "waiting"


def test_a_thread_until_either_ends_it(two: Two) -> None:
    introduction = two.ask()
    two.answer(introduction, decision="accept", contact=THEIRS)
    address = reverse("introduction", args=[introduction.public_id])
    token = str(uuid.uuid4())
    for _twice in range(2):
        assert two.ours.post(address, {"text": "Shall we meet?", "token": token}).status_code == 302
    assert Message.objects.count() == 1
    assert "Nurses has written to you." in [need.sentence for need in needs_of(two.ben)]
    assert "Shall we meet?" in page(two.theirs, introduction)
    assert needs_of(two.ben) == []
    two.theirs.post(reverse("introduction_close", args=[introduction.public_id]))
    late = two.ours.post(address, {"text": "Hello?", "token": str(uuid.uuid4())})
    assert late.status_code == 422
    assert "This thread has ended" in late.content.decode()
    assert "Hello?" not in page(two.theirs, introduction)
    assert (THEIRS in page(two.ours, introduction), OURS in page(two.theirs, introduction)) == (False, False)
    # What was written before stays readable to both.
    assert "Shall we meet?" in page(two.ours, introduction)


def test_a_block_ends_what_was_agreed_and_keeps_the_next_request_unseen(two: Two) -> None:
    introduction = two.ask()
    two.answer(introduction, decision="accept", contact=THEIRS)
    two.theirs.post(reverse("introduction_close", args=[introduction.public_id]), {"block": "1"})
    again = two.ask()
    assert needs_of(two.ben) == []
    assert two.theirs.get(reverse("introduction", args=[again.public_id])).status_code == 404
    blocks = reverse("organization_blocks", args=[two.drivers.public_id])
    two.theirs.post(blocks, {"other": str(two.nurses.public_id), "unblock": "1"})
    assert not Block.objects.exists()
    # The one that was sent meanwhile stays unseen.
    assert two.theirs.get(reverse("introduction", args=[again.public_id])).status_code == 404


class Sides(RuleBasedStateMachine):
    """Promise 16: whatever is done in whatever order, contacts and threads are open only while both agree."""

    @initialize()
    def start(self) -> None:
        self.sides = [factories.organization("One"), factories.organization("Other")]
        number = OrganizationPage.objects.count()
        self.people = [
            person(f"p{number}-{place}", organization, "owner") for place, organization in enumerate(self.sides)
        ]
        self.agreed = False
        self.blocked: set[int] = set()

    def _newest(self, asking: int) -> Introduction | None:
        return Introduction.objects.filter(asking=self.sides[asking]).order_by("-pk").first()

    @rule(asking=st.integers(0, 1))
    def ask(self, asking: int) -> None:
        refused = self.agreed or pending(self.sides[asking], self.sides[1 - asking]) is not None
        try:
            introduction_ask(
                asking=self.sides[asking],
                asked=self.sides[1 - asking],
                asked_by=self.people[asking],
                note="n",
                contact="c",
            )
            assert not refused
        except ValidationError:
            assert refused

    @rule(asking=st.integers(0, 1), yes=st.booleans())
    def answer(self, asking: int, yes: bool) -> None:
        found = self._newest(asking)
        if found is None:
            return
        could = found.is_answerable and not (yes and self.agreed)
        answerer = self.people[1 - asking]
        try:
            if yes:
                introduction_accept(introduction=found, answered_by=answerer, contact="c")
                self.agreed = True
            else:
                introduction_decline(introduction=found, answered_by=answerer)
            assert could
        except ValidationError:
            assert not could

    @rule(asking=st.integers(0, 1))
    def withdraw(self, asking: int) -> None:
        found = self._newest(asking)
        if found is not None:
            introduction_withdraw(introduction=found)

    @rule()
    def end(self) -> None:
        known = between(*self.sides)
        if known is not None:
            introduction_end(introduction=known)
        self.agreed = False

    @rule(who=st.integers(0, 1))
    def block(self, who: int) -> None:
        organization_block(organization=self.sides[who], blocked=self.sides[1 - who])
        self.blocked.add(who)
        self.agreed = False

    @rule(who=st.integers(0, 1))
    def unblock(self, who: int) -> None:
        organization_unblock(organization=self.sides[who], blocked=self.sides[1 - who])
        self.blocked.discard(who)

    @rule(asking=st.integers(0, 1))
    def expire(self, asking: int) -> None:
        Introduction.objects.filter(asking=self.sides[asking]).update(expires=timezone.now() - timedelta(seconds=1))

    @invariant()
    def only_while_both_agree(self) -> None:
        if not hasattr(self, "sides"):
            return
        assert (between(*self.sides) is not None) == self.agreed
        # All examples run in one transaction: only this one's.
        ours = Introduction.objects.filter(asking__in=self.sides).select_related("asking", "asked")
        for introduction in ours:
            asking = 0 if introduction.asking_id == self.sides[0].pk else 1
            # Those who asked learn of a yes, and of nothing else.
            assert shown_state(introduction) in {"waiting", "unanswered", "accepted", "withdrawn", "ended"}
            for place, user in enumerate(self.people):
                fresh = type(user).objects.get(pk=user.pk)
                reads = may(fresh, "introduction.read", introduction)
                is_shown = introduction.is_answerable or introduction.state in (State.ACCEPTED, State.ENDED)
                assert reads == (place == asking or is_shown)
            try:
                message_write(
                    introduction=introduction,
                    organization=introduction.asking,
                    author=self.people[asking],
                    text="t",
                    token=uuid.uuid4(),
                )
                assert introduction.state == State.ACCEPTED
            except ValidationError:
                assert introduction.state != State.ACCEPTED
        for who in self.blocked:
            waiting = Introduction.objects.filter(asked=self.sides[who], state=State.WAITING)
            assert not waiting.filter(expires__gt=timezone.now()).exists()


class TestSides(HypothesisTestCase):
    """In a transaction that is rolled back."""

    def test_contacts_and_threads_are_open_only_while_both_agree(self) -> None:
        run_state_machine_as_test(  # type: ignore[no-untyped-call]
            Sides, settings=hypothesis_settings(max_examples=20, stateful_step_count=15, deadline=None)
        )
