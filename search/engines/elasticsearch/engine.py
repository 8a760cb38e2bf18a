"""The engine that answers from an index of Elasticsearch: for sites with more than the database can count in time."""

import math
import uuid
from collections.abc import Sequence
from typing import Any

from elasticsearch.dsl import Search

from search.encoders.base import Vectors
from search.engines.base import Begun, EngineAnswer, EngineHit, EngineUnavailable, Place
from search.engines.elasticsearch import asking
from search.engines.elasticsearch.together import Response, ask_together
from search.engines.waiting import waiters
from search.expansion import ExpandedText
from search.facets import BY_NAME
from search.query import SearchQuery

# Different facet values that are counted at once; where there are more, they are asked for again, and at most so many.
MOST_VALUES, LIMIT_OF_VALUES = 10_000, 65_000


class ElasticsearchEngine:
    """Answers from the index that the alias names."""

    name = "elasticsearch"

    def search(self, query: SearchQuery, text: ExpandedText) -> EngineAnswer:
        """Answer a query."""
        return self.begin(query, text).answer()

    def begin(self, query: SearchQuery, text: ExpandedText) -> Begun:
        """Ask for hits and for counts at once: hits are there long before everything is counted."""
        listed = asking.hits_search(query, text, place=_place(query, self.name))
        hits = waiters().submit(_hits, [listed] if listed is not None else [])
        # Written down here, while the first is on its way: threads that compute keep each other waiting.
        searches = asking.counts_searches(query, text, most_values=MOST_VALUES)
        counts = waiters().submit(self._counted, query, text, searches)

        def answer() -> EngineAnswer:
            counted = counts.result()
            return EngineAnswer(hits.result(), _total(counted[0]), _counts(counted, asking.own_choices(query)))

        return Begun(hits.result, answer)

    def _counted(self, query: SearchQuery, text: ExpandedText, searches: Sequence[Search[Any]]) -> list[Response]:
        """Return the answers to requests for counts, asked again where there was no room for all values."""
        counted = ask_together(searches)
        if any(_is_short(response) for response in counted):
            counted = ask_together(asking.counts_searches(query, text, most_values=LIMIT_OF_VALUES))
            if any(_is_short(response) for response in counted):
                raise EngineUnavailable(f"There are more than {LIMIT_OF_VALUES} values to count.")
        return counted

    def totals(self, questions: Sequence[tuple[SearchQuery, ExpandedText]]) -> list[int]:
        """Return how many documents each question has, in one request."""
        return [
            _total(response) for response in ask_together([asking.total_search(*question) for question in questions])
        ]

    def nearest(self, vector: Vectors, query: SearchQuery, *, limit: int) -> list[tuple[uuid.UUID, float]]:
        """Return the documents whose own vectors are nearest, with their cosines."""
        if limit < 1:
            return []
        (response,) = ask_together([asking.nearest_search(vector, query, limit=limit)])
        # A score is the cosine, moved from -1…1 to 0…1.
        return [(uuid.UUID(hit["_id"]), 2.0 * float(hit["_score"]) - 1.0) for hit in response["hits"]["hits"]]


def _hits(searches: Sequence[Search[Any]]) -> list[EngineHit]:
    places = [asking.place_of(hit) for response in ask_together(searches) for hit in response["hits"]["hits"]]
    return [EngineHit(place.public_id, place) for place in places]


def _place(query: SearchQuery, engine: str) -> Place | None:
    """Return the place behind which the page begins, if it names one that can be."""
    place = Place.from_token(query.after, engine) if query.after else None
    return place if place is not None and math.isfinite(place.score) else None


def _total(response: Response) -> int:
    return int(response["hits"]["total"]["value"])


def _is_short(response: Response) -> bool:
    """Whether there are more values than were counted."""
    return bool(response["aggregations"]["values"]["sum_other_doc_count"])


def _counts(responses: Sequence[Response], own: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return facet name → value → documents, from the answer for all facets and those for some of their own."""
    counts: dict[str, dict[str, int]] = {name: {} for name in BY_NAME}
    for facet, response in zip([None, *own], responses, strict=True):
        for bucket in response["aggregations"]["values"]["buckets"]:
            name, _colon, value = bucket["key"].partition(":")
            if name in counts and (name == facet or (facet is None and name not in own)):
                counts[name][value] = bucket["doc_count"]
    return counts
