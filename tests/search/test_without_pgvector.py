"""On a database without pgvector, vectors are arrays that are compared one by one, and nothing else is different."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import ProgrammingError, connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from search.embeddings import encoder
from search.engines.postgres import PostgresEngine
from search.matching import vectorizing
from search.matching.links import scope_for
from search.matching.matcher import Matcher
from search.matching.subject import subject_of_document
from search.matching.trees import tree_of
from search.matching.vectorizing import smooth_collection
from search.models import Document, Kind, Link
from search.query import SearchQuery
from search.tasks import drain
from search.vectors import has_pgvector, own_read
from search.vocabulary import Vocabulary
from tests import factories
from tests.databases import database_copied, go_to


@pytest.fixture
def databases(content: None, django_db_blocker: DjangoDbBlocker) -> Iterator[list[str]]:
    """The test database, and a copy without pgvector; a test goes from one to the other."""
    with django_db_blocker.unblock():
        name = connection.settings_dict["NAME"]
        if not has_pgvector():
            pytest.skip("needs a database with pgvector to compare with")
        with database_copied(ending="arrays") as copy:
            with connection.cursor() as cursor:
                cursor.execute("DROP INDEX search_vector_own")
                for column in ("own", "smooth"):
                    cursor.execute(f"ALTER TABLE search_vector ALTER {column} TYPE real[] USING {column}::real[]")
                # Where the extension is another account's it stays; no column is of its type any more.
                with contextlib.suppress(ProgrammingError):
                    cursor.execute("DROP EXTENSION vector")
            yield [name, copy]


def likenesses() -> dict[int, list[tuple[int, float]]]:
    """Return for some stories the nearest of other industries, with what each was found to be worth."""
    matcher = Matcher(tree_of(Vocabulary.load("en")))
    found: dict[int, list[tuple[int, float]]] = {}
    for document in Document.objects.present().filter(kind=Kind.STORY).order_by("pk")[:12]:
        subject = subject_of_document(document)
        scope = scope_for(Kind.STORY, other_industries=True, subject=subject)
        chosen = matcher.chosen(matcher.measure(subject), scope, limit=5)
        found[document.pk] = [(match.document.pk, round(match.score, 3)) for match in chosen]
    return found


def nearest(query: SearchQuery) -> list[tuple[Any, float]]:
    """Return the documents nearest to the first one's text."""
    _ids, _languages, own = own_read()
    return [(pk, round(score, 4)) for pk, score in PostgresEngine().nearest(own[0], query, limit=8)]


def test_stories_are_matched_and_the_nearest_found_as_with_it(databases: list[str]) -> None:
    if encoder() is None:
        pytest.skip("needs the encoder")
    query = SearchQuery()
    asked, matched, everywhere, campaigns = [], [], [], []
    for name in databases:
        go_to(name)
        asked.append(has_pgvector())
        matched.append(likenesses())
        everywhere.append(nearest(query))
        campaigns.append(nearest(query.with_value("type", "campaign")))
    assert asked == [True, False]
    assert matched[0] == matched[1]
    assert all(matched[1].values())
    assert everywhere[0] == everywhere[1]
    assert len(everywhere[1]) == 8
    assert campaigns[0] == campaigns[1]


def test_a_story_that_is_published_is_embedded_and_linked(databases: list[str]) -> None:
    if encoder() is None:
        pytest.skip("needs the encoder")
    go_to(databases[1])
    page = factories.story(
        "Scanners count seconds", standfirst="A scanner counts the seconds between two parcels and warns who is slow."
    )
    drain()
    document = Document.objects.get(public_id=page.public_id)
    assert Link.objects.filter(source=document).exists()
    ids, _languages, own = own_read()
    assert own[ids.index(document.pk)].shape == (384,)


def test_a_very_large_collection_is_not_smoothed_by_an_index_that_is_not_there(
    databases: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if encoder() is None:
        pytest.skip("needs the encoder")
    go_to(databases[1])
    monkeypatch.setattr(vectorizing, "ALL_COMPARED", 0)
    # A look-up for each would be a query each, and compare with all as well.
    with CaptureQueriesContext(connection) as asked:
        smooth_collection()
    assert not [query["sql"] for query in asked if "ORDER BY (SELECT sum" in query["sql"]]
