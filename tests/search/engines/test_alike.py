"""Both engines on a thousand documents: the same documents, the same counts, nearly the same order."""

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from search.benchmarking.queries import Asker
from search.engines.elasticsearch.engine import ElasticsearchEngine
from search.engines.postgres import PostgresEngine
from search.expansion import Synonyms, expand
from search.query import SearchQuery
from tests.search.engines.corpora import DOCUMENTS, Both, corpus_indexed

QUERIES = 200


@pytest.fixture(scope="module")
def both(content: None, elasticsearch_url: str, django_db_blocker: DjangoDbBlocker) -> Iterator[Both]:
    """A thousand documents in a schema of their own, and their index."""
    with django_db_blocker.unblock(), corpus_indexed(elasticsearch_url, what="search", encoder="random") as loaded:
        yield loaded


@pytest.fixture
def queries(both: Both, db: None, settings: Any, elasticsearch_url: str, patient: None) -> list[SearchQuery]:
    settings.ELASTICSEARCH_URL, settings.ELASTICSEARCH_PREFIX = elasticsearch_url, both.prefix
    asker = Asker(both.pool)
    drawn = [q.query for q in asker.questions(600) if q.kind in {"text", "text_with_facets"}][:QUERIES]
    rolled = random.Random(6)
    # Some leave a word out, some are misspelt, some ask for all values.
    return [
        replace(query, text=f"{query.text} -{asker.words[-1 - n % 20][1]}")
        if n % 10 == 0
        else replace(query, text=query.text[:-2] + query.text[-1:])
        if n % 10 == 1
        else replace(query, every=frozenset(name for name in query.facets if rolled.random() < 0.5))
        for n, query in enumerate(drawn)
    ]


def test_the_same_documents_and_counts_and_nearly_the_same_order(queries: list[SearchQuery]) -> None:
    postgres, elastic = PostgresEngine(), ElasticsearchEngine()
    synonyms = Synonyms.load()
    overlaps = []
    for query in queries:
        text = expand(query.text, synonyms)
        whole = replace(query, size=DOCUMENTS)
        one, other = postgres.search(whole, text), elastic.search(whole, text)
        assert {hit.public_id for hit in one.hits} == {hit.public_id for hit in other.hits}, query
        assert one.total == other.total
        assert one.counts == other.counts
        first = [hit.public_id for hit in one.hits[:10]], [hit.public_id for hit in other.hits[:10]]
        if first[0]:
            overlaps.append(len({*first[0]} & {*first[1]}) / len(first[0]))
    assert len(queries) == QUERIES
    assert len(overlaps) > QUERIES / 2
    assert sum(overlaps) / len(overlaps) >= 0.8


def test_by_date_the_order_is_the_same(queries: list[SearchQuery]) -> None:
    postgres, elastic = PostgresEngine(), ElasticsearchEngine()
    for query in queries[:40]:
        by_date = replace(query, sort="newest", size=50)
        text = expand(query.text, Synonyms())
        one, other = postgres.search(by_date, text), elastic.search(by_date, text)
        assert [hit.public_id for hit in one.hits] == [hit.public_id for hit in other.hits]


def test_the_same_totals(queries: list[SearchQuery]) -> None:
    questions = [(query, expand(query.text, Synonyms())) for query in queries[:50]]
    assert PostgresEngine().totals(questions) == ElasticsearchEngine().totals(questions)
