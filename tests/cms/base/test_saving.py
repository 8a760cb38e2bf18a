"""Saving a page: what is told of it, and what the worker is given to do."""

from collections import Counter
from typing import Any

import pytest
from django_tasks_db.models import DBTaskResult
from wagtail.models import ReferenceIndex

from cms.base.references import references_left_alone
from cms.base.signals import page_stored
from cms.stories.models import StoryPage
from cms.taxonomy.schemes import Scheme
from search.models import Document
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept_tasks(settings: Any) -> None:
    """Tasks wait for a worker, as they do on a site."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}


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
    asked = tasks()
    assert asked["update_reference_index_task"] == 1
    assert asked["links_update"] == 1
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
    assert not tasks().keys() & {"links_update", "update_reference_index_task"}
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
    with references_left_alone():
        page.save()
    assert tasks()["update_reference_index_task"] == 0
    page.save()
    assert tasks()["update_reference_index_task"] == 1
