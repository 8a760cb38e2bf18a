"""What an index of documents is made of, and what indexes are called."""

import datetime
import hashlib
import re
import secrets
import uuid
from pathlib import Path
from typing import Any

from django.conf import settings

from search.bm25 import K1, B
from search.documents import FIELD_WEIGHTS
from search.embeddings import encoder
from search.engines.elasticsearch.streams import FILLER
from search.facets import BY_NAME
from search.models import IndexState

# From so many documents on, two shards, so that two cores share in every question.
TWO_SHARDS_FROM = 500_000
# Of fewer vectors each is compared, a tenth of a microsecond each: none is missed, and to fill an index takes a third
# less time than with a graph.
GRAPH_FROM = 200_000
# How deep one can count; deeper, a list is followed from place to place.
DEEPEST = 10_000
_DIMENSIONS = 384
# Public ids have 128 bits, numbers 64, and half of them are negative.
_WHOLE, _HALF = 2**64, 2**63
_NAME = re.compile(r"-documents-\d{14}-[0-9a-f]{4}\Z")


def alias() -> str:
    """Return the name under which the index that answers is asked."""
    return f"{settings.ELASTICSEARCH_PREFIX}-documents"


def public_id_halves(public_id: uuid.UUID) -> tuple[int, int]:
    """Return a public id as two numbers in the same order: deep in a list, texts take ten times as long to sort by."""
    first, second = divmod(public_id.int, _WHOLE)
    return first - _HALF, second - _HALF


def public_id_of(halves: tuple[int, int]) -> uuid.UUID:
    """Return the public id that two numbers stand for."""
    first, second = halves
    return uuid.UUID(int=(first + _HALF) * _WHOLE + second + _HALF)


def new_name() -> str:
    """Return the name of a new index."""
    now = datetime.datetime.now(datetime.UTC)
    return f"{alias()}-{now:%Y%m%d%H%M%S}-{secrets.token_hex(2)}"


def names_pattern() -> str:
    """Return what matches the names of all our indexes, and perhaps of others: see ``is_ours``."""
    return f"{alias()}-*"


def is_ours(name: str) -> bool:
    """Whether an index is called as ours are."""
    return name.startswith(alias()) and _NAME.match(name, len(settings.ELASTICSEARCH_PREFIX)) is not None


def entrance(name: str) -> str:
    """Return the alias by which documents are put into an index.

    An index that somebody has deleted would come back by itself, without its mapping, at the first document that is put
    into it by name; an alias does not.
    """
    return f"{name}-in"


def site_id() -> str:
    """Return what tells this site from another that uses the same Elasticsearch, and the same prefix by mistake."""
    state, _created = IndexState.objects.get_or_create(name="site", defaults={"value": uuid.uuid4().hex})
    return state.value


def dimensions() -> int:
    """Return the length of the vectors that are stored."""
    current = encoder()
    return current.dimensions if current is not None else _DIMENSIONS


def code() -> str:
    """Return what changes when documents or their mapping do: an index of another code is built anew."""
    digest = hashlib.sha256(repr((FIELD_WEIGHTS, K1, B, dimensions(), tuple(BY_NAME))).encode())
    for name in ("mapping.py", "streams.py", "rendering.py"):
        digest.update((Path(__file__).parent / name).read_bytes())
    return digest.hexdigest()[:16]


def settings_of(*, documents: int) -> dict[str, Any]:
    """Return the settings of a new index.

    Args:
        documents: how many it will hold, about.
    """
    return {
        "number_of_shards": 2 if documents >= TWO_SHARDS_FROM else 1,
        # Copies are made when it is full.
        "number_of_replicas": 0,
        # What a crash takes away while it is filled is found missing before it answers.
        "refresh_interval": "-1",
        "translog.durability": "async",
        "max_result_window": DEEPEST,
        "similarity": {"weighed": {"type": "BM25", "k1": K1, "b": B}},
        "analysis": {
            "tokenizer": {"stream": {"type": "whitespace", "max_token_length": 255}},
            # What it takes out leaves its place empty, so that words keep their distances.
            "filter": {"gaps": {"type": "stop", "stopwords": [FILLER]}},
            "analyzer": {
                "words": {"type": "custom", "tokenizer": "stream", "filter": ["gaps"]},
                "scores": {"type": "custom", "tokenizer": "stream"},
            },
        },
    }


def settings_answering() -> dict[str, Any]:
    """Return what a full index is set to: documents appear soon, are on disk before we hear so, and are copied."""
    return {
        "refresh_interval": "500ms",
        "translog.durability": "request",
        "number_of_replicas": settings.ELASTICSEARCH_REPLICAS,
    }


def mappings(*, documents: int) -> dict[str, Any]:
    """Return the fields of a document.

    Args:
        documents: how many the index will hold, about.
    """
    return {
        "dynamic": "strict",
        "_meta": {"code": code(), "site": site_id()},
        "properties": {
            # As ``_id``, for whoever looks; and as two numbers, by which lists are ordered in the end.
            "public_id": {"type": "keyword", "index": False, "doc_values": False},
            "order_first": {"type": "long", "index": False},
            "order_second": {"type": "long", "index": False},
            # The first byte of its id: documents that share it are compared with the database together.
            "part": {"type": "short"},
            "kind": {"type": "keyword"},
            "language": {"type": "keyword"},
            # Asked by phrases, which ask for places and never score.
            "words": {"type": "text", "analyzer": "words", "index_options": "positions", "norms": False},
            # Asked by single words, which score.
            "scores": {"type": "text", "analyzer": "scores", "index_options": "freqs", "similarity": "weighed"},
            # "facet:value". The numbers of its values are made with each refresh, not by the first who asks after it.
            "facets": {"type": "keyword", "eager_global_ordinals": True},
            # The same once more, each facet's apart: whoever counts one need not look through the values of all.
            "by_facet": {"properties": {name: _values_of_facet() for name in BY_NAME}},
            # By which matching tells other industries.
            "subsectors": {"type": "keyword", "doc_values": False},
            "date": {"type": "date", "format": "strict_date"},
            "gone": {"type": "boolean"},
            "revision": {"type": "long"},
            # Compared by its components rounded to a byte each; the best are compared again with all their digits.
            "vector": {
                "type": "dense_vector",
                "dims": dimensions(),
                "similarity": "cosine",
                "index_options": {**_graph(documents), "rescore_vector": {"oversample": 2.0}},
            },
            # Elasticsearch does not give vectors back: whether it has the right one is told by this.
            "vector_hash": {"type": "keyword", "index": False, "doc_values": False},
        },
    }


def _values_of_facet() -> dict[str, Any]:
    """Return the field of one facet's values: only counted, and handed on to the field that is filtered by."""
    return {"type": "keyword", "index": False, "eager_global_ordinals": True, "copy_to": "facets"}


def _graph(documents: int) -> dict[str, Any]:
    """Return how the nearest of so many vectors are found: by looking at each, or by a graph that leads to most."""
    if documents < GRAPH_FROM:
        return {"type": "int8_flat"}
    # With the usual 100 a graph takes a third longer to build, and finds no more.
    return {"type": "int8_hnsw", "m": 16, "ef_construction": 60}
