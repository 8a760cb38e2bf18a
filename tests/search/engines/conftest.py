"""A real Elasticsearch for tests, each with indexes of its own; and servers that fail, as servers do."""

import datetime
import http.server
import json
import os
import secrets
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from django.http import QueryDict
from pytest_django import Settings

from search.documents import index_words, next_version
from search.engines.elasticsearch import mapping
from search.engines.elasticsearch.client import client
from search.engines.elasticsearch.engine import ElasticsearchEngine
from search.expansion import Synonyms, expand
from search.models import Document
from search.query import SearchQuery
from search.vectors import vectors_store

WAIT_SECONDS = 60.0


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_cluster/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="session")
def elasticsearch_url() -> str:
    """The address of the server that tests use, once it answers."""
    url = os.environ.get("COALITION_TEST_ELASTICSEARCH_URL", "")
    if not url:
        pytest.skip(os.environ.get("COALITION_NO_ELASTICSEARCH") or "no Elasticsearch")
    deadline = time.monotonic() + WAIT_SECONDS
    while not _answers(url):
        assert time.monotonic() < deadline, f"{url} does not answer"
        time.sleep(0.5)
    return url


@pytest.fixture
def nothing_else(db: None) -> None:
    """Only a test's own documents, whatever other tests have loaded."""
    Document.objects.all().delete()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test asks is what is found, not how soon: other tests run beside, on a machine that may be slow."""
    monkeypatch.setattr("search.engines.elasticsearch.client.SEARCH_SECONDS", 60.0)


@pytest.fixture
def elasticsearch(elasticsearch_url: str, settings: Settings, patient: None) -> Iterator[str]:
    """The site uses Elasticsearch, with indexes that no other test has; they are deleted afterwards."""
    settings.ELASTICSEARCH_URL = elasticsearch_url
    settings.ELASTICSEARCH_PREFIX = f"test-{secrets.token_hex(4)}"
    yield elasticsearch_url
    settings.ELASTICSEARCH_URL = elasticsearch_url
    server = client(seconds=30)
    names = list(server.indices.get(index=f"{mapping.alias()}*", expand_wildcards="all").body)
    if names:
        server.indices.delete(index=names)


@dataclass
class Server:
    """A server that answers as told: with a status and a body, after a while."""

    url: str
    status: int = 200
    body: Any = field(default_factory=dict)
    seconds: float = 0.0
    # What a path is answered with instead, by what it contains.
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, bytes]] = field(default_factory=list)


@pytest.fixture
def make_server() -> Iterator[Callable[[], Server]]:
    """Start servers; they end with the test."""
    running: list[http.server.ThreadingHTTPServer] = []

    def make() -> Server:
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                server.asked.append((self.path, body))
                time.sleep(server.seconds)
                found = next((value for part, value in server.answers.items() if part in self.path), server.body)
                text = json.dumps(found).encode()
                self.send_response(server.status)
                self.send_header("x-elastic-product", "Elasticsearch")
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = answer  # noqa: N815  as http.server calls them

            def log_message(self, *_arguments: Any) -> None:
                """Say nothing."""

            def handle(self) -> None:
                try:
                    super().handle()
                except OSError:
                    # Whoever asked has gone away.
                    self.close_connection = True

        listening = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        listening.daemon_threads = True
        running.append(listening)
        threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        server = Server(f"http://127.0.0.1:{listening.server_address[1]}")
        return server

    yield make
    for listening in running:
        listening.shutdown()
        listening.server_close()


def document_made(
    title: str = "A title",
    *,
    body: str = "",
    facets: Sequence[str] = (),
    date: datetime.date | None = None,
    vector: Sequence[float] | None = None,
) -> Document:
    """Store a document with its words, as publishing a page does, and return it."""
    version = next_version()
    document = Document.objects.create(
        public_id=uuid.uuid4(),
        kind="story",
        title=title,
        body=body,
        facets=sorted({"type:story", *facets}),
        date=date,
        version=version,
        revision=version,
        linked_version=version,
    )
    index_words([document.pk])
    if vector is not None:
        own = np.zeros((1, 384), dtype=np.float32)
        own[0, : len(vector)] = vector
        own /= np.linalg.norm(own)
        vectors_store(ids=[document.pk], own=own, smooth=own, encoder="test")
    return document


def document_changed(document: Document, title: str) -> None:
    """Give a document another title, as publishing its page again does."""
    version = next_version()
    Document.objects.filter(pk=document.pk).update(title=title, version=version, revision=version)
    index_words([document.pk])


def held(index: str, document: Document) -> dict[str, Any] | None:
    """Return what an index has of a document, whether a search finds it yet or not."""
    answer = client(seconds=30).options(ignore_status=404).get(index=index, id=str(document.public_id))
    return dict(answer["_source"]) if answer.get("found") else None


def found(address: str) -> set[uuid.UUID]:
    """Return what a search for an address finds, with everything that was sent visible."""
    client(seconds=30).indices.refresh(index=mapping.alias())
    query = replace(SearchQuery.from_params(QueryDict(address)), size=1000)
    answer = ElasticsearchEngine().search(query, expand(query.text, Synonyms()))
    return {hit.public_id for hit in answer.hits}
