"""Saving a page: what is told of it, and what the worker is given to do."""

from collections import Counter
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django_tasks_db.models import DBTaskResult
from wagtail.models import ReferenceIndex
from wagtail.search.models import IndexEntry

from cms.base.indexing import indexes_left_alone, page_index
from cms.base.signals import page_stored
from cms.stories.models import StoryIndexPage, StoryPage
from cms.taxonomy.schemes import Scheme
from search.models import Document
from tests import factories

pytestmark = pytest.mark.django_db


def tasks() -> Counter[str]:
    return Counter(path.rpartition(".")[2] for path in DBTaskResult.objects.values_list("task_path", flat=True))


def test_publishing_asks_for_each_thing_once(
    site: None, kept_tasks: None, django_capture_on_commit_callbacks: Any
) -> None:
    page = factories.story(live=True)
    DBTaskResult.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        page.title = "Scanners at the gate"
        page.save_revision().publish()
    assert tasks() == {"page_index": 1, "links_update": 1}
    assert Document.objects.get(public_id=page.public_id).title == "Scanners at the gate"


def test_a_draft_tells_nobody_anything(site: None, kept_tasks: None, django_capture_on_commit_callbacks: Any) -> None:
    page = factories.story(live=True)
    before = Document.objects.values("version", "title").get(public_id=page.public_id)
    DBTaskResult.objects.all().delete()
    told: list[Any] = []

    def listen(**_more: Any) -> None:
        told.append(1)

    page_stored.connect(listen, weak=False)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            page.title = "Not yet"
            page.save_revision()
    finally:
        page_stored.disconnect(listen)
    assert told == []
    assert Document.objects.values("version", "title").get(public_id=page.public_id) == before
    assert tasks() == {}
    stored = StoryPage.objects.get(pk=page.pk)
    assert stored.has_unpublished_changes
    assert stored.draft_title == "Not yet"


def test_what_a_page_is_tagged_with_is_known_as_its_use(site: None) -> None:
    page = factories.story(live=True)
    industry = factories.concept(Scheme.INDUSTRY, "Test docks", notation="998")
    page.set_concepts(Scheme.INDUSTRY, [industry])
    page.save()
    assert page.pk in {int(reference.object_id) for reference in ReferenceIndex.get_references_to(industry)}
    page.set_concepts(Scheme.INDUSTRY, [factories.concept(Scheme.INDUSTRY, "Test mills", notation="997")])
    page.save()
    assert not ReferenceIndex.get_references_to(industry).exists()


def test_whoever_saves_many_pages_can_see_to_their_references_afterwards(site: None, kept_tasks: None) -> None:
    page = factories.story(live=True)
    DBTaskResult.objects.all().delete()
    with indexes_left_alone():
        page.save()
    assert tasks()["page_index"] == 0
    page.save()
    assert tasks()["page_index"] == 1


def is_indexed(pk: int) -> bool:
    kind = ContentType.objects.get_for_model(StoryPage)
    return any(
        model.objects.filter(content_type=kind, object_id=str(pk)).exists() for model in (IndexEntry, ReferenceIndex)
    )


def found(words: str) -> list[int]:
    return [page.pk for page in StoryPage.objects.all().search(words)]


def test_the_admins_search_finds_what_is_public_and_a_new_draft_until_it_is_deleted(site: None) -> None:
    page = factories.story("Zymurgists at the gate", live=True)
    assert found("zymurgists") == [page.pk]
    page.title = "Brewers at the gate"
    page.save_revision().publish()
    assert found("zymurgists") == []
    assert found("brewers") == [page.pk]
    draft = StoryIndexPage.objects.get().add_child(
        instance=StoryPage(title="Qwertzists", slug="qwertzists", live=False)
    )
    assert found("qwertzists") == [draft.pk]
    for gone in (page, draft):
        pk = gone.pk
        assert is_indexed(pk)
        gone.delete()
        assert not is_indexed(pk)
    assert found("brewers") == found("qwertzists") == []


def test_content_that_was_loaded_is_found_in_the_admin(site: None) -> None:
    page = StoryPage.objects.get(slug="nurse-fears-for-judgment")
    assert page.pk in found(page.title)


def test_a_page_that_is_gone_before_the_worker_comes_to_it_is_no_failure(site: None, kept_tasks: None) -> None:
    page = factories.story(live=True)
    DBTaskResult.objects.all().delete()
    page.save()
    pk = page.pk
    page.delete()
    page_index.call("stories", "storypage", pk)
    assert not is_indexed(pk)
