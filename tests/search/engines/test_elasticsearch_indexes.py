"""Indexes: built beside the one that answers, killed at any step, swapped, taken back, tidied up."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from search.documents import document_bury
from search.engines.base import EngineUnavailable
from search.engines.elasticsearch import building, indexes, mapping
from search.engines.elasticsearch.building import index_build, is_current
from search.engines.elasticsearch.client import client
from search.engines.elasticsearch.comparing import index_compare
from search.engines.elasticsearch.indexes import (
    IndexesBusyError,
    NoOtherIndexError,
    alias_names,
    index_make,
    index_rollback,
    indexes_tidy,
    metadata,
)
from search.engines.elasticsearch.putting import DocumentsRefused
from search.locks import Lock
from search.models import Document, EngineIndex
from search.outbox import outbox_empty, unsent
from search.tasks import sweep
from tests.search.engines.conftest import document_changed, document_made, found, held
from tests.search.locking import somebody_else_at

pytestmark = pytest.mark.usefixtures("nothing_else", "elasticsearch")
State = EngineIndex.State


class Killed(Exception):  # noqa: N818
    """The process ends here."""


@pytest.fixture(autouse=True)
def no_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep finds nothing to do with pages: the documents here have none."""
    monkeypatch.setattr("search.tasks.differing_pages", lambda: [])
    monkeypatch.setattr("search.tasks.gone_documents_bury", lambda: 0)


def states() -> dict[str, str]:
    return dict(EngineIndex.objects.values_list("name", "state"))


def assert_all_is_well(answering: str) -> None:
    """The alias, the list and what there is agree, and everything is found."""
    assert alias_names() == [answering]
    assert states()[answering] == State.SERVING
    assert set(states()) == set(metadata())
    outbox_empty()
    assert found("") == set(Document.objects.present().values_list("public_id", flat=True))
    for name in states():
        assert index_compare(name, content=True) == []


def test_a_first_index_answers_with_everything_and_nothing_waits() -> None:
    documents = [document_made("Zeppelins") for _number in range(3)]
    document_bury(public_id=documents[0].public_id)
    progress: list[tuple[int, int]] = []
    name = index_build(progress=lambda done, total: progress.append((done, total)))
    assert not unsent().exists()
    assert progress[-1] == (3, 3)
    assert_all_is_well(name)
    assert is_current()


def test_a_second_takes_its_place_and_the_first_is_kept_and_hears_everything() -> None:
    document = document_made("Zeppelins")
    first = index_build()
    second = index_build()
    assert states() == {first: State.RETIRED, second: State.SERVING}
    document_changed(document, "Hangars")
    document_made("Airships")
    assert_all_is_well(second)


def test_a_third_leaves_two() -> None:
    document_made("Zeppelins")
    first, second, third = index_build(), index_build(), index_build()
    assert states() == {second: State.RETIRED, third: State.SERVING}
    assert first not in metadata()


def test_what_changes_while_an_index_is_built_is_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    changed, gone = document_made("Zeppelins"), document_made("Zeppelins")
    old = index_build()
    render = building.documents_render

    def render_and_change(ids: list[int]) -> Any:
        """Somebody publishes after documents were read and before they are sent."""
        documents = render(ids)
        if changed.title == "Zeppelins":
            changed.title = "Hangars"
            document_changed(changed, "Hangars")
            document_bury(public_id=gone.public_id)
            document_made("Airships")
            # And a worker sends at once, before the older states arrive.
            outbox_empty()
        return documents

    monkeypatch.setattr(building, "documents_render", render_and_change)
    new = index_build()
    assert (held(new, changed) or {})["words"] == "hangar"
    assert set(states()) == {old, new}
    assert_all_is_well(new)


def test_what_waits_is_in_a_new_index_before_that_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    changed, gone = document_made("Zeppelins"), document_made("Zeppelins")
    index_build()
    settle, serve = building._settle, building.index_serve
    seen: list[tuple[str, bool]] = []

    def settle_and_change(name: str) -> None:
        """Somebody publishes when everything has been copied, and no worker sends."""
        document_changed(changed, "Hangars")
        document_bury(public_id=gone.public_id)
        settle(name)

    def look_and_serve(name: str) -> None:
        seen.append(((held(name, changed) or {})["words"], (held(name, gone) or {})["gone"]))
        serve(name)

    monkeypatch.setattr(building, "_settle", settle_and_change)
    monkeypatch.setattr(building, "index_serve", look_and_serve)
    assert_all_is_well(index_build())
    assert seen == [("hangar", True)]


