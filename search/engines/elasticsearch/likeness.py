"""Finds documents that are like a text: by its strongest words, by what it carries, by names, and by its vector.

What is found are candidates. How alike they are is worked out from the database, in the same way as without
Elasticsearch (``search/matching/``); what that needs to know of the whole collection is asked here as well.
"""

import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from elasticsearch.dsl import A, Q, Search
from elasticsearch.dsl.query import Query

from search.encoders.base import Vectors
from search.engines.elasticsearch.client import ask, client
from search.engines.elasticsearch.engine import LIMIT_OF_VALUES
from search.engines.elasticsearch.mapping import alias, public_id_of
from search.engines.elasticsearch.streams import token
from search.engines.elasticsearch.together import Response, ask_together

# Vectors that are looked at, in each shard, for each that is wanted.
LOOKED_AT = 2
# How long what is known of values is true enough: what a concept weighs hardly changes with a few documents.
CARRIED_SECONDS = 60.0


@dataclass(frozen=True)
class Wanted:
    """What to look for, each with what it says: stemmed words, facet values, and names (facet values as well).

    ``vector`` has shape (dimensions,), or is None.
    """

    words: Mapping[str, float]
    values: Mapping[str, float]
    names: Mapping[str, float]
    vector: Vectors | None


@dataclass(frozen=True)
class Standing:
    """How many documents there are, their mean weighted length, and how many of them contain each word asked about."""

    documents: int
    mean_length: float
    containing: Mapping[str, float] = field(default_factory=dict)

    def among(self, documents: int) -> "Standing":
        """Return the same for so many documents, of which these are a fair part."""
        share = documents / self.documents if self.documents else 1.0
        return Standing(documents, self.mean_length, {word: number * share for word, number in self.containing.items()})


def words_standing(words: Sequence[str]) -> Standing:
    """Return how common words are, in one shard of the index: always the same one, so that one question has one answer.

    Raises:
        EngineUnavailable: Elasticsearch cannot answer now.
    """
    tokens = {token(word): word for word in words}
    answer = ask(
        lambda: client().termvectors(
            index=alias(),
            doc={"scores": " ".join(tokens)},
            fields=["scores"],
            routing="always the same",
            term_statistics=True,
            field_statistics=True,
            positions=False,
            offsets=False,
            payloads=False,
        )
    ).body
    found = answer.get("term_vectors", {}).get("scores")
    if not found:
        return Standing(0, 1.0)
    statistics = found["field_statistics"]
    documents = max(int(statistics["doc_count"]), 1)
    containing = {
        tokens[name]: float(term.get("doc_freq", 0)) for name, term in found["terms"].items() if name in tokens
    }
    return Standing(documents, max(float(statistics["sum_ttf"]) / documents, 1.0), containing)


def values_carried() -> tuple[int, Mapping[str, int]]:
    """Return how many documents there are, and how many carry each facet value; true to a minute.

    Raises:
        EngineUnavailable: Elasticsearch cannot answer now.
    """
    return _carried.get(alias())


def likest(
    wanted: Wanted, *, kinds: Sequence[str], without_subsectors: Sequence[str], limit: int
) -> tuple[list[uuid.UUID], list[uuid.UUID]]:
    """Return the public ids of documents that are most like what is wanted.

    Args:
        wanted: what to look for.
        kinds: only these.
        without_subsectors: documents of one of these industries are left out.
        limit: how many, at most, by each way of looking.

    Returns:
        Those found by words, names and vector, each once; and those that share the most by weight, twice as many, of
        which the caller keeps who shares most of what it carries itself.

    Raises:
        EngineUnavailable: Elasticsearch cannot answer now.
    """
    unwanted = [Q("term", gone=True)]
    if without_subsectors:
        unwanted.append(Q("terms", subsectors=list(without_subsectors)))
    meant = Q("bool", filter=Q("terms", kind=list(kinds)), must_not=unwanted)
    searches = []
    if wanted.words:
        words = [Q("term", scores={"value": token(word), "boost": said}) for word, said in wanted.words.items()]
        searches.append(_found(Q("bool", should=words), meant, limit))
    if wanted.names:
        searches.append(_found(Q("dis_max", queries=_each(wanted.names), tie_breaker=0.0), meant, limit))
    if wanted.vector is not None:
        searches.append(_near(wanted.vector, meant, limit))
    sharing = [_found(Q("bool", should=_each(wanted.values)), meant, 2 * limit)] if wanted.values else []
    answers = [_public_ids(answer) for answer in ask_together([*searches, *sharing])]
    found = [public_id for answer in answers[: len(searches)] for public_id in answer]
    return list(dict.fromkeys(found)), [public_id for answer in answers[len(searches) :] for public_id in answer]


def _found(query: Query, meant: Query, limit: int) -> Search[Any]:
    """Return the request for the best of a query among what is meant.

    What is meant is told of what the query finds, one by one. As a part of the query it would be looked up for every
    document first, which takes ten times as long among a million.
    """
    return _ids(Search().query(query).post_filter(meant), limit)


def _near(vector: Vectors, meant: Query, limit: int) -> Search[Any]:
    """Return the request for the nearest vectors among what is meant."""
    looked_at = LOOKED_AT * limit
    return _ids(
        Search().knn("vector", k=limit, num_candidates=looked_at, query_vector=vector.tolist(), filter=meant), limit
    )


def _ids(search: Search[Any], limit: int) -> Search[Any]:
    """Have a request answered by nothing but the numbers in which a public id is: its text lies where texts do."""
    return search.extra(
        track_total_hits=False, stored_fields="_none_", docvalue_fields=["order_first", "order_second"]
    )[0:limit]


def _each(values: Mapping[str, float]) -> list[Query]:
    """Return facet values as queries; who carries one scores what it says, however many do."""
    return [Q("constant_score", filter=Q("term", facets=value), boost=said) for value, said in values.items() if said]


def _public_ids(answer: Response) -> list[uuid.UUID]:
    return [
        public_id_of((hit["fields"]["order_first"][0], hit["fields"]["order_second"][0]))
        for hit in answer["hits"]["hits"]
    ]


class _Carried:
    """What is known of facet values, by index; asked for anew after a while, by one thread at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, int, Mapping[str, int]]] = {}

    def get(self, name: str) -> tuple[int, Mapping[str, int]]:
        with self._lock:
            known = self._known.get(name)
            if known is None or time.monotonic() >= known[0]:
                known = self._known[name] = (time.monotonic() + CARRIED_SECONDS, *_carried_now())
        return known[1], known[2]


def _carried_now() -> tuple[int, Mapping[str, int]]:
    # Of all documents at once Elasticsearch knows it without looking at any; what is gone carries nothing.
    values: Search[Any] = Search().extra(track_total_hits=False)[0:0]
    values.aggs.metric("values", A("terms", field="facets", size=LIMIT_OF_VALUES))
    present: Search[Any] = Search().query(Q("bool", must_not=Q("term", gone=True))).extra(track_total_hits=True)[0:0]
    carried, counted = ask_together([values, present])
    buckets = carried["aggregations"]["values"]["buckets"]
    return int(counted["hits"]["total"]["value"]), {bucket["key"]: int(bucket["doc_count"]) for bucket in buckets}


_carried = _Carried()
