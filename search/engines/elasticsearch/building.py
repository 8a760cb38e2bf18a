"""Builds an index beside the one that answers.

The life of one: it is made and put into the list, so that it hears every change from then on; all documents are copied
into it; it is compared with the database, and what differs is mended; the alias is moved to it; a day later, or when
the next one has taken its place, it is deleted.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from search.engines.base import EngineUnavailable
from search.engines.elasticsearch import mapping
from search.engines.elasticsearch.client import MANAGE_SECONDS, ask, client
from search.engines.elasticsearch.comparing import differences_mend, index_compare
from search.engines.elasticsearch.indexes import (
    index_drop,
    index_make,
    index_serve,
    indexes_alone,
    metadata,
    tidy,
)
from search.engines.elasticsearch.putting import DocumentsRefused, documents_put
from search.engines.elasticsearch.rendering import Rendered, all_ids, documents_render, ids_bounded
from search.models import Document, EngineIndex
from search.outbox import documents_sent, outbox_empty, unsent

Progress = Callable[[int, int], None]
# Requests under way while the next documents are read, so that Elasticsearch never waits for us.
SENDERS = 2
_STEP = 5_000
# How often a new index is compared and mended before one gives up.
_ROUNDS = 3
State = EngineIndex.State


def is_current() -> bool:
    """Whether an index answers, and is of this code."""
    serving = EngineIndex.objects.filter(state=State.SERVING).values_list("name", flat=True).first()
    return serving is not None and metadata().get(serving, {}).get("code") == mapping.code()


def index_build(*, progress: Progress | None = None) -> str:
    """Build an index of all documents, have it answer, and return its name.

    Args:
        progress: called with documents done and to do.

    Raises:
        IndexesBusyError: another process is at work.
        EngineUnavailable: it could not be completed; what answered before goes on answering.
    """
    with indexes_alone():
        tidy()
        documents = Document.objects.count()
        name = index_make(documents=documents)
        _fill(name, documents, progress)
        _settle(name)
        _compare(name)
        index_serve(name)
        try:
            outbox_empty()
        except DocumentsRefused:
            # What cannot take today's documents is nothing to go back to.
            for other in EngineIndex.objects.exclude(name=name).values_list("name", flat=True):
                index_drop(other)
        retired = EngineIndex.objects.filter(state=State.RETIRED).order_by("-retired_at")
        for older in retired.values_list("name", flat=True)[1:]:
            index_drop(older)
        return name


def _fill(name: str, total: int, progress: Progress | None) -> None:
    """Copy every document into an index: this thread reads and writes them out, others send."""
    under_way: dict[Future[None], list[Rendered]] = {}
    done = 0
    with ThreadPoolExecutor(max_workers=SENDERS, thread_name_prefix="fill") as pool:

        def collect(*, most: int) -> None:
            nonlocal done
            while len(under_way) > most:
                for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                    documents = under_way.pop(future)
                    future.result()
                    _note(documents)
                    done += len(documents)
                    if progress is not None:
                        progress(done, total)

        for step in all_ids(step=_STEP):
            for ids in ids_bounded(step):
                documents = documents_render(ids)
                collect(most=SENDERS)
                future = pool.submit(documents_put, documents, indexes=[name], seconds=MANAGE_SECONDS)
                under_way[future] = documents
        collect(most=0)


def _note(documents: Sequence[Rendered]) -> None:
    """Note that documents were sent, if the new index is the only one: else the others have their own to hear."""
    if EngineIndex.objects.count() == 1:
        documents_sent(documents)


def _settle(name: str) -> None:
    """Give a full index the settings that it answers with, and wait until all is on disk and it can answer."""
    answering = mapping.settings_answering()
    ask(lambda: client(seconds=MANAGE_SECONDS).indices.put_settings(index=name, settings=answering))
    ask(lambda: client(seconds=MANAGE_SECONDS).indices.flush(index=name, wait_if_ongoing=True))
    ask(lambda: client(seconds=MANAGE_SECONDS).cluster.health(index=name, wait_for_status="yellow", timeout="30s"))


def _compare(name: str) -> None:
    """Compare a full index with the database, and mend it until they agree."""
    for _round in range(_ROUNDS):
        _catch_up(name)
        found = index_compare(name, content=False)
        if not found:
            return
        differences_mend(name, found)
    raise EngineUnavailable(f"The new index differs from the database in {len(found)} documents, and cannot be mended.")


def _catch_up(name: str) -> None:
    """Have the new index hear what has changed since it was copied; older ones may refuse what they do not know."""
    try:
        outbox_empty()
    except DocumentsRefused:
        for ids in ids_bounded(list(unsent().values_list("pk", flat=True))):
            documents_put(documents_render(ids), indexes=[name], seconds=MANAGE_SECONDS)
