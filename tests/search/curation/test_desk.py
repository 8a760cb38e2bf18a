"""The editors' desk for links, through its pages."""

import pytest
from django.test import Client
from django.urls import reverse

from search.curation.unmatched import unmatched_stories
from search.models import Document, Judgement
from tests import factories

pytestmark = pytest.mark.usefixtures("site")


def story(slug: str) -> Document:
    return Document.objects.get(url=f"/stories/{slug}/")


def said(response: object) -> list[str]:
    return [str(message) for message in response.context["messages"]]  # type: ignore[attr-defined]


def judge(client: Client, one: Document, other: Document, **data: str) -> object:
    address = reverse("search_link_judge", args=[one.public_id])
    return client.post(address, {"other": str(other.public_id), **data}, follow=True)


def test_an_editor_dismisses_with_a_reason_and_it_goes_from_both_pages(editor: Client) -> None:
    one, other = story("nurse-fears-for-judgment"), story("programmer-fears-for-expertise")
    assert "programmer" in editor.get(one.url).content.decode()
    response = judge(editor, one, other, verdict="dismissed", reason="Different tools")
    assert said(response) == ["Dismissed: neither page shows the other any more."]
    assert other.url not in editor.get(one.url).content.decode()
    assert one.url not in editor.get(other.url).content.decode()
    kept = Judgement.objects.get()
    assert (kept.verdict, kept.reason, kept.user.email) == ("dismissed", "Different tools", "editor@example.org")


def test_a_dismissal_without_a_reason_is_not_taken(editor: Client) -> None:
    response = judge(
        editor, story("nurse-fears-for-judgment"), story("programmer-fears-for-expertise"), verdict="dismissed"
    )
    assert said(response) == ["Say in a few words why the two are not alike."]
    assert not Judgement.objects.exists()


def test_an_editor_adds_a_link_by_headline_and_takes_it_back(editor: Client) -> None:
    one, other = story("actors-do-not-own-their-likeness"), story("port-mechanics-from-300-to-20")
    desk = reverse("search_link_desk", args=[one.public_id])
    found = editor.get(desk, {"words": other.title[:20]}).context["candidates"]
    assert other in found
    judge(editor, one, other, verdict="confirmed")
    assert other.url in editor.get(one.url).content.decode()
    assert one.url in editor.get(other.url).content.decode()
    judge(editor, other, one, verdict="withdraw")
    assert not Judgement.objects.exists()


def test_a_story_that_matches_nothing_is_on_the_list_until_an_editor_links_it(editor: Client) -> None:
    from search.matching.links import outbox_drain

    page = factories.story("Zymurgy", standfirst="Qwertz uiop asdf.", text="Yxcvb nmlk jhgf dsa.")
    outbox_drain()
    lonely = Document.objects.get(public_id=page.public_id)
    assert lonely in unmatched_stories()
    assert story("nurse-fears-for-judgment") not in unmatched_stories()
    assert "Zymurgy" in editor.get(reverse("search_links"), {"show": "unmatched"}).content.decode()
    judge(editor, lonely, story("nurse-fears-for-judgment"), verdict="confirmed")
    assert lonely not in unmatched_stories()


def test_who_may_not_publish_may_not_judge(site: None) -> None:
    from django.contrib.auth.models import Permission

    user = factories.user("writer@example.org", second_lock=True)
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client = Client()
    client.force_login(user)
    one, other = story("nurse-fears-for-judgment"), story("programmer-fears-for-expertise")
    address = reverse("search_link_judge", args=[one.public_id])
    response = client.post(address, {"other": str(other.public_id), "verdict": "confirmed"})
    assert response.status_code == 404
    assert not Judgement.objects.exists()
    assert Client().get(reverse("search_links")).status_code == 302
