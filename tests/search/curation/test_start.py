"""The start page says what waits for whoever decides on links."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from search.curation.unmatched import unmatched_stories
from search.models import Document, Doubt, Judgement, Link
from tests import factories

pytestmark = pytest.mark.usefixtures("site")
START = reverse("wagtailadmin_home")
UNMATCHED = f"{reverse('search_links')}?show=unmatched"


@pytest.fixture(autouse=True)
def nothing_waits(site: None) -> None:
    """Readers of tests with a browser, whose doubts are committed, have been here before or have not."""
    Doubt.objects.all().delete()
    unmatched_stories().delete()


def start(client: Client) -> str:
    return client.get(START).content.decode()


def doubted_link() -> Link:
    """Return a link between two stories that two readers doubt; it goes both ways."""
    link = Link.objects.filter(source__kind="story", target__kind="story", rank=1).select_related()[0]
    first, second = sorted((link.source_id, link.target_id))
    Doubt.objects.bulk_create(Doubt(first_id=first, second_id=second) for _number in range(2))
    return link


def test_it_counts_the_pairs_that_readers_doubt_until_somebody_judges(editor: Client) -> None:
    assert "Links that wait for you" not in start(editor)
    link = doubted_link()
    page = start(editor)
    assert "Readers doubt 1 link\n" in page
    assert reverse("search_link_review") in page
    data = {"other": str(link.target.public_id), "verdict": "confirmed"}
    editor.post(reverse("search_link_judge", args=[link.source.public_id]), data)
    assert Judgement.objects.count() == 1
    assert "Links that wait for you" not in start(editor)


def test_nothing_waits_about_a_pair_that_is_no_longer_linked(editor: Client) -> None:
    doubted_link()
    Link.objects.all().delete()
    assert "Readers doubt" not in start(editor)


def test_it_counts_the_stories_that_match_nothing(editor: Client) -> None:
    story = Document.objects.filter(kind="story").order_by("pk")[0]
    Link.objects.filter(source=story).delete()
    page = start(editor)
    assert "1 story matches nothing yet" in page
    assert UNMATCHED in page
    assert story.title in editor.get(UNMATCHED).content.decode()


def test_who_may_not_decide_is_not_told(site: None) -> None:
    doubted_link()
    user = factories.user("writer@example.org", second_lock=True)
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    page = start(factories.client_of(user))
    assert "Links that wait for you" not in page
