"""The table of steps, written out once more: a change of who may do what is made in two places or not at all."""

import pytest

from coalition.intake.states import EXPIRING, READABLE, By, NotAllowedError, State, Step, may, target_of

ALLOWED = {
    ("draft", "send", "teller"): "received",
    ("received", "take", "moderator"): "reading",
    ("reading", "put-back", "moderator"): "received",
    ("reading", "propose", "moderator"): "proposed",
    ("proposed", "ask-changes", "teller"): "reading",
    ("proposed", "retract", "moderator"): "reading",
    ("agreed", "retract", "moderator"): "reading",
    ("proposed", "agree", "teller"): "agreed",
    ("proposed", "refuse", "teller"): "declined",
    ("received", "decline", "moderator"): "declined",
    ("reading", "decline", "moderator"): "declined",
    ("proposed", "decline", "moderator"): "declined",
    ("declined", "reopen", "moderator"): "reading",
    ("agreed", "release", "site"): "published",
    ("published", "take-down", "site"): "proposed",
    ("published", "take-down", "moderator"): "proposed",
    ("draft", "withdraw", "teller"): "withdrawn",
    ("received", "withdraw", "teller"): "withdrawn",
    ("reading", "withdraw", "teller"): "withdrawn",
    ("proposed", "withdraw", "teller"): "withdrawn",
    ("agreed", "withdraw", "teller"): "withdrawn",
    ("published", "withdraw", "teller"): "withdrawn",
    ("declined", "withdraw", "teller"): "withdrawn",
}


def test_every_step_by_everybody_from_everywhere_leads_there_or_nowhere() -> None:
    led = {}
    for state in State:
        for step in Step:
            for by in By:
                try:
                    led[state.value, step.value, by.value] = target_of(state, step, by).value
                except NotAllowedError:
                    assert not may(state, step, by)
                else:
                    assert may(state, step, by)
    assert led == ALLOWED


@pytest.mark.parametrize("state", ["", "nowhere", "Draft"])
def test_nothing_leads_on_from_what_is_no_state(state: str) -> None:
    for step in Step:
        for by in By:
            assert not may(state, step, by)
            with pytest.raises(NotAllowedError):
                target_of(state, step, by)


def test_what_ends_with_its_time_and_what_moderators_see() -> None:
    assert {"draft", "received", "reading", "proposed", "declined"} == EXPIRING
    assert {"received", "reading", "proposed", "agreed", "published", "declined"} == READABLE
