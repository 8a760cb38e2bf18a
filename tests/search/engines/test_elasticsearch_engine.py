"""What is Elasticsearch's own: scores, places in a list, exact counts, and what happens when it does not answer."""

import datetime
import math
import time
import uuid
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from pytest_django import Settings

from search.bm25 import K1, B, rarity
from search.documents import document_bury
from search.engines.base import EngineAnswer, EngineUnavailable, Place
from search.engines.elasticsearch import engine as module
from search.engines.elasticsearch import mapping
from search.engines.elasticsearch.building import index_build
from search.engines.elasticsearch.client import client
from search.engines.elasticsearch.engine import ElasticsearchEngine
from search.expansion import ExpandedText, Group, Phrase, Synonyms, expand
from search.outbox import outbox_empty
from search.query import SearchQuery
from tests.search.engines.conftest import Server, document_made, found

pytestmark = pytest.mark.usefixtures("nothing_else", "elasticsearch")


def ask(query: SearchQuery) -> EngineAnswer:
    return ElasticsearchEngine().search(query, expand(query.text, Synonyms()))


def test_scores_are_those_of_bm25_over_weighted_words() -> None:
    texts = [
        ("Zeppelin", ""),
        ("Plain", "zeppelin zeppelin hangar"),
        ("Plain", "hangar roof"),
        ("Zeppelin", "zeppelin"),
    ]
    documents = [document_made(title, body=body) for title, body in texts]
    for document in documents:
        document.refresh_from_db()
    index_build()
    mean = sum(document.length for document in documents) / len(documents)
    frequencies = {documents[0].public_id: 4.0, documents[1].public_id: 2.0, documents[3].public_id: 5.0}
    says = rarity(documents=4, containing=3)
    lengths = {document.public_id: document.length for document in documents}
    expected = {
        key: says * count * (K1 + 1) / (count + K1 * (1 - B + B * lengths[key] / mean))
        for key, count in frequencies.items()
    }
    hits = ask(SearchQuery(text="zeppelin")).hits
    assert {hit.public_id: pytest.approx(hit.place.score, rel=1e-4) for hit in hits} == expected


def test_of_a_groups_words_the_best_counts_and_groups_add_up() -> None:
    both = document_made("Alpha beta")
    one = document_made("Alpha gamma")
    index_build()
    group = Group("alpha", ("alpha", "beta"), phrases=(Phrase((("alpha", 0),)), Phrase((("beta", 0),), 0.7)))
    other = Group("gamma", ("gamma",), phrases=(Phrase((("gamma", 0),)),))
    engine = ElasticsearchEngine()

    def scores(*groups: Group) -> dict[uuid.UUID, float]:
        answer = engine.search(SearchQuery(), ExpandedText(groups))
        return {hit.public_id: hit.place.score for hit in answer.hits}

    alone = scores(replace(group, phrases=group.phrases[:1]))
    lesser = scores(replace(group, phrases=group.phrases[1:]))
    assert scores(group)[both.public_id] == pytest.approx(max(alone[both.public_id], lesser[both.public_id]))
    added = scores(replace(group, phrases=group.phrases[:1]), other)
    assert added == {one.public_id: pytest.approx(alone[one.public_id] + scores(other)[one.public_id])}


