"""Promise 10, for what is public: gone from page, list, search, feed, sitemap and matches in the same transaction."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from wagtail.models import Page, Revision

from cms.stories.models import StoryPage
from cms.taxonomy.models import Concept
from cms.taxonomy.schemes import Scheme
from coalition.intake.evidence.sharing import copy_make
from coalition.intake.models import Submission
from coalition.intake.withdrawing import submission_withdraw
from search.matching.links import outbox_drain
from search.models import Document, Link
from tests import factories, samples
from tests.coalition.intake.evidence.conftest import send, upload
from tests.coalition.intake.publishing.stories import published
from tests.coalition.intake.teller import Teller
from tests.safety.surfaces import canary, tables_with
from tests.safety.test_01_no_page_shows_it import left_in_files, left_in_memory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_stories")]
SURFACES: dict[str, Callable[[Client, StoryPage, str], str]] = {
    "page": lambda client, page, _word: _get(client, page.url),
    "list": lambda client, _page, _word: _get(client, "/stories/"),
    "search": lambda client, _page, word: _get(client, f"/search/?q={word}").replace(f'value="{word}"', ""),
    "feed": lambda client, _page, _word: _get(client, "/search/feed/?type=story"),
    "sitemap": lambda client, _page, _word: _get(client, "/sitemap.xml"),
    "front page": lambda client, _page, _word: _get(client, "/"),
    "table": lambda client, _page, _word: _get(client, "/search/results.csv?type=story"),
    "topic": lambda client, _page, _word: _get(client, "/topics/technology/test-technology/"),
    "match": lambda client, _page, _word: client.post("/match/", DESCRIBED).content.decode(),
    "another story": lambda client, _page, _word: _get(client, OTHER),
}


DESCRIBED = {"text": "Cleaners are counted by a badge, at every step. Nobody asked.", "language": "en"}
OTHER = "/stories/a-story-like-it/"


def _alike() -> None:
    """Another story, of another industry, that shows the first as similar."""
    other = factories.story(
        "A story like it",
        text="Cleaners are counted by a badge. They count steps. Nobody asked.",
        industries=[factories.concept(Scheme.INDUSTRY, "Another industry", notation="111")],
        technologies=[Concept.objects.get(slug="test-technology")],
    )
    other.slug = "a-story-like-it"
    other.save()
    outbox_drain()


def _get(client: Client, path: str) -> str:
    response = client.get(path)
    return response.content.decode() if response.status_code == 200 else ""


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path, settings: Any) -> None:
    settings.INTAKE_LEDGER = tmp_path / "deletions.ledger"


@pytest.mark.promise("taken-back")
@pytest.mark.parametrize("surface", SURFACES)
def test_it_is_there_and_after_taking_back_it_is_gone(surface: str) -> None:
    word = canary()
    client = Client()
    page, _submission, words = published(headline=f"Story {word}")
    # The page of results repeats what was looked for.
    wanted = page.slug if surface in ("sitemap", "search") else word
    if surface == "another story":
        _alike()
    assert wanted in SURFACES[surface](client, page, word)
    teller = Teller()
    teller.returns(words)
    assert teller.post("/return/withdraw/").status_code == 200
    assert wanted not in SURFACES[surface](client, page, word)


@pytest.mark.promise("taken-back")
def test_neither_files_nor_the_memory_keep_it(tmp_path: Path, settings: Any) -> None:
    settings.INTAKE_FILES, settings.MEDIA_ROOT = tmp_path / "files", str(tmp_path / "media")
    word, teller = canary(), Teller()
    page, submission, words = published(headline=f"Story {word}", body=[f"Text {word}."])
    teller.returns(words)
    assert send(teller, upload(samples.jpeg(), f"{word}.jpg"), path="/return/files/").status_code == 302
    copy_make(submission.evidence.get().pk)
    assert len(list((tmp_path / "files").iterdir())) == 2
    needles = [word.encode(), samples.CANARY]
    everybody = Client()
    for show in SURFACES.values():
        show(everybody, page, word)
    assert teller.post("/return/withdraw/").status_code == 200
    assert list((tmp_path / "files").iterdir()) == []
    assert left_in_files(tmp_path, needles) == []
    assert left_in_memory(needles) == []


@pytest.mark.promise("taken-back")
def test_no_row_is_left() -> None:
    word = canary()
    page, submission, _words = published(headline=f"Story {word}", body=[f"Text {word}."])
    other = factories.story("Other")
    source = Document.objects.get(public_id=page.public_id)
    Link.objects.create(source=source, target=Document.objects.get(public_id=other.public_id), rank=1, score=1)
    assert tables_with(word)
    submission_withdraw(submission=submission)
    assert tables_with(word) == []
    assert (Page.objects.filter(pk=page.pk).count(), Submission.objects.count()) == (0, 0)
    assert Revision.objects.filter(object_id=str(page.pk)).count() == 0
    assert Link.objects.count() == 0
    tombstone = Document.objects.get(public_id=page.public_id)
    assert (tombstone.is_gone, tombstone.title, tombstone.body, tombstone.url) == (True, "", "", "")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM intake_publishing_passed WHERE public_id = %s", [page.public_id])
        assert cursor.fetchone()[0] == 0


def test_where_the_ledger_cannot_be_written_the_page_is_gone_all_the_same(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="ascii")
    settings.INTAKE_LEDGER = tmp_path / "file" / "ledger"
    page, submission, _words = published()
    submission_withdraw(submission=submission)
    assert (Page.objects.filter(pk=page.pk).count(), Submission.objects.get().state) == (0, "withdrawn")


def test_somebody_elses_story_stays() -> None:
    page, _submission, _words = published(headline="One")
    _other, second, _more = published(headline="Two")
    submission_withdraw(submission=second)
    assert StoryPage.objects.get().pk == page.pk
