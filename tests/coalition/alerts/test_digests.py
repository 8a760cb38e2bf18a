"""Every follower is told everything once, in one mail a rhythm and period, in their language and time zone."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from coalition.alerts.digests import digests_make
from coalition.alerts.following import mail_resume, mail_stop
from coalition.alerts.matching import news_match_all
from coalition.alerts.models import Channel, Digest, Entry, Follow, Follower, Rhythm
from coalition.mail.models import OutgoingMail
from tests import factories
from tests.coalition.alerts.readers import all_heard, followed, told

pytestmark = pytest.mark.django_db
# A Tuesday; eight in the morning in Los Angeles.
TUESDAY = datetime(2026, 11, 24, 16, tzinfo=UTC)


def _happened(moment: datetime) -> None:
    """Match what is new, as if it was matched at a moment."""
    news_match_all()
    Entry.objects.filter(created__gt=timezone.now() - timedelta(minutes=1)).update(created=moment)


@pytest.mark.promise("mail-without-spies")
def test_a_digest_at_once_says_what_is_new_and_why_and_how_to_stop() -> None:
    user = factories.user()
    campaign = factories.campaign("Stop the cameras")
    followed(user, campaign)
    all_heard()
    factories.update(campaign, "They sat down with us", text="We met on Monday. It went well.")
    (mail,) = told()
    assert (mail.subject, mail.to) == ("They sat down with us", [user.email])
    url = campaign.get_children().get().relative_url(None)
    assert mail.body.startswith("New, because you follow: Stop the cameras\n\n* They sat down with us\n")
    assert f"  http://127.0.0.1:8000{url}\n" in mail.body
    html = mail.alternatives[0].content
    assert f'<a href="http://127.0.0.1:8000{url}" >They sat down with us</a>' in html
    # Nothing that tracks: no picture, no parameter in any address.
    assert "<img" not in html
    assert not [link for link in re.findall(r"https?://[^\s\"<>]+", mail.body + html) if "?" in link]
    stop = mail.extra_headers["List-Unsubscribe"]
    assert stop.strip("<>") in mail.body
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert told() == []


def test_several_follows_are_one_mail_and_each_thing_is_in_it_once() -> None:
    user = factories.user()
    campaign = factories.campaign("Ours")
    followed(user, campaign)
    followed(user, "type=update")
    followed(user, "type=resource")
    all_heard()
    factories.update(campaign, "First")
    factories.resource("A law")
    (mail,) = told()
    assert mail.subject == "2 pieces of news: First and more"
    assert mail.body.count("* First\n") == 1
    assert re.findall(r"you follow: (.*)", mail.body) == ["Ours", "Resource"]


def test_rhythms_do_not_mix() -> None:
    user = factories.user(time_zone="America/Los_Angeles")
    followed(user, "type=story", rhythm=Rhythm.AT_ONCE)
    followed(user, "type=resource", rhythm=Rhythm.DAILY)
    followed(user, "type=organization", rhythm=Rhythm.WEEKLY)
    all_heard()
    factories.story("A story")
    factories.resource("A law")
    factories.organization("A local")
    _happened(TUESDAY - timedelta(hours=1))
    assert [mail.subject for mail in told(TUESDAY - timedelta(minutes=1))] == ["A story"]
    assert [mail.subject for mail in told(TUESDAY)] == ["A law"]
    monday = TUESDAY + timedelta(days=6)
    assert [mail.subject for mail in told(monday - timedelta(minutes=1))] == []
    assert [mail.subject for mail in told(monday)] == ["A local"]


def test_it_is_morning_where_the_reader_is() -> None:
    west, east = factories.user(time_zone="America/Los_Angeles"), factories.user(time_zone="Asia/Manila")
    for user in (west, east):
        followed(user, "type=story", rhythm=Rhythm.DAILY)
    all_heard()
    factories.story()
    _happened(TUESDAY - timedelta(days=1, hours=-1))
    # Eight o'clock on Tuesday: in Manila sixteen hours earlier than in Los Angeles.
    in_manila = TUESDAY - timedelta(hours=16)
    assert told(in_manila - timedelta(seconds=1)) == []
    assert [mail.to for mail in told(in_manila)] == [[east.email]]
    assert told(TUESDAY - timedelta(seconds=1)) == []
    assert [mail.to for mail in told(TUESDAY)] == [[west.email]]


def test_a_period_is_told_once_and_what_comes_late_is_told_in_the_next() -> None:
    user = factories.user(time_zone="America/Los_Angeles")
    followed(user, "type=story", rhythm=Rhythm.DAILY)
    all_heard()
    factories.story("In time")
    _happened(TUESDAY - timedelta(seconds=1))
    assert [mail.subject for mail in told(TUESDAY)] == ["In time"]
    # Committed late, or the clock of its process was behind.
    factories.story("Late")
    _happened(TUESDAY - timedelta(seconds=1))
    assert told(TUESDAY + timedelta(hours=1)) == []
    assert [mail.subject for mail in told(TUESDAY + timedelta(days=1))] == ["Late"]
    follower = Follower.objects.get(user=user)
    assert list(Digest.objects.filter(follower=follower).order_by("pk").values_list("period", flat=True)) == [
        "2026-11-24",
        "2026-11-25",
    ]
    keys = [f"digest:{follower.public_id}:daily:2026-11-{day}" for day in (24, 25)]
    assert list(OutgoingMail.objects.order_by("pk").values_list("key", flat=True)) == keys
    with pytest.raises(IntegrityError), transaction.atomic():
        Digest.objects.create(follower=follower, rhythm=Rhythm.DAILY, period="2026-11-24")


def test_what_is_taken_back_before_is_left_out() -> None:
    followed(factories.user(), "type=story")
    all_heard()
    kept, gone = factories.story("Kept"), factories.story("Gone")
    news_match_all()
    gone.unpublish()
    (mail,) = told()
    assert "Gone" not in mail.body
    assert mail.subject == kept.title
    last = factories.story("Gone as well")
    news_match_all()
    last.delete()
    assert told() == []


def test_a_demonstration_is_labelled() -> None:
    followed(factories.user(), "type=story")
    all_heard()
    factories.story("Made up", is_demonstration=True)
    (mail,) = told()
    assert mail.subject == "[Demonstration] Made up"
    assert "* [Demonstration] Made up" in mail.body


def test_it_is_in_the_language_of_the_reader() -> None:
    followed(factories.user(language="es"), "type=story")
    all_heard()
    factories.story("A story")
    (mail,) = told()
    assert '<html lang="es">' in mail.alternatives[0].content


def test_only_on_the_site_means_no_mail() -> None:
    follow = followed(factories.user(), "type=story", channel=Channel.SITE)
    all_heard()
    factories.story()
    assert told() == []
    assert Entry.objects.filter(follow=follow).count() == 1
    # Nor later, when mails are wanted.
    followed(follow.follower.user, "type=story", channel=Channel.MAIL)  # type: ignore[arg-type]
    assert told() == []


def test_many_are_cut_short() -> None:
    followed(factories.user(), "type=resource")
    all_heard()
    for _number in range(22):
        factories.resource()
    (mail,) = told()
    assert (mail.body.count("\n* "), "And 2 more:" in mail.body) == (20, True)


def test_stopped_mails_stay_stopped_until_the_reader_says_otherwise() -> None:
    follow = followed(factories.user(), "type=story")
    all_heard()
    factories.story("Before")
    news_match_all()
    assert mail_stop(follower=follow.follower)
    assert not mail_stop(follower=follow.follower)
    factories.story("Meanwhile")
    assert told() == []
    mail_resume(follower=follow.follower)
    assert told() == []
    factories.story("After")
    assert [mail.subject for mail in told()] == ["After"]


def _refuse() -> None:
    OutgoingMail.objects.filter(state="waiting").update(state="failed")


def test_three_refusals_in_a_row_pause_mails_and_the_site_goes_on() -> None:
    follow = followed(factories.user(), "type=story")
    all_heard()

    def happens() -> None:
        factories.story()
        news_match_all()
        digests_make()

    for state in ("failed", "failed", "sent", "failed", "failed", "failed"):
        happens()
        OutgoingMail.objects.filter(state="waiting").update(state=state)
    follow.follower.refresh_from_db()
    assert (follow.follower.mail, Digest.objects.count()) == ("on", 6)
    happens()
    follow.follower.refresh_from_db()
    assert (follow.follower.mail, Digest.objects.count()) == ("refused", 6)
    assert Entry.objects.filter(follow=follow).count() == 7
    page = factories.client_of(follow.follower.user).get("/follow/mine/").content.decode()  # type: ignore[arg-type]
    assert "Your mail server refused three mails in a row." in page
    mail_resume(follower=follow.follower)
    happens()
    assert Digest.objects.count() == 7


def test_whoever_may_not_sign_in_any_more_gets_nothing() -> None:
    user = factories.user()
    followed(user, "type=story")
    all_heard()
    factories.story()
    news_match_all()
    user.is_active = False
    user.save()
    assert told() == []
    factories.story()
    assert told() == []
    assert Follow.objects.count() == 1
