"""Readers' “not alike”, through its page: counted once, kept without who, and never believed by itself."""

import datetime
import logging
import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms.archives.models import EventPage, SessionPage
from coalition.accounts.models import User
from search.doubts import COOKIE, MOST_A_DAY, MOST_OF_A_PAIR_A_DAY, MOST_REMEMBERED
from search.matching.judging import judgement_record
from search.models import Document, Doubt, Judgement, Link
from tests import factories

pytestmark = pytest.mark.usefixtures("site")

STORY = "/stories/warehouse-workers-tracked-through-equipment/"
COUNTED = "Thank you. An editor will look at whether the two are alike"
AGAIN = "You have said so already"
ENOUGH = "So many have said so today"


def links() -> list[Link]:
    return list(Link.objects.filter(source__url=STORY, target__kind="story").select_related("source", "target"))


def page_of(link: Link) -> str:
    return reverse("not_alike", args=[link.source.public_id, link.target.public_id])


def say(client: Client, link: Link) -> str:
    return client.post(page_of(link), follow=True).content.decode()


def state() -> list[tuple[object, ...]]:
    return list(Link.objects.order_by("pk").values_list("source", "target", "rank", "score"))


def test_it_is_said_from_the_story_counted_and_thanked_for_and_changes_nothing(visitor: Client) -> None:
    link, before = links()[0], state()
    shown = visitor.get(STORY).content.decode()
    assert page_of(link) in shown
    asked = visitor.get(page_of(link))
    assert link.target.title in asked.content.decode()
    assert not Doubt.objects.exists()
    response = visitor.post(page_of(link))
    assert response["Location"] == f"{STORY}#said"
    after = visitor.get(STORY).content.decode()
    assert COUNTED in after
    assert COUNTED not in visitor.get(STORY).content.decode()
    doubt = Doubt.objects.get()
    assert {doubt.first_id, doubt.second_id} == {link.source_id, link.target_id}
    assert (doubt.said_on, doubt.account_mark) == (timezone.localdate(), "")
    assert state() == before
    assert re.findall(r'class="match".*?href="([^"]+)"', after, re.DOTALL) == re.findall(
        r'class="match".*?href="([^"]+)"', shown, re.DOTALL
    )


@pytest.mark.parametrize("kind", ["campaign", "organization", "resource", "session"])
def test_it_is_asked_under_what_is_linked_of_any_kind(visitor: Client, kind: str) -> None:
    source, target = Document.objects.get(url=STORY), Document.objects.present().filter(kind=kind).first()
    if target is None:
        page = SessionPage(title="Tracked at work", slug="tracked-at-work", kind="panel")
        factories.tag(page)
        EventPage.objects.get().add_child(instance=page)
        target = Document.objects.get(public_id=page.public_id)
    source.links.filter(target__kind=kind).delete()
    link = Link.objects.create(
        source=source, target=target, rank=1, score=1.0, reasons={"shared": ["technology:equipment-tracking"]}
    )
    shown = visitor.get(STORY).content.decode()
    assert f'href="{target.url}"' in shown
    assert page_of(link) in shown
    assert COUNTED in say(visitor, link)
    assert Doubt.objects.count() == 1


def test_a_browser_counts_once_whichever_way_round_and_another_counts_too(visitor: Client) -> None:
    link = next(link for link in links() if Link.objects.filter(source=link.target, target=link.source).exists())
    assert COUNTED in say(visitor, link)
    assert AGAIN in say(visitor, link)
    assert AGAIN in say(visitor, Link.objects.get(source=link.target, target=link.source))
    assert Doubt.objects.count() == 1
    assert COUNTED in say(Client(), link)
    assert Doubt.objects.count() == 2


def test_an_account_counts_once_in_any_browser_and_is_not_named(visitor: Client) -> None:
    link, user = links()[0], User.objects.create_user("member@example.org", "correct horse battery")
    for expected in (COUNTED, AGAIN):
        client = Client()
        client.force_login(user)
        assert expected in say(client, link)
        assert COOKIE not in client.cookies
    mark = Doubt.objects.get().account_mark
    assert len(mark) == 64
    assert str(user.pk) != mark


