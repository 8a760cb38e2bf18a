"""Following, with an account and without, changing and ending it; and that nobody learns who follows what."""

import csv
import re
from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from coalition.accounts.own_data import account_delete, own_data
from coalition.alerts.following import followers_forget, mail_resume, mail_stop
from coalition.alerts.models import Channel, Follow, Follower, Rhythm
from coalition.alerts.tokens import follower_from, follower_token, unsubscribe_url
from coalition.mail.models import OutgoingMail
from coalition.mail.sending import mails_deliver
from tests import factories
from tests.coalition.alerts.readers import all_heard, followed, told

pytestmark = pytest.mark.django_db
ADDRESS = "reader@example.org"


@pytest.fixture(autouse=True)
def _no_limits_used() -> None:
    cache.clear()


def ask(client: Client, where: str, email: str = ADDRESS, rhythm: str = "daily") -> None:
    answer = client.post(where, {"email": email, "rhythm": rhythm, "time_zone": "America/New_York"})
    assert (answer.status_code, answer["Location"]) == (302, "/follow/sent/")


def link_in(message: object) -> str:
    found = re.search(r"http://127\.0\.0\.1:8000(\S+)", str(message.body))  # type: ignore[attr-defined]
    assert found
    return found[1]


def test_a_member_follows_a_campaign_changes_pauses_and_ends_it() -> None:
    user, campaign = factories.user(), factories.campaign("Stop the cameras")
    client = factories.client_of(user)
    where = f"/follow/?campaign-id={campaign.public_id}"
    assert "Stop the cameras" in client.get(where).content.decode()
    client.post(where, {"rhythm": "weekly", "channel": "mail"})
    follow = Follow.objects.get()
    assert (follow.kind, follow.target, follow.label) == ("campaign", str(campaign.public_id), "Stop the cameras")
    assert (follow.rhythm, follow.channel, follow.follower.user) == ("weekly", "mail", user)
    page = client.get("/follow/mine/").content.decode()
    assert "Stop the cameras" in page
    # Asked again, it is changed, not doubled.
    client.post(where, {"rhythm": "daily", "channel": "site"})
    change = f"/follow/change/{follow.public_id}/"
    for data, state in (
        ({"do": "save", "rhythm": "at-once", "channel": "mail"}, ("at-once", "mail", False)),
        ({"do": "pause"}, ("at-once", "mail", True)),
        ({"do": "save", "rhythm": "hourly"}, ("at-once", "mail", True)),
        ({"do": "resume"}, ("at-once", "mail", False)),
    ):
        client.post(change, data)
        follow = Follow.objects.get()
        assert (follow.rhythm, follow.channel, follow.is_paused) == state
    client.post(change, {"do": "end"})
    assert not Follow.objects.exists()


@pytest.mark.parametrize(
    ("address", "target", "label"),
    [
        ("q=nurse&type=story&page=3&sort=newest", "q=nurse&type=story", "“nurse” · Story"),
        ("product=Ring&vendor=Amazon", "product=Ring&vendor=Amazon", "Product: Ring · Vendor: Amazon"),
        ("type=story&type=campaign&nonsense=1", "type=campaign&type=story", "Campaign, Story"),
        ("since=2024-01-01", "since=2024-01-01", "from Jan. 1, 2024"),
        ("", "", "Everything new on this site"),
    ],
)
def test_any_search_can_be_followed(address: str, target: str, label: str) -> None:
    client = factories.client_of(factories.user())
    client.post(f"/follow/?{address}", {"rhythm": "daily", "channel": "site"})
    follow = Follow.objects.get()
    assert (follow.kind, follow.target, follow.label) == ("search", target, label)


@pytest.mark.parametrize(
    "address",
    [
        "campaign-id=nothing",
        "campaign-id=00000000-0000-4000-8000-000000000000",
        "organization-id=",
        # What happened to somebody is no search, and is kept nowhere.
        f"q={'they+watch+us+' * 5}",
    ],
)
def test_what_is_not_there_cannot_be_followed(address: str) -> None:
    assert Client().get(f"/follow/?{address}").status_code == 404


