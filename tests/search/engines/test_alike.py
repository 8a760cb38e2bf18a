"""Both engines on a thousand documents: the same documents, the same counts, nearly the same order."""

import random
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from django.conf import settings as site_settings
from pytest_django import DjangoDbBlocker

from search.benchmarking import tables
from search.benchmarking.bulk import corpus_load
from search.benchmarking.queries import Asker
from search.benchmarking.sentences import Pool
from search.engines.elasticsearch.building import index_build
from search.engines.elasticsearch.engine import ElasticsearchEngine
from search.engines.elasticsearch.indexes import index_drop
from search.engines.postgres import PostgresEngine
from search.expansion import Synonyms, expand
from search.models import Document, EngineIndex
from search.query import SearchQuery
from search.text import sentences
from search.vocabulary import Vocabulary

DOCUMENTS, QUERIES = 1000, 200


@dataclass(frozen=True)
class Both:
    """What was loaded: the sentences it is made of, and the prefix of its index."""

    pool: Pool
    prefix: str


@pytest.fixture(scope="module")
def both(content: None, elasticsearch_url: str, django_db_blocker: DjangoDbBlocker) -> Iterator[Both]:
    """A thousand documents in a schema of their own, and their index."""
    schema, prefix = tables.schema_name(DOCUMENTS), f"test-{secrets.token_hex(4)}"
    with django_db_blocker.unblock():
        texts = Document.objects.present().values_list("body", flat=True)
        found = sorted({sentence for text in texts for sentence in sentences(text) if len(sentence) >= 30})
        drawn = np.random.default_rng(5).normal(size=(len(found), 384)).astype(np.float32)
        pool = Pool(found, drawn / np.linalg.norm(drawn, axis=1, keepdims=True))
        tables.schema_make(schema)
        with tables.looking_into(schema), pytest.MonkeyPatch.context() as patch:
            corpus_load(pool, Vocabulary.load("en"), documents=DOCUMENTS, schema=schema, encoder="random")
            patch.setattr(site_settings, "ELASTICSEARCH_URL", elasticsearch_url)
            patch.setattr(site_settings, "ELASTICSEARCH_PREFIX", prefix)
            index_build()
            yield Both(pool, prefix)
            for name in list(EngineIndex.objects.values_list("name", flat=True)):
                index_drop(name)
        tables.schema_drop(schema)


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
