"""Several requests at once: Elasticsearch works on them together, and one that fails fails all."""

from collections.abc import Mapping, Sequence
from typing import Any

from elasticsearch.dsl import MultiSearch, Search

from search.engines.base import EngineUnavailable
from search.engines.elasticsearch.client import ask, client, refusal
from search.engines.elasticsearch.mapping import alias

Response = Mapping[str, Any]


def ask_together(searches: Sequence[Search[Any]]) -> list[Response]:
    """Return the answers to requests, in their order.

    Raises:
        EngineUnavailable: one of them has none, or one of a part of the documents only.
    """
    if not searches:
        return []
    together: MultiSearch[Any] = MultiSearch()
    for search in searches:
        together = together.add(search.params(allow_partial_search_results=False))
    lines = together.to_dict()
    # Read as they come: the DSL's own responses would wrap each of thousands of counts.
    answer = ask(lambda: client().msearch(index=alias(), searches=lines)).body
    responses: list[Response] = answer["responses"]
    for response in responses:
        if "error" in response:
            raise EngineUnavailable(refusal(int(response.get("status", 500)), response))
        if response["timed_out"] or response["_shards"]["failed"]:
            raise EngineUnavailable("Elasticsearch answered for a part of the documents only.")
    return responses