STEPS = ["index_make", "_fill", "_settle", "_compare", "index_serve"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_build_that_is_killed_at_any_step_leaves_what_answered_and_the_next_one_tidies_up(
    monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    document = document_made("Zeppelins")
    old = index_build()
    whole = getattr(building, step)

    def killed(*args: Any, **kwargs: Any) -> None:
        if when == "after":
            whole(*args, **kwargs)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(building, step, killed)
        with pytest.raises(Killed):
            index_build()
    (answering,) = alias_names()
    assert (answering == old) is not ((step, when) == ("index_serve", "after"))
    document_changed(document, "Hangars")
    outbox_empty()
    assert found("q=hangars") == {document.public_id}
    new = index_build()
    assert len(states()) == 2
    assert_all_is_well(new)


def test_an_index_that_was_made_and_not_noted_is_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    document_made("Zeppelins")
    old = index_build()

    def killed() -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(indexes, "indexes_changing", killed)
        with pytest.raises(Killed):
            index_make(documents=1)
    assert len(metadata()) == 2
    sweep()
    assert_all_is_well(old)


def test_the_list_follows_an_alias_that_was_moved_before_the_list_said_so() -> None:
    document_made("Zeppelins")
    old, new = index_build(), index_build()
    # As it was before the transaction that was never committed.
    EngineIndex.objects.filter(name=new).update(state=State.BUILDING)
    EngineIndex.objects.filter(name=old).update(state=State.SERVING, retired_at=None)
    indexes_tidy()
    assert states() == {old: State.RETIRED, new: State.SERVING}
    assert_all_is_well(new)


def test_an_alias_that_somebody_has_taken_away_or_moved_elsewhere_comes_back() -> None:
    document_made("Zeppelins")
    name = index_build()
    server = client(seconds=10)
    server.indices.delete_alias(index=name, name=mapping.alias())
    indexes_tidy()
    assert_all_is_well(name)
    stray = index_make(documents=1)
    EngineIndex.objects.filter(name=stray).delete()
    server.indices.update_aliases(
        actions=[
            {"remove": {"index": name, "alias": mapping.alias()}},
            {"add": {"index": stray, "alias": mapping.alias()}},
        ]
    )
    indexes_tidy()
    assert_all_is_well(name)


def test_an_index_that_somebody_has_deleted_is_taken_off_the_list() -> None:
    document_made("Zeppelins")
    old, name = index_build(), index_build()
    client(seconds=10).indices.delete(index=old)
    indexes_tidy()
    assert states() == {name: State.SERVING}
    client(seconds=10).indices.delete(index=name)
    assert not is_current()
    new = index_build()
    assert_all_is_well(new)


def test_a_prefix_that_another_site_uses_is_left_alone() -> None:
    document_made("Zeppelins")
    theirs = index_build()
    EngineIndex.objects.all().delete()
    indexes.mapping.IndexState.objects.filter(name="site").update(value="another")
    with pytest.raises(EngineUnavailable, match="another site"):
        index_build()
    assert set(metadata()) == {theirs}


def test_a_retired_index_is_deleted_after_a_day() -> None:
    document_made("Zeppelins")
    old, new = index_build(), index_build()
    indexes_tidy()
    assert set(states()) == {old, new}
    EngineIndex.objects.filter(name=old).update(retired_at=timezone.now() - datetime.timedelta(hours=25))
    indexes_tidy()
    assert_all_is_well(new)
    assert set(states()) == {new}


def test_going_back_sends_what_is_gone_before_the_old_index_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, gone = document_made("Zeppelins"), document_made("Zeppelins")
    old, new = index_build(), index_build()
    document_bury(public_id=gone.public_id)
    answers: list[bool] = []
    serve = indexes.index_serve

    def serve_and_look(name: str) -> None:
        answers.append(bool((held(name, gone) or {}).get("gone")))
        serve(name)

    monkeypatch.setattr(indexes, "index_serve", serve_and_look)
    assert index_rollback() == old
    assert answers == [True]
    assert found("q=zeppelins") == {kept.public_id}
    assert states() == {old: State.SERVING, new: State.RETIRED}
    assert index_rollback() == new
    assert_all_is_well(new)


def test_one_does_not_go_back_when_what_is_gone_cannot_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = document_made("Zeppelins")
    _old, new = index_build(), index_build()
    document_bury(public_id=gone.public_id)

    def refused() -> int:
        raise DocumentsRefused({"x": "cluster_block_exception"})

    monkeypatch.setattr(indexes, "outbox_empty", refused)
    with pytest.raises(EngineUnavailable):
        index_rollback()
    monkeypatch.setattr(indexes, "outbox_empty", lambda: 0)
    with pytest.raises(EngineUnavailable, match="gone still wait"):
        index_rollback()
    assert alias_names() == [new]


def test_one_does_not_go_back_to_nothing() -> None:
    document_made("Zeppelins")
    index_build()
    with pytest.raises(NoOtherIndexError):
        index_rollback()


@pytest.mark.parametrize("work", [index_build, index_rollback, indexes_tidy])
def test_one_process_at_a_time_works_on_indexes(work: Callable[[], object]) -> None:
    with somebody_else_at(Lock.INDEXES):
        with pytest.raises(IndexesBusyError):
            work()
        sweep()
    assert metadata() == {}


def test_an_old_index_that_refuses_todays_documents_is_no_hindrance_to_a_new_one() -> None:
    document = document_made("Zeppelins")
    old = index_build()
    client(seconds=10).indices.put_settings(index=old, settings={"index.blocks.write": True})
    document_changed(document, "Hangars")
    new = index_build()
    assert set(states()) == {new}
    assert_all_is_well(new)


def test_an_index_of_other_code_is_not_current(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    assert not is_current()
    index_build()
    assert is_current()
    monkeypatch.setattr(mapping, "code", lambda: "other")
    assert not is_current()


def test_a_large_collection_has_two_shards_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapping, "TWO_SHARDS_FROM", 5)
    for number in range(30):
        document_made("Zeppelins", facets=[f"stage:{number % 3}"])
    name = index_build()
    kept = client(seconds=10).indices.get_settings(index=name, flat_settings=True)[name]["settings"]
    assert kept["index.number_of_shards"] == "2"
    assert kept["index.refresh_interval"] == "500ms"
    assert kept["index.translog.durability"] == "request"
    assert_all_is_well(name)
