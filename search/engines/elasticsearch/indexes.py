"""The list of indexes and the alias: which index answers, which are kept, which are deleted.

Every index in the list (``EngineIndex``) hears every change, whatever its state. So one can always go back to another,
and whichever of the complete ones the alias names, what it answers is right.

Whoever changes the list or the alias can be killed between any two steps:

- an index was made and is not yet in the list: nobody fills it, nobody asks it. Tidying deletes it.
- it is being filled: it is in the list as being built, and another answers. Tidying deletes it; a build begins anew.
- the alias was moved and the list does not say so: the alias is right, since an index is complete before it is moved
  there. Tidying has the list follow the alias, before it deletes anything by what the list says.
- an index was taken off the list and is not yet deleted: as the first.

Tidying comes before each build and each return to an old index, and with the hourly sweep. One process at a time does
any of this: the one that has the lock.
"""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils import timezone

from search.engines.base import EngineUnavailable
from search.engines.elasticsearch import is_set, mapping
from search.engines.elasticsearch.client import MANAGE_SECONDS, ask, client
from search.locks import Lock, held
from search.models import EngineIndex
from search.outbox import indexes_changing, outbox_empty, waits_since

# How long one can go back to an index after another has taken its place.
KEPT = datetime.timedelta(hours=24)
State = EngineIndex.State


class IndexesBusyError(EngineUnavailable):
    """Another process is building, tidying or going back."""

    def __init__(self) -> None:
        super().__init__("Another process is at work on the indexes: wait until it has finished.")


class NoOtherIndexError(EngineUnavailable):
    """There is no index to go back to."""

    def __init__(self) -> None:
        super().__init__("There is no other index to go back to: one is kept for a day after a rebuild.")


@contextmanager
def indexes_alone() -> Iterator[None]:
    """Hold the lock of whoever changes the list or the alias.

    Raises:
        IndexesBusyError: another process has it.
    """
    with held(Lock.INDEXES, wait=False) as is_held:
        if not is_held:
            raise IndexesBusyError
        yield


def metadata() -> dict[str, dict[str, Any]]:
    """Return our indexes that there are in Elasticsearch, each with what was noted when it was made."""
    found = ask(lambda: client(seconds=MANAGE_SECONDS).indices.get_mapping(index=mapping.names_pattern())).body
    return {name: value["mappings"].get("_meta", {}) for name, value in found.items() if mapping.is_ours(name)}


def alias_names(*, seconds: float = MANAGE_SECONDS) -> list[str]:
    """Return the indexes that the alias names: one, if all is well."""
    answer = ask(lambda: client(seconds=seconds).options(ignore_status=404).indices.get_alias(name=mapping.alias()))
    return sorted(answer.body) if answer.meta.status != 404 else []


def indexes_describe() -> list[dict[str, Any]]:
    """Return what is to be known of each index in the list, for an operator; oldest first."""
    rows = ask(
        lambda: client(seconds=MANAGE_SECONDS).cat.indices(
            index=mapping.names_pattern(), format="json", bytes="b", h=["index", "health", "docs.count", "store.size"]
        )
    ).body
    there: dict[str, Any] = {row["index"]: row for row in rows if isinstance(row, dict)}
    return [
        {
            "name": name,
            "state": state,
            "documents": int(there.get(name, {}).get("docs.count") or 0),
            "bytes": int(there.get(name, {}).get("store.size") or 0),
            "health": there.get(name, {}).get("health", "missing"),
        }
        for name, state in EngineIndex.objects.order_by("created_at").values_list("name", "state")
    ]


def index_make(*, documents: int) -> str:
    """Make an empty index that hears every change from now on, and return its name.

    Args:
        documents: how many it will hold, about.
    """
    name = mapping.new_name()
    ask(
        lambda: client(seconds=MANAGE_SECONDS).indices.create(
            index=name,
            settings=mapping.settings_of(documents=documents),
            mappings=mapping.mappings(documents=documents),
            aliases={mapping.entrance(name): {}},
        )
    )
    with indexes_changing():
        EngineIndex.objects.create(name=name, state=State.BUILDING)
    return name


def index_serve(name: str) -> None:
    """Have an index answer, and retire the one that did.

    The list is changed before the alias is moved, and committed after: if that cannot be moved, nothing has changed.
    """
    everything = {"index": mapping.names_pattern(), "alias": mapping.alias(), "must_exist": False}
    with transaction.atomic():
        EngineIndex.objects.filter(state=State.SERVING).exclude(name=name).update(
            state=State.RETIRED, retired_at=timezone.now()
        )
        EngineIndex.objects.filter(name=name).update(state=State.SERVING, retired_at=None)
        ask(
            lambda: client(seconds=MANAGE_SECONDS).indices.update_aliases(
                actions=[{"remove": everything}, {"add": {"index": name, "alias": mapping.alias()}}]
            )
        )


def index_drop(name: str) -> None:
    """Take an index off the list, and delete it."""
    with indexes_changing():
        EngineIndex.objects.filter(name=name).delete()
    ask(lambda: client(seconds=MANAGE_SECONDS).options(ignore_status=404).indices.delete(index=name))


def index_rollback() -> str:
    """Have the index that was retired last answer again, and return its name.

    It has heard everything that the other has; what waits is sent to it first, so that nothing that is gone comes back.

    Raises:
        IndexesBusyError: another process is at work.
        NoOtherIndexError: there is none.
        EngineUnavailable: it could not be brought up to date; nothing has changed.
    """
    with indexes_alone():
        tidy()
        retired = EngineIndex.objects.filter(state=State.RETIRED).order_by("-retired_at").first()
        if retired is None:
            raise NoOtherIndexError
        outbox_empty()
        if waits_since(is_gone=True) is not None:
            raise EngineUnavailable("Documents that are gone still wait to be sent.")
        index_serve(retired.name)
        return retired.name


def indexes_tidy() -> None:
    """Have list and alias agree, and delete what is half-built, forgotten, or retired for long enough.

    Raises:
        IndexesBusyError: another process is at work.
        EngineUnavailable: Elasticsearch cannot say what there is.
    """
    if is_set():
        with indexes_alone():
            tidy()


def tidy() -> None:
    """Tidy, for whoever has the lock."""
    there = metadata()
    _agree(there)
    listed = set(EngineIndex.objects.values_list("name", flat=True))
    forgotten = {name for name, noted in there.items() if name not in listed and noted.get("site") == mapping.site_id()}
    half_built = EngineIndex.objects.filter(state=State.BUILDING).values_list("name", flat=True)
    too_old = EngineIndex.objects.filter(state=State.RETIRED, retired_at__lt=timezone.now() - KEPT)
    for name in {*forgotten, *half_built, *too_old.values_list("name", flat=True)}:
        index_drop(name)


def _agree(there: dict[str, dict[str, Any]]) -> None:
    """Have list and alias agree on which index answers."""
    named = alias_names()
    if any(there.get(name, {}).get("site") != mapping.site_id() for name in named):
        raise EngineUnavailable(
            f"The alias {mapping.alias()} belongs to another site: give this one a prefix of its own "
            "(ELASTICSEARCH_PREFIX)."
        )
    with indexes_changing():
        # Someone has deleted them.
        EngineIndex.objects.exclude(name__in=list(there)).delete()
    serving = EngineIndex.objects.filter(state=State.SERVING).values_list("name", flat=True).first()
    if named == [serving]:
        return
    if len(named) == 1 and EngineIndex.objects.filter(name=named[0]).exists():
        index_serve(named[0])
    elif serving is not None:
        index_serve(serving)
