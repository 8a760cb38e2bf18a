"""Promise 13: the mail to moderators is the same whatever waits; once a day, at an hour that tells nothing."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.utils import timezone

from coalition.accounts.roles import MODERATORS
from coalition.intake.keeping import moderators_tell
from coalition.intake.messages import message_write
from coalition.intake.states import By, Step
from coalition.intake.submissions import submission_move
from coalition.mail.models import OutgoingMail
from coalition.mail.sending import mails_deliver
from tests import factories
from tests.coalition.intake.teller import told
from tests.safety.clock import at
from tests.safety.surfaces import canary

pytestmark = pytest.mark.django_db
TEXT = """Something waits for you on this site. Sign in to see it.

http://127.0.0.1:8000/
"""


def _day(hour: int, days: int = 0) -> datetime:
    now = timezone.localtime() + timedelta(days=days)
    return now.replace(hour=hour, minute=30)


@pytest.fixture
def moderator(db: None) -> Any:
    Group.objects.get_or_create(name=MODERATORS)
    factories.user("member@example.org")
    return factories.user("moderator@example.org", groups=(MODERATORS,))


@pytest.mark.promise("mail-says-nothing")
def test_the_whole_mail_equals_a_constant_but_for_what_no_mail_can_do_without(moderator: Any, settings: Any) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    sent = []
    for number in range(2):
        planted = canary()
        submission, words = told(text=planted, employer=planted)
        with at(_day(9, number + 1)):
            assert moderators_tell() == 1
        mails_deliver()
        message = mail.outbox[-1].message()
        raw = message.as_bytes()
        for needle in (planted, str(submission.pk), submission.pk.hex, " ".join(words)):
            assert needle.encode() not in raw
        assert mail.outbox[-1].body == TEXT
        assert mail.outbox[-1].subject == "Something waits for you"
        for header in ("Message-ID", "Date"):
            del message[header]
        message.set_boundary("b")
        sent.append(message.as_bytes())
    assert sent[0] == sent[1]


def test_once_a_day_not_before_nine_and_only_while_something_waits(moderator: Any) -> None:
    with at(_day(12)):
        assert moderators_tell() == 0
    told()
    # A mail on the day itself would say at what hour it came.
    for moment in (_day(9), _day(23), _day(8, 1)):
        with at(moment):
            assert moderators_tell() == 0
    for hour in (9, 10, 23):
        with at(_day(hour, 1)):
            moderators_tell()
    assert OutgoingMail.objects.filter(kind="intake").count() == 1
    assert [each.to for each in OutgoingMail.objects.filter(kind="intake")] == ["moderator@example.org"]


def test_a_message_is_told_of_on_the_next_day_as_well(moderator: Any) -> None:
    submission, _words = told()
    submission_move(submission=submission, step=Step.TAKE, by=By.MODERATOR)
    message_write(submission=submission, text="One.", from_teller=True)
    for moment, count in ((_day(9), 0), (_day(23), 0), (_day(9, 1), 1)):
        with at(moment):
            assert moderators_tell() == count
