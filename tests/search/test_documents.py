"""Every change of a public page reaches its document, in the transaction that makes it."""

import pytest
from django.db import connection, transaction
from wagtail.models import Page, PageViewRestriction

from cms.campaigns.models import CampaignIndexPage, CampaignOrganization, CampaignPage
from cms.stories.models import StoryIndexPage, StoryPage
from cms.taxonomy.models import Concept, ConceptLabel
from cms.taxonomy.schemes import Scheme
from search.documents import documents_restamp
from search.models import Document
from search.sweeping import differing_pages
from search.tasks import sweep
from tests import factories

pytestmark = pytest.mark.usefixtures("site")


def document(page: Page) -> Document | None:
    return Document.objects.present().filter(public_id=page.public_id).first()


def lexemes(page: Page) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lexeme FROM search_posting p JOIN search_document d ON d.id = p.document_id WHERE d.public_id = %s",
            [page.public_id],
        )
        return {row[0] for row in cursor.fetchall()}


def test_a_draft_has_no_document() -> None:
    assert document(factories.story(live=False)) is None


def test_publishing_writes_text_tags_words_and_sentences() -> None:
    page = factories.story("Badges", standfirst="Badges count steps.", text="They beep. They also buzz.")
    found = document(page)
    assert found is not None
    assert (found.title, found.standfirst, found.body) == (
        "Badges",
        "Badges count steps.",
        "They beep. They also buzz.",
    )
    assert {"badg", "count", "step", "beep", "buzz"} <= lexemes(page)
    assert [p.text for p in found.passages.all()] == ["Badges count steps.", "They beep.", "They also buzz."]


def test_a_draft_of_a_live_page_is_not_found() -> None:
    page = factories.story("Old words")
    page.title = "Zebra words"
    page.save_revision()
    assert document(page).title == "Old words"  # type: ignore[union-attr]
    page.get_latest_revision().publish()
    assert document(page).title == "Zebra words"  # type: ignore[union-attr]


def test_a_new_version_is_higher_than_every_one_before() -> None:
    page = factories.story()
    first = document(page).version  # type: ignore[union-attr]
    page.save_revision().publish()
    assert document(page).version > first  # type: ignore[union-attr]


def test_unpublishing_leaves_a_tombstone_without_text() -> None:
    page = factories.story("Zeppelin", standfirst="Secret words", text="More of them")
    page.unpublish()
    stone = Document.objects.get(public_id=page.public_id)
    assert (stone.is_gone, stone.title, stone.standfirst, stone.body, stone.card, stone.facets, stone.words) == (
        True, "", "", "", {}, [], None,
    )  # fmt: skip
    assert lexemes(page) == set()


def test_deleting_a_page_or_its_parent_buries_it() -> None:
    alone, campaign = factories.story(), factories.campaign()
    update = factories.update(campaign)
    alone.delete()
    Page.objects.get(pk=campaign.pk).delete()
    assert [document(page) for page in (alone, campaign, update)] == [None, None, None]


def test_a_view_restriction_on_a_parent_hides_and_its_end_shows_again() -> None:
    page = factories.story()
    restriction = PageViewRestriction.objects.create(
        page=StoryIndexPage.objects.get(), restriction_type=PageViewRestriction.LOGIN
    )
    assert document(page) is None
    restriction.delete()
    assert document(page) is not None


def test_a_new_address_of_the_parent_is_a_new_address_of_the_document(
    django_capture_on_commit_callbacks: object,
) -> None:
    page = factories.story()
    index = StoryIndexPage.objects.get()
    index.slug = "told"
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        index.save_revision().publish()
    assert document(page).url == f"/told/{page.slug}/"  # type: ignore[union-attr]


def test_a_moved_page_has_its_new_address() -> None:
    campaign, other = factories.campaign(), factories.campaign()
    update = factories.update(campaign)
    update.move(other, pos="last-child")
    assert document(update).url == f"/campaigns/{other.slug}/{update.slug}/"  # type: ignore[union-attr]
    assert document(update).card["campaign"]["title"] == other.title  # type: ignore[union-attr]


