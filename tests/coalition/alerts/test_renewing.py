"""What is withdrawn after a digest was recorded is not in what is handed over; nothing is sent twice."""

import pytest
from django.core import mail as outbox
from wagtail.models import PageViewRestriction

from coalition.alerts.digests import digests_make
from coalition.alerts.following import mail_stop
from coalition.alerts.matching import news_match_all
from coalition.alerts.models import Entry, Follower, Rhythm
from coalition.mail.models import OutgoingMail
from coalition.mail.sending import mail_resend, mails_deliver
from coalition.mail.writing import message_id
from tests import factories
from tests.coalition.alerts.readers import all_heard, followed

pytestmark = pytest.mark.django_db


def recorded() -> OutgoingMail:
    news_match_all()
    assert digests_make() == 1
    return OutgoingMail.objects.get(kind="digest")


@pytest.mark.parametrize("how", ["unpublish", "delete", "private"])
def test_what_is_withdrawn_is_left_out(how: str) -> None:
    followed(factories.user(), "type=story", rhythm=Rhythm.AT_ONCE)
    all_heard()
    kept, gone = factories.story("Kept"), factories.story("Gone")
    mail = recorded()
    assert "Gone" in mail.text
    if how == "private":
        PageViewRestriction.objects.create(page=gone, restriction_type="login")
    else:
        getattr(gone, how)()
    assert mails_deliver() == 1
    (sent,) = outbox.outbox
    assert sent.subject == kept.title
    assert "Gone" not in sent.body + sent.alternatives[0].content
    assert sent.extra_headers["Message-ID"] == message_id(mail.key)
    assert (digests_make(), mails_deliver()) == (0, 0)
    assert Entry.objects.filter(digest__isnull=False).count() == 1


def test_nothing_left_is_not_sent() -> None:
    followed(factories.user(), "type=story", rhythm=Rhythm.AT_ONCE)
    all_heard()
    only = factories.story("Gone")
    mail = recorded()
    only.unpublish()
    assert mails_deliver() == 0
    mail.refresh_from_db()
    assert (mail.state, mail.text, outbox.outbox) == ("sent", "", [])
    only.save_revision().publish()
    assert (digests_make(), mails_deliver()) == (0, 0)


def test_what_was_corrected_is_told_as_it_is_now_and_what_was_not_as_it_was() -> None:
    followed(factories.user(), "type=story", rhythm=Rhythm.AT_ONCE)
    all_heard()
    story = factories.story("Names somebody")
    mail = recorded()
    story.title = "Names nobody"
    story.save()
    assert mails_deliver() == 1
    assert outbox.outbox[0].subject == "Names nobody"
    mail.refresh_from_db()
    assert mail.state == "sent"


def test_what_was_cut_off_is_looked_at_again_when_a_person_sends_it() -> None:
    followed(factories.user(), "type=story", rhythm=Rhythm.AT_ONCE)
    all_heard()
    factories.story("Kept")
    gone = factories.story("Gone")
    mail = recorded()
    OutgoingMail.objects.update(state="unsure")
    gone.delete()
    assert mail_resend(mail=mail)
    assert mails_deliver() == 1
    assert "Gone" not in outbox.outbox[0].body


def test_whoever_stops_mails_gets_none_that_was_recorded() -> None:
    user = factories.user()
    followed(user, "type=story", rhythm=Rhythm.AT_ONCE)
    all_heard()
    factories.story("News")
    recorded()
    mail_stop(follower=Follower.objects.get(user=user))
    assert (mails_deliver(), outbox.outbox) == (0, [])
