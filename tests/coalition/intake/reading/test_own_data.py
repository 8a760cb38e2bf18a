"""A moderator takes along what moderating holds about them, and nothing of anybody who told something."""

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from coalition.accounts.groups import groups_write
from coalition.accounts.own_data import own_data
from coalition.accounts.roles import MODERATORS
from coalition.intake.reading.assigning import note_write, submission_take
from coalition.intake.reading.opening import who_open
from tests import factories
from tests.coalition.intake.teller import told

pytestmark = pytest.mark.django_db


def test_openings_and_reasons_are_taken_along_and_no_submission() -> None:
    groups_write()
    user = factories.user("moderator@example.org", second_lock=True)
    user.groups.add(Group.objects.get(name=MODERATORS))
    submission, _words = told()
    submission_take(submission=submission, moderator=user)
    who_open(submission=submission, moderator=user, reason="They asked to be called.")
    note_write(submission=submission, moderator=user, text="Ask again.")
    held = own_data(user)["moderating"]
    today = timezone.localdate()
    assert held == {
        "in_hand": 1,
        "handed_to_you": [],
        "holds_lifted_for_you": 0,
        "notes": 1,
        "openings": [{"day": today, "what": "who", "reason": "They asked to be called."}],
    }
    assert str(submission.pk) not in str(held)
    nothing = {"in_hand": 0, "handed_to_you": [], "holds_lifted_for_you": 0, "notes": 0, "openings": []}
    assert own_data(factories.user())["moderating"] == nothing