@pytest.mark.parametrize("sort", ["relevance", "newest"])
@pytest.mark.parametrize("text", ["", "badge"])
def test_from_place_to_place_everything_comes_once_and_in_the_order_of_pages(sort: str, text: str) -> None:
    for number in range(23):
        day = datetime.date(1969, 12, 30) + datetime.timedelta(days=number // 4)
        document_made("Badge", body="badge " * (number % 3), date=None if number % 5 == 0 else day)
    index_build()
    query = SearchQuery(text=text, sort=sort, size=4)  # type: ignore[arg-type]
    by_page = [hit for page in range(1, 8) for hit in ask(query.with_page(page)).hits]
    by_place, answer = [], ask(query)
    while answer.hits:
        by_place += answer.hits
        place = answer.hits[-1].place
        assert place.score == float(np.float32(place.score))
        answer = ask(query.with_page(2, after=place.token("elasticsearch")))
    assert by_place == by_page
    assert len({hit.public_id for hit in by_place}) == 23
    if not text or sort == "newest":
        assert {hit.place.score for hit in by_place} == {0.0}


def test_deeper_than_one_can_count_there_is_nothing_but_a_place_leads_on() -> None:
    document_made("Badge")
    index_build()
    answer = ask(SearchQuery(text="badge", page=501))
    assert (answer.hits, answer.total) == ([], 1)
    assert len(ask(SearchQuery(text="badge", page=1, size=20_000)).hits) == 1
    place = Place(99.0, None, uuid.UUID(int=0)).token("elasticsearch")
    assert len(ask(SearchQuery(text="badge", page=5_000, after=place)).hits) == 1


@pytest.mark.parametrize(
    "after",
    [Place(math.inf, None, uuid.UUID(int=0)).token("elasticsearch"), Place(9, None, uuid.UUID(int=0)).token("x")],
)
def test_a_place_that_is_none_is_left_out(after: str) -> None:
    document_made("Badge")
    index_build()
    assert len(ask(SearchQuery(text="badge", page=1, after=after)).hits) == 1


def test_a_span_of_time_holds_both_its_days_and_nothing_without_a_date() -> None:
    days = [datetime.date(2020, 1, day) for day in (1, 2, 3)]
    made = [document_made(date=day).public_id for day in days]
    document_made()
    index_build()
    assert found("since=2020-01-02") == set(made[1:])
    assert found("until=2020-01-02") == set(made[:2])
    assert found("since=2020-01-02&until=2020-01-02") == {made[1]}
    assert found("since=0001-01-01&until=9999-12-31") == set(made)


def test_what_is_gone_is_found_by_no_question() -> None:
    gone = document_made("Badge", facets=["stage:feared"], vector=[1.0])
    there = document_made("Badge", facets=["stage:feared"], vector=[1.0])
    index_build()
    document_bury(public_id=gone.public_id)
    outbox_empty()
    for address in ("", "q=badge", "q=-zeppelin", "stage=feared", "sort=newest"):
        assert found(address) == {there.public_id}
    engine = ElasticsearchEngine()
    assert engine.totals([(SearchQuery(), ExpandedText())]) == [1]
    vector = np.eye(384, dtype=np.float32)[0]
    assert [key for key, _cosine in engine.nearest(vector, SearchQuery(), limit=9)] == [there.public_id]


@pytest.mark.parametrize(("graph_from", "kind"), [(mapping.GRAPH_FROM, "int8_flat"), (0, "int8_hnsw")])
def test_the_nearest_come_with_their_cosines_among_what_filters_let_through(
    graph_from: int, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapping, "GRAPH_FROM", graph_from)
    drawn = np.random.default_rng(5)
    vectors = drawn.normal(size=(60, 384)).astype(np.float32)
    documents = [
        document_made(facets=[f"stage:{number % 2}"], vector=vector.tolist()) for number, vector in enumerate(vectors)
    ]
    document_made("without a vector")
    name = index_build()
    made = client(seconds=30).indices.get_mapping(index=name)[name]["mappings"]["properties"]
    assert made["vector"]["index_options"]["type"] == kind
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    asked = unit[7]
    cosines = {document.public_id: float(unit[number] @ asked) for number, document in enumerate(documents)}
    for chosen in ({}, {"stage": ("1",)}):
        let_through = [d.public_id for number, d in enumerate(documents) if not chosen or number % 2 == 1]
        expected = sorted(let_through, key=lambda key: -cosines[key])[:10]
        nearest = ElasticsearchEngine().nearest(asked, SearchQuery(facets=chosen), limit=10)
        assert [key for key, _cosine in nearest] == expected
        assert [cosine for _key, cosine in nearest] == pytest.approx([cosines[key] for key in expected], abs=1e-5)
    assert ElasticsearchEngine().nearest(asked, SearchQuery(), limit=0) == []


def test_where_there_are_more_values_than_are_counted_at_once_they_are_counted_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(9):
        document_made(facets=[f"organization:{number}", "organization:all"])
    index_build()
    expected = {**{str(number): 1 for number in range(9)}, "all": 9}
    monkeypatch.setattr(module, "MOST_VALUES", 3)
    assert ask(SearchQuery()).counts["organization"] == expected
    assert ask(SearchQuery(facets={"organization": ("3",)})).counts["organization"] == expected
    monkeypatch.setattr(module, "LIMIT_OF_VALUES", 4)
    with pytest.raises(EngineUnavailable, match="more than 4 values"):
        ask(SearchQuery())


def _whole(**more: object) -> dict[str, object]:
    return {"timed_out": False, "_shards": {"failed": 0}, "hits": {"hits": []}, **more}


@pytest.mark.parametrize(
    ("status", "body", "cause"),
    [
        (500, {"error": {"type": "x", "reason": "secret"}}, "refused"),
        (429, {"error": {"type": "circuit_breaking_exception", "reason": "secret"}}, "refused"),
        (401, {"error": {"type": "security_exception", "reason": "secret"}}, "credentials"),
        (200, {"responses": [_whole(), {"status": 400, "error": {"type": "x", "reason": "secret"}}]}, "refused"),
        (200, {"responses": [_whole(), _whole(timed_out=True)]}, "a part"),
        (200, {"responses": [_whole(), _whole(_shards={"failed": 1})]}, "a part"),
    ],
)
def test_an_answer_that_is_none_is_not_taken_for_one(
    make_server: Callable[[], Server], settings: Settings, status: int, body: object, cause: str
) -> None:
    server = make_server()
    settings.ELASTICSEARCH_URL, server.status, server.body = server.url, status, body
    with pytest.raises(EngineUnavailable, match=cause) as raised:
        ask(SearchQuery(text="secret"))
    assert b"secret" in server.asked[0][1]
    assert "secret" not in str(raised.value)
    assert raised.value.__context__ is None
    # For hits and for counts, and neither again; whichever fails first does not wait for the other.
    end = time.monotonic() + 5
    while len(server.asked) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    assert sorted(b'"aggs"' in body for _path, body in server.asked) == [False, True]


def test_nobody_waits_long_for_a_server_that_does_not_answer(
    make_server: Callable[[], Server], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As long as the site waits; the other tests of this module wait longer for a busy server.
    monkeypatch.setattr("search.engines.elasticsearch.client.SEARCH_SECONDS", 0.8)
    server = make_server()
    settings.ELASTICSEARCH_URL, server.seconds = server.url, 3.0
    started = time.monotonic()
    with pytest.raises(EngineUnavailable, match="in time"):
        ask(SearchQuery(text="secret"))
    assert time.monotonic() - started < 1.2
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:1"
    with pytest.raises(EngineUnavailable, match="reached"):
        ask(SearchQuery(text="secret"))
    settings.ELASTICSEARCH_URL = "no address"
    with pytest.raises(EngineUnavailable, match="of no use"):
        ask(SearchQuery(text="secret"))
