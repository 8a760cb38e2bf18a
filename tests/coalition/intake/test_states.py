"""The state machine: what the table says, whatever is tried in whatever order."""

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from coalition.intake.drafts import Ticket, draft_save
from coalition.intake.models import Submission
from coalition.intake.states import EXPIRING, READABLE, TABLE, By, NotAllowedError, State, Step, may, target_of
from coalition.intake.submissions import submission_move, submission_send

TRIES = st.lists(st.tuples(st.sampled_from(list(Step)), st.sampled_from(list(By))), max_size=25)


def test_public_is_reached_through_the_tellers_yes_alone() -> None:
    into = [row for row in TABLE if row.target == State.PUBLISHED]
    assert [(row.step, row.by, row.sources) for row in into] == [(Step.RELEASE, {By.SITE}, {State.AGREED})]
    yes = [row for row in TABLE if row.target == State.AGREED]
    assert [(row.step, row.by, row.sources) for row in yes] == [(Step.AGREE, {By.TELLER}, {State.PROPOSED})]
    sent = [row for row in TABLE if row.target == State.RECEIVED and State.DRAFT in row.sources]
    assert [row.by for row in sent] == [{By.TELLER}]


def test_the_teller_can_withdraw_from_everywhere_and_nothing_leads_back() -> None:
    for state in State:
        assert may(state, Step.WITHDRAW, By.TELLER) == (state != State.WITHDRAWN)
        assert not may(state, Step.WITHDRAW, By.MODERATOR)
    assert not any(may(State.WITHDRAWN, step, by) for step in Step for by in By)
    assert State.DRAFT not in READABLE
    assert not EXPIRING & {State.AGREED, State.PUBLISHED}


@given(TRIES)
def test_no_order_of_tries_publishes_without_a_yes(tries: Iterable[tuple[Step, By]]) -> None:
    state, yes = State.DRAFT, False
    for step, by in tries:
        try:
            target = target_of(state, step, by)
        except NotAllowedError:
            assert not may(state, step, by)
            continue
        yes = step == Step.AGREE or (yes and step == Step.RELEASE)
        state = target
        assert state not in (State.AGREED, State.PUBLISHED) or yes


class StoredMoves(TestCase):
    """The same, in the database: state and ends of time go together."""

    @settings(max_examples=30, deadline=None)
    @given(TRIES)
    def test_ends_of_time_follow_the_state(self, tries: Iterable[tuple[Step, By]]) -> None:
        ticket = Ticket()
        draft_save(ticket=ticket, language="en", answers={"text": "One."})
        submission_send(ticket=ticket, language="en")
        stored = Submission.objects.get()
        for step, by in tries:
            before = stored.original_until
            try:
                stored = submission_move(submission=stored, step=step, by=by)
            except NotAllowedError:
                continue
            settled = stored.state in (State.AGREED, State.PUBLISHED)
            assert (stored.expires_on is None) == settled
            assert stored.original_until is not None or not settled
            assert before is None or (stored.original_until is not None and stored.original_until >= before)
            if stored.state == State.WITHDRAWN:
                break
        with pytest.raises((NotAllowedError, ValueError)):
            target_of("nowhere", Step.SEND, By.TELLER)
