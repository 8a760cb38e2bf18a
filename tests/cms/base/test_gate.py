"""The publication gate: nothing goes live where a check says no, whichever door it comes through."""

import pytest
from wagtail.models import Page

from cms.base import gate
from cms.base.gate import PublicationRefusedError
from cms.stories.models import StoryIndexPage, StoryPage
from cms.taxonomy.schemes import Scheme
from tests import factories

pytestmark = pytest.mark.django_db


def untagged(**fields: object) -> StoryPage:
    page = factories.story(live=False, **fields)  # type: ignore[arg-type]
    page.set_concepts(Scheme.INDUSTRY, [])
    page.set_concepts(Scheme.TECHNOLOGY, [])
    page.save()
    return page


def test_a_draft_without_tags_can_be_kept(site: None) -> None:
    assert StoryPage.objects.get(pk=untagged().pk).live is False


def test_publishing_without_industry_and_technology_says_how_to_mend_it(site: None) -> None:
    with pytest.raises(PublicationRefusedError) as refused:
        untagged().save_revision().publish()
    assert refused.value.messages == [
        "Choose at least one industry under “What it is about” before you publish; "
        "“All industries” is there when it truly is about all of them.",
        "Choose at least one technology type under “What it is about” before you publish.",
    ]


def test_adding_a_live_page_without_tags_is_refused_and_leaves_nothing(site: None) -> None:
    from django.db import transaction

    page = StoryPage(title="Untagged", slug="untagged", stage="in-use", standing="worker", live=True)
    with pytest.raises(PublicationRefusedError), transaction.atomic():
        StoryIndexPage.objects.get().add_child(instance=page)
    assert not Page.objects.filter(slug="untagged").exists()


def test_a_tagged_page_passes(site: None) -> None:
    assert factories.story(live=True).live is True


def test_a_story_without_a_source_warns_and_one_with_a_source_does_not(site: None) -> None:
    assert gate.warnings(factories.story()) == [
        "This page names no source. Add one under “Where it comes from” if there is one to name."
    ]
    assert gate.warnings(StoryPage.objects.get(slug="gig-wages-set-by-algorithm")) == []


def test_a_draft_without_tags_of_a_live_page_can_be_kept_and_not_published(site: None) -> None:
    page = factories.story(live=True)
    page.set_concepts(Scheme.INDUSTRY, [])
    revision = page.save_revision()
    with pytest.raises(PublicationRefusedError):
        revision.publish()