def test_without_an_account_a_mail_asks_first() -> None:
    client = Client()
    ask(client, "/follow/?type=story", rhythm="at-once")
    all_heard()
    factories.story("Too early")
    mails_deliver()
    (asked,) = outbox.outbox
    assert (asked.to, "Story" in asked.subject) == ([ADDRESS], True)
    link = link_in(asked)
    assert Follow.objects.get().token_hash not in link
    # Programs that look through mail open links: nothing happens by that.
    assert client.get(link).status_code == 200
    assert told() == []
    answer = client.post(link)
    manage = answer["Location"].removeprefix("http://127.0.0.1:8000")
    factories.story("In time")
    (news,) = told()
    assert (news.subject, news.to) == ("In time", [ADDRESS])
    assert manage in news.body
    # A second yes changes nothing.
    assert client.post(link).status_code == 302
    assert Follow.objects.count() == 1


def test_a_link_ends_and_a_newer_one_replaces_it() -> None:
    client = Client()
    ask(client, "/follow/?type=story")
    ask(client, "/follow/?type=story")
    mails_deliver()
    old, new = (link_in(message) for message in outbox.outbox)
    assert client.post(old).status_code == 410
    Follow.objects.update(token_expires=timezone.now())
    assert client.get(new).status_code == 410
    assert followers_forget() == 2
    assert not Follower.objects.exists()


def test_the_answer_is_the_same_whoever_has_the_address() -> None:
    member = factories.user()
    answers = []
    for email in (member.email, "nobody@example.org", "nobody@example.org"):
        client = Client()
        posted = client.post("/follow/?type=story", {"email": email, "rhythm": "daily", "time_zone": "UTC"})
        answers.append((posted.status_code, posted["Location"], client.get("/follow/sent/").content))
    assert answers[0][:2] == answers[1][:2] == answers[2][:2]
    assert len({re.sub(rb"csrf\S+", b"", page) for _code, _where, page in answers}) == 1
    assert OutgoingMail.objects.filter(kind="follow").count() == 3


def test_a_members_yes_by_mail_makes_them_follow_with_their_account() -> None:
    member = factories.user()
    followed(member, "type=story", rhythm=Rhythm.DAILY)
    client = Client()
    for where in ("/follow/?type=story", "/follow/?type=resource"):
        ask(client, where, email=member.email.upper(), rhythm="weekly")
    mails_deliver()
    for message in outbox.outbox:
        assert client.post(link_in(message))["Location"] == "http://127.0.0.1:8000/follow/mine/"
    found = Follow.objects.order_by("target").values_list("follower__user", "target", "rhythm")
    assert list(found) == [(member.pk, "type=resource", "weekly"), (member.pk, "type=story", "weekly")]


def test_limits_hold() -> None:
    for _time in range(7):
        ask(Client(), "/follow/?type=story")
    assert OutgoingMail.objects.filter(to=ADDRESS).count() == 5
    for number in range(23):
        ask(Client(), "/follow/?type=story", email=f"reader-{number}@example.org")
    data = {"email": "late@example.org", "rhythm": "daily", "time_zone": "UTC"}
    assert Client().post("/follow/?type=story", data).status_code == 429
    assert not Follower.objects.filter(own_email="late@example.org").exists()


def _without_account() -> tuple[Follow, str]:
    client = Client()
    ask(client, "/follow/?type=story", rhythm="at-once")
    mails_deliver()
    where = client.post(link_in(outbox.outbox[-1]))["Location"]
    return Follow.objects.get(), where.removeprefix("http://127.0.0.1:8000")


def test_the_link_in_mails_changes_and_ends_everything() -> None:
    follow, where = _without_account()
    client = Client()
    page = client.get(where).content.decode()
    assert "Story" in page
    assert ADDRESS not in page
    client.post(where, {"do": "reader", "language": "es", "time_zone": "Asia/Manila"})
    client.post(where, {"do": "save", "follow": follow.public_id, "rhythm": "weekly"})
    client.post(where, {"do": "mail-stop"})
    follow = Follow.objects.select_related("follower").get()
    assert (follow.follower.language, follow.follower.time_zone, follow.rhythm) == ("es", "Asia/Manila", "weekly")
    assert follow.follower.mail == "stopped"
    # Somebody else's follow is not there.
    other = followed(factories.user(), "type=story")
    for wrong in (other.public_id, "nonsense"):
        assert client.post(where, {"do": "end", "follow": wrong}).status_code == 404
    client.post(where, {"do": "forget"})
    assert list(Follow.objects.all()) == [other]
    assert client.get(where).status_code == 404
    assert not Follower.objects.filter(own_email=ADDRESS).exists()


