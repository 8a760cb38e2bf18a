"""The benchmark measures the site's own roads on a corpus of its own, and leaves nothing of it on the site."""

import io
import json
import math
import secrets
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from pytest_django import DjangoDbBlocker

from coalition.alerts.models import News
from search.benchmarking import tables
from search.benchmarking.bulk import corpus_load
from search.benchmarking.corpus import Maker
from search.benchmarking.sentences import Pool
from search.documents import index_words
from search.models import Document, Embedding, Link, Passage, Word
from search.vocabulary import Vocabulary
from tests.search.engines.conftest import elasticsearch_url

__all__ = ["elasticsearch_url"]
pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Run:
    """What a run of the benchmark said, and what the site held before it."""

    kinds: dict[str, Any]
    before: list[Any]


def of_the_site() -> list[Any]:
    kept = [list(model.objects.order_by("pk").values_list("pk", flat=True)) for model in (Document, Link, Passage)]
    return [*kept, *(model.objects.count() for model in (Embedding, Word, News))]


@pytest.fixture(scope="module")
def run(content: None, django_db_blocker: DjangoDbBlocker) -> Run:
    """Outside of any transaction, as an operator runs it."""
    said = io.StringIO()
    with django_db_blocker.unblock():
        before = of_the_site()
        call_command("benchmark", "matching", documents=150, queries=25, publications=2, json=True, stdout=said)
    return Run(json.loads(said.getvalue())["kinds"], before)


def test_matching_says_how_long_a_publication_takes_to_be_linked(run: Run) -> None:
    published = run.kinds["publication"]
    assert published["linked"]["n"] == 2
    assert 0 < published["linked"]["p50"] <= published["linked"]["p95"] < math.inf
    # Among so few, whoever is published enters somebody's links.
    assert published["entered"]["documents"] > 0


def test_nothing_of_it_is_on_the_site(run: Run) -> None:
    assert of_the_site() == run.before
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace('benchmark_matching_150')")
        assert cursor.fetchone() == (None,)


@pytest.fixture(scope="module")
def run_beside(content: None, elasticsearch_url: str, django_db_blocker: DjangoDbBlocker) -> Run:
    """The same with an Elasticsearch that finds the candidates."""
    said = io.StringIO()
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "ELASTICSEARCH_URL", elasticsearch_url)
        patch.setattr(settings, "ELASTICSEARCH_PREFIX", f"test-{secrets.token_hex(4)}")
        patch.setattr("search.engines.elasticsearch.client.SEARCH_SECONDS", 60.0)
        before = of_the_site()
        wishes: dict[str, Any] = {"engine": "elasticsearch", "documents": 150, "queries": 25, "publications": 2}
        call_command("benchmark", "matching", json=True, stdout=said, **wishes)
    report = json.loads(said.getvalue())
    assert report["indexing"]["documents_per_second"] > 0
    assert report["disk_megabytes"].keys() == {"postgres", "elasticsearch"}
    return Run(report["kinds"], before)


def test_matching_is_measured_with_elasticsearch_as_well(run_beside: Run) -> None:
    matched = run_beside.kinds["match"]
    assert {matched[part]["n"] for part in ("subject", "ranked", "explained")} == {25}
    assert 0 < matched["answer"]["p50"] <= matched["answer"]["p95"] < math.inf
    published = run_beside.kinds["publication"]
    assert published["linked"]["n"] == 2
    assert 0 < published["linked"]["p50"] <= published["linked"]["p95"] < math.inf
    # Whom Elasticsearch finds near it takes it in: it was told of what is published.
    assert published["entered"]["documents"] > 0
    assert of_the_site() == run_beside.before
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace('benchmark_matching_elasticsearch_150')")
        assert cursor.fetchone() == (None,)


@dataclass(frozen=True)
class Loaded:
    """What was loaded in bulk, and what stood there when the site's own road had written the same words again."""

    making: float
    titles: list[str]
    expected: list[str]
    loaded: list[Any]
    again: list[Any]
    dictionary: set[tuple[str, str]]


@pytest.fixture(scope="module")
def loaded(content: None, django_db_blocker: DjangoDbBlocker) -> Loaded:
    """Outside of any transaction: what loads are other processes."""
    # Sentences with accents, numbers and words that stand more than once.
    pool = Pool([f"Scanner {n} beeps and señor {n % 7} scans, scans and rescans the café." for n in range(60)], None)
    schema = "benchmark_of_a_test"
    with django_db_blocker.unblock():
        vocabulary = Vocabulary.load("en")
        try:
            tables.schema_make(schema)
            with tables.looking_into(schema):
                making = corpus_load(pool, vocabulary, documents=70, schema=schema)
                tables.schema_finish(schema, vectors=False)
                titles = list(Document.objects.order_by("version").values_list("title", flat=True))
                loaded, dictionary = written(), set(Word.objects.values_list("word", "lexeme"))
                index_words(list(Document.objects.values_list("pk", flat=True)))
                again = written()
        finally:
            tables.schema_drop(schema)
    expected = [one.document.title for one in Maker(pool, vocabulary).documents(range(1, 71))]
    return Loaded(making, titles, expected, loaded, again, dictionary)


def test_what_is_loaded_in_bulk_is_what_the_site_itself_writes(loaded: Loaded) -> None:
    assert loaded.making > 0
    assert loaded.titles == loaded.expected
    assert len(loaded.loaded) == 70
    assert loaded.loaded == loaded.again
    assert ("beeps", "beep") in loaded.dictionary


def written() -> list[Any]:
    """Return of every document its words, its length and its postings."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.id, d.words::text, d.length, (SELECT array_agg((p.lexeme, p.frequency)::text ORDER BY p.lexeme) "
            "FROM search_posting p WHERE p.document_id = d.id) FROM search_document d ORDER BY d.id"
        )
        return list(cursor.fetchall())
