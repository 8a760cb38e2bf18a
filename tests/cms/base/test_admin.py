"""The editors' way through the admin: forms, refusals in sentences, merging, the demonstration panel."""

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import Page
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from cms.archives.models import EventPage, SessionPage
from cms.campaigns.models import CampaignPage
from cms.stories.models import StoryIndexPage, StoryPage
from cms.taxonomy.models import Concept, Harm, Industry, TechnologyType
from tests import factories

pytestmark = pytest.mark.usefixtures("site")

FORMSETS = [
    "industry_links",
    "technology_links",
    "harm_links",
    "occupation_links",
    "arrangement_links",
    "affected_links",
    "place_links",
    "right_links",
    "strategy_links",
    "product_links",
    "citations",
    "corrections",
    "comments",
]


def filled(**changed: object) -> dict:
    data = {
        "title": "A camera in the cab",
        "slug": "a-camera-in-the-cab",
        "standfirst": "A camera watches the driver.",
        "stage": "in-use",
        "standing": "worker",
        "body": streamfield([]),
        "reply": rich_text(""),
        "what_happened_next": rich_text(""),
        **{name: inline_formset([]) for name in FORMSETS},
        **changed,
    }
    return nested_form_data(data)


def submit(client: Client, **changed: object) -> object:
    parent = StoryIndexPage.objects.get()
    address = reverse("wagtailadmin_pages:add", args=["stories", "storypage", parent.pk])
    return client.post(address, filled(**changed), follow=True)


def said(response: object) -> list[str]:
    return [str(message).strip() for message in response.context["messages"]]  # type: ignore[attr-defined]


def test_a_tagged_story_is_published_from_the_form_and_a_missing_source_is_pointed_out(editor: Client) -> None:
    response = submit(
        editor,
        **{
            "action-publish": "1",
            "industry_links": inline_formset([{"concept": Industry.objects.get(slug="truck-transportation").pk}]),
            "technology_links": inline_formset([{"concept": TechnologyType.objects.first().pk}]),
        },
    )
    page = StoryPage.objects.get(slug="a-camera-in-the-cab")
    assert page.live is True
    assert "This page names no source." in " ".join(said(response))
    assert Client().get(page.url).status_code == 200


def test_an_untagged_story_is_kept_as_a_draft_but_not_published(editor: Client) -> None:
    submit(editor)
    assert StoryPage.objects.get(slug="a-camera-in-the-cab").live is False
    submit(editor, slug="another", **{"action-publish": "1"})
    assert not StoryPage.objects.filter(slug="another", live=True).exists()


def test_publishing_untagged_drafts_in_bulk_says_what_is_missing(editor: Client) -> None:
    from cms.taxonomy.schemes import Scheme

    page = factories.story(live=False)
    page.set_concepts(Scheme.INDUSTRY, [])
    page.save_revision()
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"]) + f"?id={page.pk}"
    response = editor.post(address, follow=True)
    assert Page.objects.get(pk=page.pk).live is False
    assert any("Choose at least one industry" in sentence for sentence in said(response))


@pytest.mark.parametrize("slug", ["", "stories/", "campaigns/", "organizations/", "resources/", "archives/"])
def test_every_kind_of_page_has_a_form_and_a_preview(editor: Client, slug: str) -> None:
    page = Page.objects.get(url_path=f"/home/{slug}")
    child = page.get_children().live().first() or page
    assert editor.get(reverse("wagtailadmin_pages:edit", args=[child.pk])).status_code == 200
    preview = editor.get(reverse("wagtailadmin_pages:view_draft", args=[child.pk]))
    assert preview.status_code == 200


@pytest.mark.parametrize("kind", ["update", "session"])
def test_pages_below_a_page_have_a_form_and_a_preview_also_as_drafts(editor: Client, kind: str) -> None:
    if kind == "update":
        page: Page = factories.update(CampaignPage.objects.get(slug="no-robot-bosses-act"), live=False)
    else:
        page = SessionPage(title="A session", slug="a-session", kind="panel", live=False)
        factories.tag(page)
        EventPage.objects.get().add_child(instance=page)
    page.save_revision()
    assert editor.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).status_code == 200
    preview = editor.get(reverse("wagtailadmin_pages:view_draft", args=[page.pk]))
    assert preview.status_code == 200
    assert page.title in preview.content.decode()


def test_every_list_of_the_vocabulary_opens_and_offers_the_merge(editor: Client) -> None:
    for model in ("industry", "technologytype", "harm", "right", "strategy", "occupation", "place"):
        response = editor.get(reverse(f"wagtailsnippets_taxonomy_{model}:list"))
        assert response.status_code == 200
        assert "Merge into another" in response.content.decode()


def test_concepts_are_merged_from_the_admin(editor: Client) -> None:
    one, other = Harm.objects.get(slug="lower-wages"), Harm.objects.get(slug="unpredictable-wages")
    response = editor.get(reverse("concept_merge", args=[one.pk]))
    assert response.context["counts"].pages == 1
    editor.post(reverse("concept_merge", args=[one.pk]), {"target": other.pk})
    assert Concept.objects.get(pk=one.pk).merged_into_id == other.pk


def test_the_wider_concept_is_chosen_from_the_same_scheme_and_never_itself(editor: Client) -> None:
    concept = Harm.objects.get(slug="lower-wages")
    response = editor.get(reverse("wagtailsnippets_taxonomy_harm:edit", args=[concept.pk]))
    offered = {int(pk) for pk, _label in response.context["form"].fields["broader"].choices if pk}
    assert offered == set(Harm.objects.exclude(pk=concept.pk).values_list("pk", flat=True))


def test_the_start_page_offers_the_demonstration_to_an_administrator(editor: Client) -> None:
    assert "Load the demonstration set" in editor.get(reverse("wagtailadmin_home")).content.decode()