def test_what_a_browser_remembers_is_signed_bounded_sent_nowhere_else_and_tells_nobody_anything(
    visitor: Client,
) -> None:
    for link in links()[:3]:
        say(visitor, link)
    cookie = visitor.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/match/not-alike/")
    for link in links():
        assert str(link.target.public_id) not in cookie.value
    assert len(cookie.value) < 4 * 20 + 60
    assert MOST_REMEMBERED * 13 + 60 < 4000
    forged = Client()
    forged.cookies[COOKIE] = cookie.value.replace(cookie.value[0], "x", 1)
    assert COUNTED in say(forged, links()[0])


def test_a_script_that_forgets_its_cookie_is_held_off_for_the_day_and_no_longer() -> None:
    link, other = links()[:2]
    for _number in range(MOST_OF_A_PAIR_A_DAY):
        assert COUNTED in say(Client(), link)
    assert ENOUGH in say(Client(), link)
    assert COUNTED in say(Client(), other)
    Doubt.objects.update(said_on=timezone.localdate() - datetime.timedelta(days=1))
    assert COUNTED in say(Client(), link)


def test_all_pairs_together_have_a_bound_a_day(visitor: Client) -> None:
    pairs = {tuple(sorted(pair)) for pair in Link.objects.values_list("source_id", "target_id")}
    link = links()[0]
    others = sorted(pairs - {tuple(sorted((link.source_id, link.target_id)))})[:MOST_A_DAY]
    assert len(others) == MOST_A_DAY
    Doubt.objects.bulk_create(Doubt(first_id=first, second_id=second) for first, second in others)
    assert ENOUGH in say(visitor, link)
    assert Doubt.objects.count() == MOST_A_DAY


def test_only_what_is_linked_and_public_can_be_doubted(visitor: Client) -> None:
    link = links()[0]
    linked = set(Link.objects.filter(source=link.source).values_list("target_id", flat=True))
    stranger = Document.objects.present().exclude(pk__in={*linked, link.source_id}).first()
    assert stranger is not None
    gone = factories.story(live=False)
    for target in (stranger.public_id, gone.public_id, link.source.public_id):
        address = reverse("not_alike", args=[link.source.public_id, target])
        assert visitor.get(address).status_code == 404
        assert visitor.post(address).status_code == 404
    address = page_of(link)
    Document.objects.filter(pk=link.target_id).update(is_gone=True)
    assert visitor.post(address).status_code == 404
    assert not Doubt.objects.exists()


def test_what_an_editor_has_decided_is_not_asked_and_not_counted(visitor: Client) -> None:
    link = links()[0]
    judgement_record(one=link.source, other=link.target, verdict=Judgement.Verdict.CONFIRMED, reason="", user=None)
    assert page_of(link) not in visitor.get(STORY).content.decode()
    assert "An editor has already decided on these two." in say(visitor, link)
    assert not Doubt.objects.exists()


def test_a_post_without_a_token_is_refused_and_one_with_it_is_not() -> None:
    client, link = Client(enforce_csrf_checks=True), links()[0]
    assert client.post(page_of(link)).status_code == 403
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(page_of(link)).content.decode())
    assert token is not None
    assert client.post(page_of(link), {"csrfmiddlewaretoken": token[1]}).status_code == 302
    assert Doubt.objects.count() == 1


@pytest.mark.parametrize("path", [STORY, "/", "/campaigns/no-robot-bosses-act/", "/search/"])
def test_looking_at_a_page_sets_no_cookie(path: str) -> None:
    response = Client().get(path)
    assert response.status_code == 200
    assert dict(response.cookies) == {}


def test_saying_so_starts_no_session(visitor: Client) -> None:
    say(visitor, links()[0])
    assert settings.SESSION_COOKIE_NAME not in visitor.cookies


def test_no_address_agent_or_title_is_kept_or_logged(visitor: Client, caplog: pytest.LogCaptureFixture) -> None:
    link = links()[0]
    with caplog.at_level(logging.DEBUG):
        visitor.post(page_of(link), REMOTE_ADDR="203.0.113.77", headers={"user-agent": "canary-agent"})
    kept = str(list(Doubt.objects.values()))
    logged = "".join(record.getMessage() for record in caplog.records if record.name != "django.db.backends")
    for canary in ("203.0.113.77", "canary-agent", link.target.title):
        assert canary not in kept
        assert canary not in logged


def test_it_is_said_in_the_readers_language(visitor: Client) -> None:
    html = visitor.post(page_of(links()[0]), follow=True, headers={"accept-language": "es"}).content.decode()
    assert "Gracias. Alguien de la redacción" in html
