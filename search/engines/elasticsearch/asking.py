"""Says in Elasticsearch's words what a search asks for: one request for hits, and others for counts.

They are asked apart, though together: whoever wants twenty hits need not look at every document that matches, and what
is counted is the same on every page of a list, so that Elasticsearch keeps it until a document changes.
"""

import datetime
from collections.abc import Mapping
from typing import Any

import numpy as np
from elasticsearch.dsl import A, Q, Search
from elasticsearch.dsl.query import Query

from search.encoders.base import Vectors
from search.engines.base import Place
from search.engines.elasticsearch.mapping import DEEPEST, public_id_halves, public_id_of
from search.engines.elasticsearch.streams import phrase, token
from search.expansion import ExpandedText, Group
from search.query import SearchQuery

# Neighbours that are looked at for each that is wanted; and at least.
LOOKED_AT, LEAST_LOOKED_AT = 4, 100
_EPOCH = datetime.date(1970, 1, 1)
_DAY = datetime.timedelta(days=1) / datetime.timedelta(milliseconds=1)
# What documents without a date are sorted by, after all others.
_DATELESS = -(2**63)


def is_scored(query: SearchQuery, text: ExpandedText) -> bool:
    """Whether the order is by score."""
    return query.sort == "relevance" and bool(text.wanted)


def own_choices(query: SearchQuery) -> list[str]:
    """Return the facets that are counted without their own choice: their other values are what one could add."""
    return [name for name in query.facets if name not in query.every and name not in query.fixed]


def hits_search(query: SearchQuery, text: ExpandedText, *, place: Place | None) -> Search[Any] | None:
    """Return the request for the hits of a page; None when it lies deeper than one can count.

    Args:
        query: with the page.
        text: its expanded text.
        place: behind which the page begins, if one is known.
    """
    first = 0 if place is not None else (query.page - 1) * query.size
    size = min(query.size, DEEPEST - first)
    if size < 1:
        return None
    scored = is_scored(query, text)
    order: list[Any] = [{"date": {"order": "desc", "missing": "_last"}}, "order_first", "order_second"]
    if scored:
        order.insert(0, {"_score": {"order": "desc"}})
    # Nothing is read of a document but what it is sorted by, in which its id is.
    extra: dict[str, Any] = {"track_total_hits": False, "stored_fields": "_none_"}
    if place is not None:
        after = [_milliseconds_of(place.date), *public_id_halves(place.public_id)]
        extra["search_after"] = [place.score, *after] if scored else after
    return Search().query(matching(query, text, scored=scored)).sort(*order).extra(**extra)[first : first + size]


def total_search(query: SearchQuery, text: ExpandedText) -> Search[Any]:
    """Return the request for the number of documents."""
    return Search().query(matching(query, text)).extra(track_total_hits=True)[0:0]


def counts_searches(query: SearchQuery, text: ExpandedText, *, most_values: int) -> list[Search[Any]]:
    """Return the requests for counts: the first of all values and the total, then one for each of ``own_choices``.

    Args:
        query: with the chosen values.
        text: its expanded text.
        most_values: room for so many different values in each.
    """
    whole = total_search(query, text)
    whole.aggs.metric("values", A("terms", field="facets", size=most_values))
    found = [whole]
    for name in own_choices(query):
        search: Search[Any] = Search().query(matching(query, text, but=name)).extra(track_total_hits=False)[0:0]
        search.aggs.metric("values", A("terms", field=f"by_facet.{name}", size=most_values))
        found.append(search)
    return found


def nearest_search(vector: Vectors, query: SearchQuery, *, limit: int) -> Search[Any]:
    """Return the request for the documents whose vectors are nearest, among those that a query's filters let through.

    Args:
        vector: a unit vector, shape (dimensions,).
        query: its facets and dates filter.
        limit: how many, at most.
    """
    size = min(limit, DEEPEST)
    conditions = _conditions(query)
    return (
        Search()
        .knn(
            "vector",
            k=size,
            num_candidates=min(max(LOOKED_AT * size, LEAST_LOOKED_AT), DEEPEST),
            query_vector=vector.tolist(),
            filter=Q("bool", filter=conditions) if conditions else None,
        )
        .extra(track_total_hits=False, _source=False)[0:size]
    )


def matching(query: SearchQuery, text: ExpandedText, *, scored: bool = False, but: str = "") -> Query:
    """Return which documents match.

    Args:
        query: its facets and dates filter.
        text: its words.
        scored: whether the words count for the order as well.
        but: a facet whose condition is left out.
    """
    conditions = _conditions(query, but=but)
    scores = []
    for group in text.wanted:
        if scored:
            scores.append(_score(group))
        # A document that has a word scores; only that words stand in a row has to be asked besides.
        if not scored or any(len(one.words) > 1 for one in group.phrases):
            conditions.append(_any_phrase(group))
    unwanted = [Q("term", gone=True), *(_any_phrase(group) for group in text.unwanted)]
    return Q("bool", must=scores, filter=conditions, must_not=unwanted)


def place_of(hit: Mapping[str, Any]) -> Place:
    """Return where a hit stands, by what it was sorted by."""
    *score, milliseconds, first, second = hit["sort"]
    date = None if milliseconds == _DATELESS else _EPOCH + datetime.timedelta(milliseconds=milliseconds)
    # Scores are single floats, written with just the digits that tell them apart: as doubles they would be others.
    return Place(float(np.float32(score[0])) if score else 0.0, date, public_id_of((first, second)))


def _milliseconds_of(date: datetime.date | None) -> int:
    return _DATELESS if date is None else round((date - _EPOCH).days * _DAY)


def _conditions(query: SearchQuery, *, but: str = "") -> list[Query]:
    found: list[Query] = []
    for name, values in query.filters().items():
        if name == but:
            continue
        wanted = [f"{name}:{value}" for value in values]
        if name in query.every:
            found += [Q("term", facets=value) for value in wanted]
        else:
            found.append(Q("terms", facets=wanted))
    if query.since is not None or query.until is not None:
        span = {"gte": query.since, "lte": query.until}
        found.append(Q("range", date={edge: day.isoformat() for edge, day in span.items() if day is not None}))
    return found


def _any_phrase(group: Group) -> Query:
    """Return that one of a group's phrases stands in a document."""
    words = sorted({token(one.words[0][0]) for one in group.phrases if len(one.words) == 1})
    rows = [row for one in group.phrases if len(one.words) > 1 and (row := phrase(one)) is not None]
    found: list[Query] = [Q("match_phrase", words=row) for row in rows]
    if words:
        found.append(Q("terms", scores=words))
    if not found:
        return Q("match_none")
    return found[0] if len(found) == 1 else Q("bool", should=found, minimum_should_match=1)


def _score(group: Group) -> Query:
    """Return what a group counts for: of its words, the best."""
    words: list[Query] = [
        Q("term", scores={"value": token(lexeme), "boost": weight}) for lexeme, weight in group.weights.items()
    ]
    return words[0] if len(words) == 1 else Q("dis_max", queries=words, tie_breaker=0.0)
