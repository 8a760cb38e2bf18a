"""Feeds are valid Atom, tell no finer date than the site does, set no cookie, and say when nothing has changed."""

import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from coalition.alerts.models import News
from tests import factories

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def read(address: str) -> tuple[Any, ElementTree.Element]:
    answer = Client().get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert dict(answer.cookies) == {}
    return answer, ElementTree.fromstring(answer.content)


def text(element: ElementTree.Element, name: str) -> str:
    return element.findtext(f"{ATOM}{name}") or ""


def entries(feed: ElementTree.Element) -> dict[str, ElementTree.Element]:
    return {text(entry, "title"): entry for entry in feed.iter(f"{ATOM}entry")}


def test_a_search_is_a_feed() -> None:
    story = factories.story("The turnstile sets the pace", standfirst="It counts each step.")
    factories.story("Elsewhere")
    factories.story("The turnstile in a draft", live=False)
    answer, feed = read("/search/feed/?q=turnstile&sort=newest&page=7")
    (entry,) = feed.iter(f"{ATOM}entry")
    assert text(entry, "title") == "The turnstile sets the pace"
    assert text(entry, "id") == f"urn:uuid:{story.public_id}"
    assert text(entry, "summary") == "It counts each step."
    month = timezone.localdate().replace(day=1)
    assert text(entry, "updated") == text(entry, "published") == text(feed, "updated") == f"{month}T00:00:00+00:00"
    assert [link.get("href") for link in entry.iter(f"{ATOM}link")] == [
        f"http://127.0.0.1:8000{story.relative_url(None)}"
    ]
    assert [(link.get("rel"), link.get("href")) for link in feed.findall(f"{ATOM}link")] == [
        ("alternate", "http://127.0.0.1:8000/search/?q=turnstile"),
        ("self", "http://127.0.0.1:8000/search/feed/?q=turnstile&sort=newest&page=7"),
    ]
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    assert " 00:00:00 GMT" in answer["Last-Modified"]


def test_a_campaign_is_a_feed_of_updates_and_of_how_it_stands() -> None:
    campaign = factories.campaign("Ours")
    update = factories.update(campaign, "We have met")
    factories.update(factories.campaign(), "Elsewhere")
    campaign.outcome = "won"
    campaign.save()
    _answer, feed = read(f"/follow/feed/campaign/{campaign.public_id}/")
    today = f"{timezone.localdate()}T00:00:00+00:00"
    found = {(text(entry, "id"), text(entry, "title"), text(entry, "updated")) for entry in feed.iter(f"{ATOM}entry")}
    assert found == {
        (f"urn:uuid:{campaign.public_id}", "Ours", today),
        (f"urn:uuid:{campaign.public_id}#won", "Ours", today),
        (f"urn:uuid:{update.public_id}", "We have met", today),
    }


def test_an_organization_is_a_feed() -> None:
    organization = factories.organization("Local 1")
    campaign = factories.campaign("With Local 1")
    campaign.organization_links.create(organization=organization, role="leads")
    campaign.save()
    factories.campaign("Without")
    _answer, feed = read(f"/follow/feed/organization/{organization.public_id}/")
    assert set(entries(feed)) == {"Local 1", "With Local 1"}


def test_what_has_not_changed_is_not_sent_again() -> None:
    factories.story()
    address = "/search/feed/?type=story"
    answer, _feed = read(address)
    same = Client().get(address, HTTP_IF_NONE_MATCH=answer["ETag"])
    assert (same.status_code, same.content) == (304, b"")
    # Of dates that are months nobody can tell what has come since: the tag decides.
    assert Client().get(address, HTTP_IF_MODIFIED_SINCE=answer["Last-Modified"]).status_code == 200
    factories.story()
    assert Client().get(address, HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 200


def test_the_order_tells_no_more_than_the_dates() -> None:
    stories = [factories.story(standfirst="Zigzagging") for _number in range(8)]
    _answer, feed = read("/search/feed/?q=zigzagging&type=story")
    ids = [text(entry, "id") for entry in feed.iter(f"{ATOM}entry")]
    assert ids == sorted(f"urn:uuid:{story.public_id}" for story in stories)
    told = News.objects.filter(document__public_id__in=[story.public_id for story in stories])
    assert told.values("shown_on").distinct().count() == 1


def test_an_empty_feed_is_the_same_whenever_one_asks() -> None:
    first, feed = read("/search/feed/?q=zzqqxx")
    assert (text(feed, "updated"), entries(feed)) == ("2000-01-01T00:00:00+00:00", {})
    assert read("/search/feed/?q=zzqqxx")[0]["ETag"] == first["ETag"]


def test_a_demonstration_is_labelled() -> None:
    factories.story("Made up zigzag", is_demonstration=True)
    assert set(entries(read("/search/feed/?q=zigzag&type=story")[1])) == {"[Demonstration] Made up zigzag"}


@pytest.mark.parametrize("address", ["?q=%00%ff", "?type=&year=x&since=2024-13-01", "?q=" + "a" * 400, "?q=<&>\"'"])
def test_garbage_in_an_address_is_a_feed(address: str) -> None:
    read(f"/search/feed/{address}")


def test_what_is_not_public_has_no_feed() -> None:
    campaign = factories.campaign(live=False)
    for address in (
        f"/follow/feed/campaign/{campaign.public_id}/",
        f"/follow/feed/organization/{factories.campaign().public_id}/",
    ):
        assert Client().get(address).status_code == 404
