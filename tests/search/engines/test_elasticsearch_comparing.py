"""Verification: whatever an index has otherwise than the database is found, named, and mended."""

import json
import uuid
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from search.documents import document_bury, documents_revise
from search.engines.elasticsearch import comparing
from search.engines.elasticsearch.building import index_build
from search.engines.elasticsearch.client import client
from search.engines.elasticsearch.comparing import Kind, differences_mend, index_compare, indexes_verify
from search.engines.elasticsearch.indexes import index_make
from search.models import Document
from search.outbox import outbox_empty, unsent
from tests.search.engines.conftest import document_changed, document_made, found, held

pytestmark = pytest.mark.usefixtures("nothing_else", "elasticsearch")


@pytest.fixture
def documents() -> list[Document]:
    return [document_made(f"Zeppelin {number}", vector=[1.0, number]) for number in range(4)]


@pytest.fixture
def index(documents: list[Document]) -> str:
    return index_build()


def overwrite(index: str, document: Document, **changed: Any) -> None:
    """Write into an index past everything that keeps it right."""
    source = {**(held(index, document) or {}), **changed}
    client(seconds=10).index(
        index=index,
        id=str(document.public_id),
        document=source,
        version=source["revision"],
        version_type="external_gte",
    )


def remove(index: str, document: Document) -> None:
    version = document.revision
    client(seconds=10).delete(index=index, id=str(document.public_id), version=version, version_type="external_gte")


def spoil(index: str, documents: list[Document], kind: str) -> None:
    if kind == "missing":
        remove(index, documents[1])
    elif kind == "stale":
        document_changed(documents[1], "Hangar")
        Document.objects.update(sent_revision=2**62)
        connection.cursor().execute("UPDATE search_document SET sent_revision = revision")
    elif kind == "altered words":
        overwrite(index, documents[1], words="airship")
    elif kind == "altered vector":
        overwrite(index, documents[1], vector_hash="0")
    elif kind == "altered date":
        overwrite(index, documents[1], date="2020-02-02")
    elif kind == "altered tombstone":
        document_bury(public_id=documents[1].public_id)
        outbox_empty()
        overwrite(index, documents[1], gone=False, words="zeppelin", scores="zeppelin")
    elif kind == "ahead":
        overwrite(index, documents[1], revision=documents[3].revision + 1000, words="tomorrow")
    elif kind == "extra":
        client(seconds=10).index(index=index, id=str(uuid.uuid4()), document={"words": "zeppelin"})
        client(seconds=10).index(index=index, id='no "id"', document={"words": "zeppelin"})


@pytest.mark.parametrize(
    "kind",
    ["missing", "stale", "altered words", "altered vector", "altered date", "altered tombstone", "ahead", "extra"],
)
def test_every_kind_of_difference_is_found_and_mended(index: str, documents: list[Document], kind: str) -> None:
    spoil(index, documents, kind)
    named = kind.partition(" ")[0]
    differences = index_compare(index, content=True)
    assert {str(one.kind) for one in differences} == {named}
    if named != "extra":
        assert [one.pk for one in differences] == [documents[1].pk]
    # Which there are, and of which revision, shows without their content.
    without_content = {str(one.kind) for one in index_compare(index, content=False)}
    assert without_content == (set() if named == "altered" else {named})
    assert differences_mend(index, differences) == {named: len(differences)}
    outbox_empty()
    assert index_compare(index, content=True) == []
    assert found("") == set(Document.objects.present().values_list("public_id", flat=True))


def test_a_database_that_was_restored_gives_versions_that_indexes_have_not_heard(
    index: str, documents: list[Document]
) -> None:
    overwrite(index, documents[1], revision=documents[3].revision + 1000)
    differences_mend(index, index_compare(index, content=False))
    document_changed(documents[1], "Hangar")
    outbox_empty()
    assert (held(index, documents[1]) or {})["words"] == "hangar"


def test_what_waits_to_be_sent_is_no_difference(index: str, documents: list[Document]) -> None:
    document_changed(documents[1], "Hangar")
    documents_revise([documents[2].pk])
    document_made("Airship")
    assert index_compare(index, content=True) == []


def test_what_a_search_does_not_show_yet_is_no_difference(
    index: str, documents: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "_found", lambda name, keys, content: {})
    assert index_compare(index, content=True) == []


def test_comparing_goes_on_from_step_to_step(index: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "STEP", 1)
    for document in Document.objects.all():
        remove(index, document)
    client(seconds=10).index(index=index, id="a", document={"words": "zeppelin"})
    client(seconds=10).index(index=index, id="b", document={"words": "zeppelin"})
    kinds = [one.kind for one in index_compare(index, content=True)]
    assert kinds == [Kind.MISSING] * 4 + [Kind.EXTRA] * 2


def test_every_complete_index_is_verified(index: str, documents: list[Document]) -> None:
    other = index_build()
    remove(index, documents[0])
    overwrite(other, documents[1], words="airship")
    assert indexes_verify() == {"missing": 1, "altered": 1}
    assert index_compare(index, content=True) == index_compare(other, content=True) == []


def run(*arguments: str) -> dict[str, Any]:
    said = StringIO()
    call_command("search", *arguments, "--json", stdout=said)
    return dict(json.loads(said.getvalue()))


def test_the_command_tells_and_does_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    # Made documents have no pages that the command could write them from.
    monkeypatch.setattr("search.management.commands.search.sweep", lambda: 0)
    monkeypatch.setattr("search.management.commands.search.gone_documents_bury", lambda: 0)
    document = document_made("Zeppelin")
    first = run("rebuild", "--if-needed")["index"]
    assert "index" not in run("rebuild", "--if-needed")
    second = run("rebuild")["index"]
    # A rebuild writes the documents of all public pages there are.
    count = Document.objects.present().count()
    document_changed(document, "Hangar")
    status = run("status")
    assert status["waiting_to_be_sent"] == 1
    assert [(one["name"], one["state"], one["documents"]) for one in status["indexes"]] == [
        (first, "retired", count),
        (second, "serving", count),
    ]
    assert all(one["bytes"] > 0 and one["health"] in ("green", "yellow") for one in status["indexes"])
    assert run("drain")["sent"] >= 1
    assert not unsent().exists()
    remove(second, Document.objects.get(pk=document.pk))
    assert run("verify")["in_indexes"] == {"missing": 1}
    assert run("rollback") == {"index": first}
    said = StringIO()
    call_command("search", "status", stdout=said)
    assert f"name: {first}, state: serving" in said.getvalue()


def test_the_command_links_whether_elasticsearch_hears_of_it_or_not(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked: list[bool] = []
    monkeypatch.setattr("search.management.commands.search.outbox_drain", lambda: linked.append(True))
    index_make(documents=1)
    document_made("Zeppelin")
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:1"
    with pytest.raises(CommandError, match="cannot be reached"):
        run("drain")
    assert linked == [True]


def test_the_command_says_what_it_cannot_do(settings: Settings) -> None:
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:1"
    with pytest.raises(CommandError, match="cannot be reached"):
        run("rebuild")
    assert "index" not in run("rebuild", "--if-needed")
    assert run("status")["is_well"] is False
    settings.ELASTICSEARCH_URL = ""
    with pytest.raises(CommandError, match="No Elasticsearch"):
        run("rollback")
