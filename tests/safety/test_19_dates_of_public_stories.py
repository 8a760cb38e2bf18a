"""Promise 19, for what is public: no time of a story that was told in confidence is finer than the month."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from wagtail.models import PageLogEntry

from cms.stories.models import StoryPage
from coalition.intake.publishing.models import Consent
from coalition.intake.publishing.release import due_release, story_release
from search.models import Document
from tests import factories
from tests.coalition.intake.publishing.stories import agreed
from tests.safety.clock import at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_stories")]
RELEASED = datetime(2026, 3, 11, 20, 17, 41, tzinfo=UTC)
# In any way in which a day or a time of it may be written.
FINER = re.compile(
    rb"2026-03-(?!01)\d\d|2026-03-01T(?!00:00:00)|20:17|12:17|March 11|11 March|Mar 11|11 Mar|11 de marzo|03/11/2026"
)
LISTS = ["/", "/stories/", "/search/?type=story&sort=newest", "/search/feed/?type=story"]
DESCRIBED = {"text": "Cleaners are counted by a badge, at every step. Nobody asked.", "language": "en"}
TOPIC = "/topics/technology/test-technology/"
PATHS = ["{url}", *LISTS, "/sitemap.xml", "/search/results.csv?type=story", TOPIC, "/match/"]


@pytest.fixture
def page(without_stories: None) -> StoryPage:
    with at(datetime(2026, 3, 3, 9, tzinfo=UTC)):
        consent, _words = agreed(headline="Told in March")
    with at(RELEASED):
        return story_release(consent=consent)


def _surface(path: str) -> bytes:
    response = Client().post(path, DESCRIBED) if path == "/match/" else Client().get(path)
    headers = "".join(f"{name}: {value}\n" for name, value in response.headers.items() if name != "Date")
    assert response.status_code == 200, path
    return headers.encode() + response.content


@pytest.mark.promise("month-alone")
@pytest.mark.parametrize("path", PATHS)
def test_no_surface_tells_a_day(page: StoryPage, path: str) -> None:
    with at(RELEASED):
        shown = _surface(path.format(url=page.url))
    assert FINER.findall(shown) == []
    assert b"Told in March" in shown.replace(b"told-in-march", b"Told in March")


@pytest.mark.parametrize("path", PATHS)
def test_no_surface_shows_an_id_that_counts_up(page: StoryPage, path: str) -> None:
    # Whoever comes later has a higher one: as a number of its own it would tell the order.
    with at(RELEASED):
        shown = _surface(path.format(url=page.url))
    assert re.findall(rb"(?:[\"'/=:]|page-|id-)%d(?![\w.])" % page.pk, shown) == []
    assert (page.public_id.version, page.translation_key.version) == (4, 4)


def test_the_search_for_days_finds_them() -> None:
    for text in (b"2026-03-11", b"2026-03-01T09:00", b"11 de marzo", b"Last-Modified: Wed, 11 Mar 2026"):
        assert FINER.findall(text) != []
    assert FINER.findall(b"2026-03-01T00:00:00Z, 1 Mar 2026 00:00:00, March 2026") == []


@pytest.mark.promise("month-alone")
def test_nothing_finer_is_stored_with_the_page(page: StoryPage) -> None:
    stored = StoryPage.objects.get(pk=page.pk)
    month = datetime(2026, 3, 1, tzinfo=UTC)
    assert (stored.first_published_at, stored.last_published_at) == (month, month)
    assert (stored.latest_revision_created_at, stored.go_live_at, stored.expire_at) == (None, None, None)
    with at(RELEASED):
        stored.save_revision().publish()
    again = StoryPage.objects.get(pk=page.pk)
    assert (again.first_published_at, again.last_published_at) == (month, month)
    assert again.latest_revision_created_at is None


def test_the_history_of_the_page_says_the_month_and_keeps_no_text(page: StoryPage) -> None:
    with at(RELEASED):
        stored = StoryPage.objects.get(pk=page.pk)
        stored.save_revision(log_action=True)
        stored.unpublish(log_action=True)
    history = PageLogEntry.objects.filter(page=page.pk)
    assert {entry.action for entry in history} >= {"wagtail.edit", "wagtail.unpublish"}
    assert {(entry.timestamp, entry.revision_id) for entry in history} == {(datetime(2026, 3, 1, tzinfo=UTC), None)}


def test_another_page_keeps_its_exact_times() -> None:
    story = factories.story()
    with at(RELEASED):
        story.save_revision().publish()
    assert StoryPage.objects.get(pk=story.pk).last_published_at == RELEASED


@pytest.fixture
def weeks(page: StoryPage) -> None:
    """Stories told in the month of the first, and released in the two weeks after it."""
    for day, numbers in ((18, (3, 1)), (25, (2, 0))):
        for number in numbers:
            with at(datetime(2026, 3, 3, 9, tzinfo=UTC)):
                agreed(headline=f"Number {number}")
        Consent.objects.filter(due_on__gt="2026-03-04").update(due_on="2026-03-04")
        with at(datetime(2026, 3, day, 20, 17, 41, tzinfo=UTC)):
            assert due_release() == 2


def _order(path: str) -> list[str]:
    """Return the stories that a surface names, in its order, whether by headline or by address."""
    with at(datetime(2026, 3, 26, 9, tzinfo=UTC)):
        named = re.findall(rb"(?i)Number[ -]\d|Told[ -]in[ -]March", _surface(path))
    return list(dict.fromkeys(name.decode().lower().replace("-", " ") for name in named))


@pytest.mark.usefixtures("weeks")
@pytest.mark.parametrize("path", LISTS)
def test_lists_are_in_an_order_that_tells_nothing(path: str) -> None:
    dated = Document.objects.present().filter(kind="story")
    assert len({document.date for document in dated}) == 1
    assert _order(path) == [d.title.lower() for d in sorted(dated, key=lambda d: str(d.public_id))]


@pytest.mark.usefixtures("weeks")
@pytest.mark.parametrize("path", ["/search/results.csv?type=story", "/sitemap.xml"])
def test_tables_and_the_sitemap_are_in_the_order_of_names(path: str) -> None:
    assert _order(path) == ["number 0", "number 1", "number 2", "number 3", "told in march"]