def test_the_last_follow_of_an_address_takes_it_along() -> None:
    follow, where = _without_account()
    assert Client().post(where, {"do": "end", "follow": follow.public_id}).status_code == 200
    assert not Follower.objects.exists()


@pytest.mark.promise("unsubscribe")
def test_unsubscribing_takes_one_click_no_cookie_and_no_sign_in() -> None:
    follow = followed(factories.user(), "type=story")
    where = unsubscribe_url(follow.follower).removeprefix("http://127.0.0.1:8000")
    client = Client(enforce_csrf_checks=True)
    answer = client.get(where)
    assert (answer.status_code, dict(answer.cookies)) == (200, {})
    follow.follower.refresh_from_db()
    assert follow.follower.mail == "on"
    for _time in range(2):
        answer = client.post(where, {"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, dict(answer.cookies)) == (200, {})
        follow.follower.refresh_from_db()
        assert follow.follower.mail == "stopped"
    follow.follower.user.delete()  # type: ignore[union-attr]
    assert client.post(where).status_code == 200


@pytest.mark.parametrize("token", ["", "x", "00:00", "00000000000040008000000000000000:abc"])
def test_a_token_that_we_did_not_give_out_is_nobodys(token: str) -> None:
    assert follower_from(token) is None
    follower = Follower.objects.create(own_email=ADDRESS)
    assert follower_from(follower_token(follower)) == follower
    assert follower_from(follower_token(follower)[:-1]) is None


def test_anothers_follow_is_not_there() -> None:
    follow = followed(factories.user(), "type=story")
    other = factories.client_of(factories.user())
    absent = other.post("/follow/change/00000000-0000-4000-8000-000000000000/", {"do": "end"})
    answer = other.post(f"/follow/change/{follow.public_id}/", {"do": "end"})
    # A token of a form is another each time, and as long.
    assert (answer.status_code, len(answer.content)) == (404, len(absent.content))
    for where in ("/follow/mine/", "/follow/news/"):
        assert Client().get(where)["Location"] == f"/account/login/?next={where}"
        assert "Story" not in re.sub(r"<nav.*?</nav>", "", other.get(where).content.decode(), flags=re.DOTALL)


def test_public_pages_set_no_cookie_for_following() -> None:
    campaign, organization = factories.campaign(), factories.organization()
    client = Client()
    for page, link, feed in (
        (campaign.url, f"/follow/?campaign-id={campaign.public_id}", f"/follow/feed/campaign/{campaign.public_id}/"),
        (
            organization.url,
            f"/follow/?organization-id={organization.public_id}",
            f"/follow/feed/organization/{organization.public_id}/",
        ),
        (
            "/search/?q=test&type=campaign",
            "/follow/?q=test&amp;type=campaign",
            "/search/feed/?q=test&amp;type=campaign",
        ),
        ("/topics/technology/test-technology/", "/follow/?technology=test-technology", "/search/feed/?technology="),
    ):
        answer = client.get(page)
        html = answer.content.decode()
        assert answer.status_code == 200
        assert f'href="{link}"' in html
        assert f'<link rel="alternate" type="application/atom+xml" href="{feed}' in " ".join(html.split())
        assert dict(answer.cookies) == {}


def test_news_lists_what_is_new_and_remembers_what_was_read() -> None:
    user = factories.user()
    client = factories.client_of(user)
    followed(user, "type=story", channel=Channel.SITE)
    all_heard()
    factories.story("First")
    gone = factories.story("Taken back")
    told()
    gone.unpublish()
    page = client.get("/follow/news/").content.decode()
    assert ("First" in page, "Taken back" in page, page.count(">unread<")) == (True, False, 1)
    until = re.search(r'name="until" value="([^"]+)"', page)
    assert until
    factories.story("Second")
    told()
    assert "2 unread" in client.get("/you/").content.decode()
    client.post("/follow/news/", {"until": until[1]})
    page = client.get("/follow/news/").content.decode()
    assert page.count(">unread<") == 1
    for moment in ("nonsense", "2999-01-01T00:00:00+00:00", "2026-13-01T00:00:00+00:00"):
        client.post("/follow/news/", {"until": moment})
    assert ">unread<" not in client.get("/follow/news/").content.decode()
    factories.story("Third")
    told()
    assert ">unread<" in client.get("/follow/news/").content.decode()


def test_follows_are_in_ones_data_and_go_with_the_account() -> None:
    user = factories.user()
    assert own_data(user)["follows"] == {"follows": [], "digests": []}
    followed(user, "type=story", rhythm=Rhythm.WEEKLY)
    data = own_data(user)["follows"]
    assert [(row["target"], row["rhythm"]) for row in data["follows"]] == [("type=story", "weekly")]  # type: ignore[index]
    account_delete(user=user)
    assert not Follower.objects.exists()


def test_another_address_of_the_account_gets_the_mails() -> None:
    user = factories.user()
    followed(user, "type=story")
    user.email = "new@example.org"
    user.save()
    all_heard()
    factories.story()
    assert [mail.to for mail in told()] == [["new@example.org"]]


def test_whoever_stopped_and_has_no_account_is_forgotten() -> None:
    _without_account()
    member = followed(factories.user(), "type=story")
    for follower in Follower.objects.all():
        mail_stop(follower=follower)
    assert followers_forget() == 0
    Follower.objects.update(mail_changed=timezone.now() - timedelta(days=31))
    assert followers_forget() == 1
    assert list(Follow.objects.all()) == [member]


class StoppingTest(TestCase):
    """Stopping and starting again, in whatever order and however often."""

    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.sampled_from(["stop", "one-click", "start"]), max_size=8))
    def test_the_last_word_holds(self, doings: list[str]) -> None:
        follower = Follower.objects.create(own_email="reader@example.org")
        where = unsubscribe_url(follower).removeprefix("http://127.0.0.1:8000")
        for doing in doings:
            if doing == "one-click":
                assert self.client.post(where).status_code == 200
            else:
                (mail_stop if doing == "stop" else mail_resume)(follower=follower)
        follower.refresh_from_db()
        expected = "on" if not doings or doings[-1] == "start" else "stopped"
        assert follower.mail == expected
        follower.delete()


