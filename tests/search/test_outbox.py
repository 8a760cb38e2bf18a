"""The outbox: whatever fails, and whoever sends in which order, every index ends with the last state of everything."""

import contextlib
import logging
import time
from collections.abc import Callable

import pytest
from django.db import OperationalError, connection
from django.db.models import F
from pytest_django import Settings

from search import outbox, tasks
from search.documents import document_bury, documents_revise
from search.engines.base import EngineUnavailable
from search.engines.elasticsearch.client import client
from search.engines.elasticsearch.indexes import index_make
from search.engines.elasticsearch.mapping import entrance
from search.engines.elasticsearch.putting import DocumentsRefused, documents_put
from search.engines.elasticsearch.rendering import documents_render
from search.locks import Lock
from search.models import Document, EngineIndex
from search.outbox import (
    after_commit_send,
    documents_send,
    documents_sent,
    indexes_changing,
    outbox_empty,
    outbox_send,
    unsent,
    waits_since,
)
from tests.search.engines.conftest import (
    Server,
    document_changed,
    document_made,
    elasticsearch,
    elasticsearch_url,
    held,
    make_server,
    nothing_else,
    patient,
)
from tests.search.locking import somebody_else_at

pytestmark = pytest.mark.usefixtures("nothing_else")
# Another folder's fixtures, which pytest finds here by their names.
__all__ = ["elasticsearch", "elasticsearch_url", "make_server", "nothing_else", "patient"]


@pytest.fixture
def index(elasticsearch: str) -> str:
    """An index that hears everything."""
    return index_make(documents=10)


@pytest.fixture
def server(make_server: Callable[[], Server], settings: Settings) -> Server:
    """A server that takes everything, with an index that it is said to have."""
    server = make_server()
    server.body = {"errors": False}
    settings.ELASTICSEARCH_URL = server.url
    EngineIndex.objects.create(name="test-index")
    return server


def is_unsent(document: Document) -> bool:
    return unsent().filter(pk=document.pk).exists()


def title_words(index: str, document: Document) -> str:
    source = held(index, document)
    return str(source["words"]) if source else ""


def test_what_was_published_is_sent_once(index: str) -> None:
    document = document_made("Zeppelins")
    assert outbox_send() == 1
    assert title_words(index, document) == "zeppelin"
    assert not is_unsent(document)
    assert outbox_send() == 0


def test_a_new_vector_is_sent_too(index: str) -> None:
    document = document_made("Zeppelins", vector=[1.0, 2.0])
    outbox_send()
    before = held(index, document)
    documents_revise([document.pk])
    assert is_unsent(document)
    assert outbox_send() == 1
    after = held(index, document)
    assert before is not None
    assert after is not None
    assert before["vector_hash"] == after["vector_hash"]
    assert after["revision"] > before["revision"]


def test_an_older_state_that_comes_later_changes_nothing(index: str) -> None:
    document = document_made("Zeppelins")
    old = documents_render([document.pk])
    document_changed(document, "Hangars")
    outbox_send()
    documents_put(old, indexes=[index], seconds=5)
    assert documents_sent(old) == 0
    assert title_words(index, document) == "hangar"
    assert not is_unsent(document)


def test_an_older_state_that_comes_first_leaves_the_newer_to_be_sent(index: str) -> None:
    document = document_made("Zeppelins")
    old = documents_render([document.pk])
    document_changed(document, "Hangars")
    documents_put(old, indexes=[index], seconds=5)
    documents_sent(old)
    assert is_unsent(document)
    outbox_send()
    assert title_words(index, document) == "hangar"


def test_what_is_gone_leaves_a_state_without_text_that_no_older_one_replaces(index: str) -> None:
    document = document_made("Zeppelins", facets=["stage:feared"])
    old = documents_render([document.pk])
    outbox_send()
    document_bury(public_id=document.public_id)
    outbox_send()
    documents_put(old, indexes=[index], seconds=5)
    source = held(index, document)
    assert source is not None
    assert set(source) == {"public_id", "part", "gone", "revision"}
    assert source["gone"] is True


def test_what_is_gone_is_sent_first_and_is_gone_at_once(index: str) -> None:
    kept = [document_made("Zeppelins") for _number in range(3)]
    outbox_send()
    for document in kept:
        document_changed(document, "Hangars")
    document_bury(public_id=kept[2].public_id)
    assert waits_since(is_gone=True) is not None
    assert outbox_send(limit=1) == 1
    assert waits_since(is_gone=True) is None
    assert waits_since(is_gone=False) is not None
    assert client(seconds=5).count(index=index, query={"term": {"gone": True}})["count"] == 1


def test_every_index_hears_everything_or_it_waits(index: str) -> None:
    other = index_make(documents=10)
    document = document_made("Zeppelins")
    client(seconds=5).indices.delete(index=other)
    with pytest.raises(DocumentsRefused, match="index_not_found"):
        outbox_send()
    assert title_words(index, document) == "zeppelin"
    assert is_unsent(document)
    # What somebody has deleted does not come back by being written to.
    assert not client(seconds=5).indices.exists(index=[other, entrance(other)])
    EngineIndex.objects.filter(name=other).delete()
    assert outbox_send() == 1


def test_a_document_that_is_refused_does_not_keep_back_the_others(index: str) -> None:
    documents = [document_made("Zeppelins", facets=[f"stage:{number}"]) for number in range(3)]
    Document.objects.filter(pk=documents[0].pk).update(facets=["x" * 40_000])
    with pytest.raises(DocumentsRefused, match=str(documents[0].public_id)):
        outbox_empty()
    assert [is_unsent(document) for document in documents] == [True, False, False]
    assert title_words(index, documents[2]) == "zeppelin"


