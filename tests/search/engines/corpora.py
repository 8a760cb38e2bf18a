"""A corpus in a schema of its own and in an index of its own, for what is compared on both engines."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pytest
from django.conf import settings as site_settings

from search.benchmarking import tables
from search.benchmarking.bulk import corpus_load
from search.benchmarking.sentences import Pool
from search.engines.elasticsearch.building import index_build
from search.engines.elasticsearch.indexes import index_drop
from search.models import Document, EngineIndex
from search.text import sentences
from search.vocabulary import Vocabulary

DOCUMENTS = 1000


@dataclass(frozen=True)
class Both:
    """What was loaded: the sentences it is made of, and the prefix of its index."""

    pool: Pool
    prefix: str


@contextmanager
def corpus_indexed(elasticsearch_url: str, *, what: str, encoder: str) -> Iterator[Both]:
    """Load a thousand documents and their index; this process looks into them until the block ends.

    Args:
        elasticsearch_url: the server.
        what: for what measuring, as the benchmark calls it.
        encoder: whose vectors they are said to be; they are drawn by chance.
    """
    schema, prefix = tables.schema_name(DOCUMENTS, what=what), f"test-{secrets.token_hex(4)}"
    texts = Document.objects.present().values_list("body", flat=True)
    found = sorted({sentence for text in texts for sentence in sentences(text) if len(sentence) >= 30})
    drawn = np.random.default_rng(5).normal(size=(len(found), 384)).astype(np.float32)
    pool = Pool(found, drawn / np.linalg.norm(drawn, axis=1, keepdims=True))
    tables.schema_make(schema)
    with tables.looking_into(schema), pytest.MonkeyPatch.context() as patch:
        corpus_load(pool, Vocabulary.load("en"), documents=DOCUMENTS, schema=schema, encoder=encoder)
        patch.setattr(site_settings, "ELASTICSEARCH_URL", elasticsearch_url)
        patch.setattr(site_settings, "ELASTICSEARCH_PREFIX", prefix)
        index_build()
        yield Both(pool, prefix)
        for name in list(EngineIndex.objects.values_list("name", flat=True)):
            index_drop(name)
    tables.schema_drop(schema)
