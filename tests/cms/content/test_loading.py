"""Loading content: idempotent, updating what the files changed, never overwriting what an editor changed."""

from pathlib import Path

import pytest
import yaml
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from cms.content import reading
from cms.content.loading import content_load, demonstration_remove
from cms.content.models import LoadedItem, LoadedSet
from cms.content.reading import ContentError
from cms.organizations.models import OrganizationPage
from cms.stories.models import StoryPage
from cms.taxonomy.models import Concept
from search.models import Document
from tests import factories

SOURCES = [{"key": "a-report", "title": "A report", "date": "2025-01-14"}]
STORY = {
    "key": "told-here",
    "title": "A scanner counts every pause",
    "standfirst": "The scanner counts pauses. Whoever pauses is called in.",
    "stage": "in-use",
    "standing": "worker",
    "when": "2025-01",
    "industries": ["test-warehousing"],
    "technologies": ["test-scanners"],
    "sources": [{"source": "a-report", "where": "page 1"}],
}


@pytest.fixture
def files(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small content set in a folder of its own, which the loader reads instead of the real one."""
    monkeypatch.setattr(reading, "FOLDER", tmp_path)
    write(tmp_path, "sources", SOURCES)
    write(tmp_path, "concepts/industry", [{"key": "test-warehousing", "name": "Test warehousing", "notation": "493"}])
    write(tmp_path, "concepts/technology", [{"key": "test-scanners", "name": "Test scanners", "es": "Escáneres"}])
    write(tmp_path, "stories", [STORY])
    return tmp_path


def write(folder: Path, file: str, entries: list[dict], content_set: str = "first") -> None:
    path = folder / content_set / f"{file}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(entries), encoding="utf-8")


def story() -> StoryPage:
    return StoryPage.objects.get(slug="told-here")


def test_a_story_is_published_with_its_tags_and_source(files: Path) -> None:
    report = content_load(content_set="first")
    assert str(report) == "4 new, 0 updated, 0 unchanged"
    page = story()
    assert (page.live, page.when_year, page.when_month) == (True, 2025, 1)
    assert [str(citation) for citation in page.citations.all()] == ["A report"]
    assert Document.objects.get(public_id=page.public_id).concepts == [
        "industry:test-warehousing",
        "technology:test-scanners",
    ]


def test_loading_twice_changes_nothing(files: Path) -> None:
    content_load(content_set="first")
    before = story().latest_revision_id
    assert content_load(content_set="first").created == {}
    # Also when every entry is looked at again, because some code that reads them has changed.
    LoadedSet.objects.update(files_hash="of other code")
    assert str(content_load(content_set="first")) == "0 new, 0 updated, 4 unchanged"
    assert story().latest_revision_id == before


def test_what_the_file_changed_is_updated_in_place(files: Path) -> None:
    content_load(content_set="first")
    page = story()
    write(files, "stories", [{**STORY, "title": "A scanner counts each pause"}])
    assert str(content_load(content_set="first")) == "0 new, 1 updated, 3 unchanged"
    assert (story().pk, story().public_id, story().title) == (page.pk, page.public_id, "A scanner counts each pause")


@pytest.mark.parametrize("change", ["title", "tags", "unpublished"])
def test_what_an_editor_changed_is_never_overwritten(files: Path, change: str) -> None:
    content_load(content_set="first")
    page = story()
    if change == "title":
        page.title = "An editor's better headline"
        page.save_revision().publish()
    elif change == "tags":
        page.product_links.all().delete()
        page.standing = "confirmed"
        page.save_revision().publish()
    else:
        page.unpublish()
    edited = story().title, story().standing, story().live
    write(files, "stories", [{**STORY, "title": "The file's new headline"}])
    report = content_load(content_set="first")
    assert report.kept == ["stories/told-here"]
    assert (story().title, story().standing, story().live) == edited


def test_what_an_editor_deleted_stays_away(files: Path) -> None:
    content_load(content_set="first")
    story().delete()
    content_load(content_set="first")
    assert not StoryPage.objects.filter(slug="told-here").exists()


def test_a_reference_to_nothing_names_file_and_key_and_loads_nothing(files: Path) -> None:
    write(files, "stories", [{**STORY, "technologies": ["no-such-thing"]}])
    with pytest.raises(ContentError, match=r"There is no entry 'no-such-thing' in concepts/technology.yaml\."):
        content_load(content_set="first")
    assert not LoadedItem.objects.filter(key="stories/told-here").exists()


def test_an_entry_twice_is_refused(files: Path) -> None:
    write(files, "stories", [STORY, STORY])
    with pytest.raises(ContentError, match="the key 'told-here' stands there twice"):
        content_load(content_set="first")


def test_an_administrator_loads_and_removes_the_demonstration_by_a_click(files: Path) -> None:
    client = factories.client_of(factories.user(superuser=True))
    write(files, "stories", [{**STORY, "key": "made-up"}], "demonstration")
    client.post(reverse("content_demonstration"))
    assert StoryPage.objects.get(slug="made-up").is_demonstration is True
    assert "Remove the demonstration set" in client.get(reverse("wagtailadmin_home")).content.decode()
    client.post(reverse("content_demonstration"), {"remove": "1"})
    assert not StoryPage.objects.filter(slug="made-up").exists()


def test_nobody_else_loads_it(files: Path) -> None:
    user = factories.user("writer@example.org", second_lock=True)
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client = Client()
    client.force_login(user)
    write(files, "stories", [{**STORY, "key": "made-up"}], "demonstration")
    client.post(reverse("content_demonstration"))
    assert not StoryPage.objects.filter(slug="made-up").exists()


def test_the_demonstration_is_labelled_and_goes_without_a_trace(files: Path) -> None:
    content_load(content_set="first")
    before = Concept.objects.count(), StoryPage.objects.count(), OrganizationPage.objects.count()
    write(files, "stories", [{**STORY, "key": "made-up"}], "demonstration")
    write(
        files,
        "organizations",
        [
            {
                "key": "made-up-union",
                "title": "Made-up Union",
                "kind": "union",
                "industries": ["test-warehousing"],
                "technologies": ["test-scanners"],
            }
        ],
        "demonstration",
    )
    content_load(content_set="demonstration")
    made_up = StoryPage.objects.get(slug="made-up")
    assert (made_up.is_demonstration, story().is_demonstration) == (True, False)
    assert Document.objects.get(public_id=made_up.public_id).is_demonstration is True
    assert demonstration_remove() == 2
    assert (Concept.objects.count(), StoryPage.objects.count(), OrganizationPage.objects.count()) == before
    assert not Document.objects.present().filter(is_demonstration=True).exists()