def test_a_long_text_goes_in_a_request_of_its_own(index: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []
    put = documents_put
    monkeypatch.setattr("search.engines.elasticsearch.rendering.MOST_STORED_BYTES", 2_000)
    monkeypatch.setattr(
        "search.engines.elasticsearch.putting.documents_put",
        lambda documents, **how: (sent.append(len(documents)), put(documents, **how))[1],
    )
    for number in range(4):
        document_made("Zeppelins", body=" ".join(f"word{number}x{place}" for place in range(400 * (number == 1) + 1)))
    assert outbox_send() == 4
    assert sorted(sent) == [1, 1, 2]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, {"error": {"type": "exception", "reason": "zeppelin"}}),
        (429, {"error": {"type": "es_rejected_execution_exception", "reason": "zeppelin"}}),
        (200, {"took": 1}),
        (200, []),
    ],
)
def test_what_a_server_does_not_confirm_waits(server: Server, status: int, body: object) -> None:
    document = document_made("Zeppelins")
    server.status, server.body = status, body
    with pytest.raises(EngineUnavailable) as raised:
        outbox_send()
    assert is_unsent(document)
    assert "zeppelin" not in str(raised.value).lower()
    server.status, server.body = 200, {"errors": False}
    assert outbox_send() == 1


@pytest.mark.parametrize("kind", ["cluster_block_exception", "es_rejected_execution_exception", "unavailable_shards"])
def test_a_full_disk_leaves_everything_unsent(server: Server, kind: str) -> None:
    documents = [document_made("Zeppelins") for _number in range(2)]
    server.body = {
        "errors": True,
        "items": [
            {"index": {"_id": str(d.public_id), "error": {"type": kind, "reason": "zeppelin"}}} for d in documents
        ],
    }
    with pytest.raises(EngineUnavailable, match=kind):
        outbox_send()
    assert all(is_unsent(document) for document in documents)


def test_that_an_index_has_a_newer_state_is_as_good_as_taken(server: Server) -> None:
    document = document_made("Zeppelins")
    error = {"type": "version_conflict_engine_exception"}
    server.body = {"errors": True, "items": [{"index": {"_id": str(document.public_id), "error": error}}]}
    assert outbox_send() == 1


def test_a_server_that_is_down_or_slow_is_no_matter_to_whoever_publishes(
    server: Server, settings: Settings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "_last_warning", -1e9)
    document = document_made("Zeppelins")
    server.seconds = 3.0
    with caplog.at_level(logging.WARNING):
        for _time in range(2):
            started = time.monotonic()
            assert after_commit_send(document.pk) is False
            assert time.monotonic() - started < 0.9
        settings.ELASTICSEARCH_URL = "http://127.0.0.1:1"
        assert after_commit_send(document.pk) is False
    assert is_unsent(document)
    assert len(caplog.records) == 1
    assert "zeppelin" not in caplog.text.lower()


def test_whoever_publishes_sends_at_once(index: str) -> None:
    documents = [document_made("Zeppelins") for _number in range(2)]
    assert after_commit_send(*(document.pk for document in documents)) is True
    assert title_words(index, documents[1]) == "zeppelin"
    assert not any(is_unsent(document) for document in documents)


def test_a_worker_goes_on_linking_when_nobody_listens(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_silent_until", 0.0)
    waiting = Document.objects.filter(linked_version__lt=F("version"))
    monkeypatch.setattr(tasks, "outbox_drain", lambda limit: waiting.update(linked_version=2**62))
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:1"
    EngineIndex.objects.create(name="test-index")
    document = document_made("Zeppelins")
    Document.objects.filter(pk=document.pk).update(linked_version=0)
    assert tasks.drain() == 1
    assert is_unsent(document)


def test_vectors_are_sent_after_linking_and_text_before(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_silent_until", 0.0)
    document = document_made("Zeppelins")
    Document.objects.filter(pk=document.pk).update(linked_version=0)
    requests: list[int] = []

    def link(limit: int) -> int:
        if not Document.objects.filter(linked_version__lt=F("version")).update(linked_version=2**62):
            return 0
        requests.append(len(server.asked))
        documents_revise([document.pk])
        return 1

    monkeypatch.setattr(tasks, "outbox_drain", link)
    assert tasks.drain() == 1
    assert (requests, len(server.asked)) == ([1], 2)
    assert not is_unsent(document)


def test_nothing_is_noted_as_sent_where_there_is_no_index(elasticsearch: str) -> None:
    document = document_made("Zeppelins")
    assert outbox_empty() == 0
    assert after_commit_send(document.pk) is False
    assert is_unsent(document)


def test_without_an_elasticsearch_nothing_is_even_looked_up(
    settings: Settings, django_assert_num_queries: Callable[[int], contextlib.AbstractContextManager[None]]
) -> None:
    settings.ELASTICSEARCH_URL = ""
    document = document_made("Zeppelins")
    with django_assert_num_queries(0):
        assert outbox_send() == outbox_empty() == documents_send([document.pk]) == 0
        assert after_commit_send(document.pk) is False
    assert is_unsent(document)


def test_an_index_is_not_added_while_somebody_sends(index: str) -> None:
    with somebody_else_at(Lock.INDEX_LIST, shared=True):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = 100")
        document = document_made("Zeppelins")
        assert documents_send([document.pk]) == 1
        with pytest.raises(OperationalError), indexes_changing():
            pass


def test_nobody_sends_while_an_index_is_added(index: str) -> None:
    document = document_made("Zeppelins")
    with somebody_else_at(Lock.INDEX_LIST):
        started = time.monotonic()
        assert after_commit_send(document.pk) is False
        assert time.monotonic() - started < 0.3
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = 100")
        with pytest.raises(OperationalError):
            outbox_send()