def test_several_follows_are_changed_and_ended_at_once() -> None:
    user, other = factories.user(), factories.user()
    for number in range(3):
        followed(user, f"q=word{number}", rhythm=Rhythm.DAILY)
    foreign = followed(other, "q=word0", rhythm=Rhythm.DAILY)
    client = factories.client_of(user)
    ids = [str(each.public_id) for each in Follow.objects.filter(follower__user=user).order_by("label")]
    assert client.get("/follow/mine/").content.decode().count('form="several"') == 3

    def state() -> list[tuple[str, str, bool]]:
        rows = Follow.objects.filter(follower__user=user).order_by("label")
        return list(rows.values_list("rhythm", "channel", "is_paused"))

    chosen = [ids[0], ids[2], str(foreign.public_id), "nonsense"]
    client.post("/follow/mine/", {"do": "several-save", "chosen": chosen, "rhythm": "weekly", "channel": ""})
    assert state() == [("weekly", "mail", False), ("daily", "mail", False), ("weekly", "mail", False)]
    client.post("/follow/mine/", {"do": "several-pause", "chosen": ids[:2]})
    assert state() == [("weekly", "mail", True), ("daily", "mail", True), ("weekly", "mail", False)]
    for nonsense in ({"do": "several-end"}, {"do": "several-save", "chosen": ids, "rhythm": "hourly"}):
        client.post("/follow/mine/", nonsense)
    client.post("/follow/mine/", {"do": "several-end", "chosen": chosen})
    assert state() == [("daily", "mail", True)]
    foreign.refresh_from_db()
    assert (foreign.rhythm, foreign.is_paused) == ("daily", False)


def test_what_a_member_follows_is_a_table() -> None:
    user, campaign = factories.user(), factories.campaign("Stop, the cameras")
    client = factories.client_of(user)
    client.post(f"/follow/?campaign-id={campaign.public_id}", {"rhythm": "weekly", "channel": "mail"})
    follow = Follow.objects.get()
    assert "/follow/mine.csv" in client.get("/follow/mine/").content.decode()
    (row,) = list(csv.reader(client.get("/follow/mine.csv").content.decode().splitlines()))[1:]
    rhythm, channel = follow.get_rhythm_display(), follow.get_channel_display()
    since = f"{timezone.localtime(follow.created):%Y-%m-%d}"
    assert row == ["Stop, the cameras", f"http://127.0.0.1:8000{campaign.url}", rhythm, channel, "no", since]
    assert factories.client_of(factories.user()).get("/follow/mine.csv").content.decode().count("\r\n") == 1
