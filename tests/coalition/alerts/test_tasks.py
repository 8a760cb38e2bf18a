"""The beat has done what is due, and the command does it at once."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail as outbox
from django.core.management import CommandError, call_command
from django.utils import timezone

from coalition.alerts import tasks
from coalition.alerts.models import Digest, Entry, Rhythm
from coalition.mail.sending import mails_deliver
from tests import factories
from tests.coalition.alerts.readers import all_heard, followed

pytestmark = pytest.mark.django_db


def test_the_beat_tells_at_once_and_in_the_morning() -> None:
    user = factories.user()
    followed(user, "type=story", rhythm=Rhythm.AT_ONCE)
    followed(user, "type=resource", rhythm=Rhythm.DAILY)
    all_heard()
    tasks.at_once()
    tasks.periodic()
    factories.story("A story")
    factories.resource("A law")
    tasks.at_once()
    tasks.periodic()
    mails_deliver()
    assert [mail.subject for mail in outbox.outbox] == ["A story"]
    Entry.objects.update(created=timezone.now() - timedelta(days=2))
    tasks.periodic()
    mails_deliver()
    assert [mail.subject for mail in outbox.outbox] == ["A story", "A law"]


def test_the_command_does_what_is_due_and_says_how_it_stands() -> None:
    followed(factories.user(), "type=story", rhythm=Rhythm.DAILY)
    all_heard()
    factories.story()

    def answer(*arguments: str) -> object:
        said = StringIO()
        call_command("alerts", *arguments, "--json", stdout=said)
        return json.loads(said.getvalue())

    tomorrow = (timezone.now() + timedelta(days=1)).isoformat()
    assert answer("status") == {"news_unmatched": 1, "entries_waiting": 0, "digests": 0, "mails": {}}
    assert answer("due", "--now", tomorrow) == {"entries": 1, "digests": 1}
    assert answer("due", "--now", tomorrow) == {"entries": 0, "digests": 0}
    assert answer("status") == {
        "news_unmatched": 0,
        "entries_waiting": 0,
        "digests": 1,
        "mails": {"waiting": 1},
    }
    said = StringIO()
    call_command("alerts", "due", stdout=said)
    assert said.getvalue() == "entries: 0\ndigests: 0\n"
    for wrong in ("soon", "2026-11-24", "2026-13-24T08:00:00+00:00"):
        with pytest.raises(CommandError, match="is no moment"):
            call_command("alerts", "due", "--now", wrong)


def test_what_is_over_is_forgotten() -> None:
    follow = followed(factories.user(), "type=story", rhythm=Rhythm.DAILY)
    all_heard()
    factories.story()
    call_command("alerts", "due", "--now", (timezone.now() + timedelta(days=1)).isoformat(), stdout=StringIO())
    factories.story()
    call_command("alerts", "due", stdout=StringIO())
    tasks.forget()
    assert (Entry.objects.count(), Digest.objects.count()) == (2, 1)
    Entry.objects.update(created=timezone.now() - timedelta(days=121))
    Digest.objects.update(created=timezone.now() - timedelta(days=401))
    tasks.forget()
    # What still waits for a mail stays.
    assert [entry.for_mail for entry in Entry.objects.filter(follow=follow)] == [True]
    assert Digest.objects.count() == 0
