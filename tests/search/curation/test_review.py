"""The review, through its page: one pair after the other."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from search.models import Doubt, Judgement, Link
from tests import factories

pytestmark = pytest.mark.usefixtures("site")


def look(editor: Client, at: str = "") -> object:
    return editor.get(reverse("search_link_review"), {"at": at} if at else {})


def judge(editor: Client, link: Link, at: int = 0, **data: str) -> object:
    address = reverse("search_link_judge", args=[link.source.public_id])
    return editor.post(address, {"other": str(link.target.public_id), "at": str(at), **data}, follow=True)


def test_a_verdict_leads_to_the_next_pair(editor: Client) -> None:
    first = look(editor).context["link"]  # type: ignore[attr-defined]
    second = look(editor, "1").context["link"]  # type: ignore[attr-defined]
    response = judge(editor, first, verdict="confirmed")
    assert response.redirect_chain[-1][0] == f"{reverse('search_link_review')}?at=0"  # type: ignore[attr-defined]
    shown = response.context["link"]  # type: ignore[attr-defined]
    assert shown.pk != first.pk
    response = judge(editor, second, verdict="dismissed", reason="Other tools")
    assert set(Judgement.objects.values_list("verdict", "reason")) == {("confirmed", ""), ("dismissed", "Other tools")}
    assert response.context["link"].pk not in {first.pk, second.pk}  # type: ignore[attr-defined]


def test_a_dismissal_without_a_reason_stays_where_it_was(editor: Client) -> None:
    link = look(editor, "3").context["link"]  # type: ignore[attr-defined]
    response = judge(editor, link, at=3, verdict="dismissed")
    assert response.context["link"].pk == link.pk  # type: ignore[attr-defined]
    assert "Say in a few words why the two are not alike." in response.content.decode()  # type: ignore[attr-defined]
    assert not Judgement.objects.exists()


def test_each_pair_says_why_it_is_there_and_the_page_in_which_order(editor: Client) -> None:
    link = Link.objects.filter(source__kind="story", target__kind="story").select_related("source", "target")[7]
    first, second = sorted((link.source_id, link.target_id))
    Doubt.objects.bulk_create(Doubt(first_id=first, second_id=second) for _number in range(2))
    html = look(editor).content.decode()  # type: ignore[attr-defined]
    assert "2 readers find them not alike." in html
    assert link.source.title in html
    assert link.target.title in html
    assert "first those that readers doubt, then those where the signals disagree" in html
    assert reverse("search_link_review") in editor.get(reverse("search_links")).content.decode()


@pytest.mark.parametrize("at", ["-1", "x", "99999999999999999999", "²", "9999"])
def test_any_garbage_for_a_place_gets_a_page(editor: Client, at: str) -> None:
    assert look(editor, at).status_code == 200  # type: ignore[attr-defined]


def test_behind_the_last_pair_one_is_led_back_and_an_empty_queue_says_so(editor: Client) -> None:
    assert "That was the last one." in look(editor, "9999").content.decode()  # type: ignore[attr-defined]
    Link.objects.exclude(pk=Link.objects.filter(rank=1, target__kind="story").first().pk).delete()  # type: ignore[union-attr]
    link = look(editor).context["link"]  # type: ignore[attr-defined]
    assert "Every pair has been judged." in judge(editor, link, verdict="confirmed").content.decode()  # type: ignore[attr-defined]


def test_it_is_for_those_who_may_judge_alone(site: None) -> None:
    user = factories.user("writer@example.org", second_lock=True)
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    writer = Client()
    writer.force_login(user)
    for client in (Client(), writer):
        response = client.get(reverse("search_link_review"))
        assert response.status_code in {302, 403}
        assert "The same struggle?" not in response.content.decode()
