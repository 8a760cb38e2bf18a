"""Health: every way in which Elasticsearch can be unwell is seen, in time, and said in a sentence."""

import datetime
import os
import time
from collections.abc import Callable

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from search.documents import document_bury
from search.engines.elasticsearch import mapping
from search.engines.elasticsearch.building import index_build
from search.engines.elasticsearch.client import client
from search.engines.elasticsearch.health import health
from search.engines.elasticsearch.indexes import index_make
from search.models import Document, EngineIndex
from search.outbox import outbox_empty
from tests.search.engines.conftest import Server, document_changed, document_made

VERSION = {"nodes": {"a": {"version": "9.3.2"}}}


def ailment() -> str:
    """Return what is wrong, found in time."""
    started = time.monotonic()
    is_well, sentence = health()
    assert time.monotonic() - started < 1.0
    assert not is_well
    assert sentence.endswith(".")
    return sentence


@pytest.mark.usefixtures("nothing_else", "elasticsearch")
class TestOnARealServer:
    """What can be brought about on one."""

    def test_it_is_well(self) -> None:
        document_made("Zeppelins")
        index_build()
        assert health()[0]

    def test_there_is_no_index(self) -> None:
        assert "no index" in ailment()

    def test_the_alias_is_gone(self) -> None:
        name = index_build()
        client().indices.delete_alias(index=name, name=mapping.alias())
        assert "no index" in ailment()

    def test_the_alias_names_an_index_that_hears_nothing(self) -> None:
        name = index_build()
        EngineIndex.objects.filter(name=name).delete()
        assert "not the one" in ailment()

    def test_the_alias_names_two(self) -> None:
        index_build()
        client().indices.put_alias(index=index_make(documents=1), name=mapping.alias())
        assert "not the one" in ailment()

    def test_a_document_that_is_gone_has_not_been_sent(self) -> None:
        document = document_made("Zeppelins")
        index_build()
        document_bury(public_id=document.public_id)
        assert "gone" in ailment()
        outbox_empty()
        assert health()[0]

    def test_a_change_waits_for_long(self) -> None:
        document = document_made("Zeppelins")
        index_build()
        document_changed(document, "Hangars")
        assert health()[0]
        Document.objects.update(revised_at=timezone.now() - datetime.timedelta(seconds=61))
        assert "for 61 seconds" in ailment()


@pytest.mark.usefixtures("nothing_else")
class TestOnAServerThatFails:
    """What no real one can be brought to."""

    @pytest.fixture
    def server(self, make_server: Callable[[], Server], settings: Settings) -> Server:
        server = make_server()
        settings.ELASTICSEARCH_URL = server.url
        EngineIndex.objects.create(name="a", state=EngineIndex.State.SERVING)
        server.answers = {"_nodes": VERSION, "_alias": {"a": {}}, "_cluster": {"status": "green"}}
        return server

    def test_it_is_well(self, server: Server) -> None:
        assert health()[0]

    def test_it_cannot_be_reached(self, settings: Settings) -> None:
        settings.ELASTICSEARCH_URL = "http://127.0.0.1:1"
        assert "cannot be reached" in ailment()

    def test_the_address_is_none(self, settings: Settings) -> None:
        settings.ELASTICSEARCH_URL = "elasticsearch"
        assert "of no use" in ailment()

    @pytest.mark.parametrize("seconds", [0.35, 3.0])
    def test_it_is_slow(self, server: Server, seconds: float) -> None:
        server.seconds = seconds
        assert "in time" in ailment()

    @pytest.mark.parametrize("status", [401, 403])
    def test_it_does_not_let_us_in(self, server: Server, status: int) -> None:
        server.status, server.answers = status, {"_nodes": {"error": {"type": "security_exception"}}}
        assert "credentials" in ailment()

    def test_it_is_of_another_version(self, server: Server) -> None:
        server.answers["_nodes"] = {
            "nodes": {"a": {"version": "9.3.2"}, "b": {"version": "8.19.1"}, "c": {"version": "9.2.0"}}
        }
        assert "8.19.1, 9.2.0" in ailment()

    def test_it_does_not_speak_our_version(self, server: Server) -> None:
        server.status, server.answers = 400, {"_nodes": {"error": {"type": "media_type_header_exception"}}}
        assert "not of version 9" in ailment()

    def test_it_is_something_else(self, server: Server) -> None:
        server.answers["_nodes"] = {}
        assert "no Elasticsearch" in ailment()

    def test_it_has_lost_a_part(self, server: Server) -> None:
        server.answers["_cluster"] = {"status": "red"}
        assert "red" in ailment()

    def test_the_database_fails(self, server: Server) -> None:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE search_engineindex RENAME TO elsewhere")
        assert "database" in ailment()


def test_where_none_is_set_that_is_well(settings: Settings) -> None:
    settings.ELASTICSEARCH_URL = ""
    assert health()[0]


def test_a_forked_process_has_a_client_of_its_own(settings: Settings) -> None:
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:9"
    before = client()._transport
    assert client()._transport is before
    child = os.fork()
    if child == 0:
        os._exit(0 if client()._transport is not before else 1)
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize(
    ("chosen", "header"),
    [
        ({"ELASTICSEARCH_API_KEY": "a2V5"}, "ApiKey a2V5"),
        ({"ELASTICSEARCH_USER": "site", "ELASTICSEARCH_PASSWORD": "word"}, "Basic c2l0ZTp3b3Jk"),
    ],
)
def test_it_signs_in_as_it_is_told(settings: Settings, chosen: dict[str, str], header: str) -> None:
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:9"
    for name, value in chosen.items():
        setattr(settings, name, value)
    assert client()._headers["authorization"] == header