def test_a_renamed_concept_shows_on_its_pages_and_on_those_of_narrower_ones() -> None:
    top = factories.concept(Scheme.HARM, "Zinc harm")
    narrow = factories.concept(Scheme.HARM, "Narrow harm", broader=top)
    page = factories.story(harms=[narrow])
    top.slug = "zinc-renamed"
    top.save()
    assert "harm:zinc-renamed" in document(page).facets  # type: ignore[union-attr]
    narrow.pref_label = "Quartz harm"
    narrow.save()
    assert "Quartz harm" in document(page).labels  # type: ignore[union-attr]
    assert "quartz" in lexemes(page)


def test_a_preferred_label_in_the_pages_language_is_what_it_is_found_by() -> None:
    harm = factories.concept(Scheme.HARM, "Stiff neck")
    page = factories.story(harms=[harm])
    ConceptLabel.objects.create(concept=Concept.objects.get(pk=harm.pk), language="en", kind="pref", text="Rigid nape")
    assert "Rigid nape" in document(page).labels  # type: ignore[union-attr]


def test_a_new_subsector_counts_for_pages_tagged_with_the_bare_sector() -> None:
    sector = factories.concept(Scheme.INDUSTRY, "Test sector", notation="98")
    page = factories.story(industries=[sector])
    factories.concept(Scheme.INDUSTRY, "Test subsector", broader=sector, notation="981")
    assert document(page).subsectors == ["98*", "981"]  # type: ignore[union-attr]


def test_a_renamed_organization_shows_on_its_campaigns() -> None:
    organization, campaign = factories.organization("Old Union"), factories.campaign()
    campaign.organization_links.add(CampaignOrganization(organization=organization, role="leads"))
    campaign.save_revision().publish()
    assert [o["title"] for o in document(campaign).card["organizations"]] == ["Old Union"]  # type: ignore[union-attr]
    organization.title = "New Union"
    organization.save_revision().publish()
    assert [o["title"] for o in document(campaign).card["organizations"]] == ["New Union"]  # type: ignore[union-attr]
    organization.unpublish()
    assert document(campaign).card["organizations"] == []  # type: ignore[union-attr]


def test_an_update_inherits_what_its_campaign_is_about() -> None:
    campaign = factories.campaign()
    update = factories.update(campaign)
    campaign.set_concepts(Scheme.HARM, [factories.concept(Scheme.HARM, "New harm")])
    campaign.save_revision().publish()
    assert "harm:new-harm" in document(update).facets  # type: ignore[union-attr]


def test_a_publication_that_fails_leaves_no_document() -> None:
    def publish_and_fail() -> None:
        with transaction.atomic():
            factories.story("Never")
            raise RuntimeError("after publishing")

    with pytest.raises(RuntimeError, match="after publishing"):
        publish_and_fail()
    assert not Document.objects.filter(title="Never").exists()


def test_the_sweep_mends_what_was_changed_behind_everybodys_back() -> None:
    page, hidden, buried = factories.story("Right"), factories.story(), factories.story()
    Document.objects.filter(public_id=page.public_id).update(title="Wrong", facets=[])
    Page.objects.filter(pk=hidden.pk).update(live=False)
    Document.objects.filter(public_id=buried.public_id).delete()
    assert sweep() == 3
    assert document(page).title == "Right"  # type: ignore[union-attr]
    assert document(hidden) is None
    assert document(buried) is not None
    assert list(differing_pages()) == []


def test_loaded_content_and_documents_agree() -> None:
    assert list(differing_pages()) == []
    assert StoryPage.objects.live().count() == Document.objects.present().filter(kind="story").count()
    assert CampaignPage.objects.live().count() == Document.objects.present().filter(kind="campaign").count()
    assert CampaignIndexPage.objects.count() == 1


def test_numbers_from_another_cluster_are_written_anew() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE search_document DISABLE TRIGGER search_document_written")
        cursor.execute("UPDATE search_document SET written_by = '999999999999'")
        cursor.execute("ALTER TABLE search_document ENABLE TRIGGER search_document_written")
    count = Document.objects.count()
    assert documents_restamp() == count > 0
    assert documents_restamp() == 0
