"""Which engine answers: Elasticsearch where there is one and it is well, PostgreSQL always else.

A reader never waits for an engine that is not well. What failed once is left alone for a while and asked how it is by a
thread of its own, so that every request meanwhile is as quick as PostgreSQL; it comes back by itself.
"""

import contextlib
import functools
import logging
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from django.conf import settings
from django.db import OperationalError, connection

from search.encoders.base import Vectors
from search.engines.base import Begun, Engine, EngineAnswer, EngineHit, EngineUnavailable
from search.engines.postgres import PostgresEngine
from search.engines.snapshots import columns, columns_ready
from search.engines.waiting import waiters
from search.expansion import ExpandedText
from search.query import SearchQuery

logger = logging.getLogger(__name__)

T = TypeVar("T")
# How often one asks how an engine is that answers, and, growing, one that does not.
WELL_SECONDS = 5.0
ILL_SECONDS = (2.0, 30.0)
FORGIVEN_SECONDS = 120.0
# Up to so many documents, columns are read while the reader waits; of more, in the background, and not at once: reading
# keeps a process so busy that the reader who is there would wait as well.
QUICKLY_READ = 20_000
WARM_AFTER_SECONDS = 0.5
DEADLINE_MILLISECONDS = 800


class Breaker:
    """Remembers whether something may be asked, and finds out in the background when that may have changed."""

    def __init__(self, probe: Callable[[], tuple[bool, str]], *, now: Callable[[], float] = time.monotonic) -> None:
        self.cause = ""
        self._probe, self._now = probe, now
        self._is_closed: bool | None = None
        self._ask_at, self._wait = 0.0, ILL_SECONDS[0]
        # One that says it is well and then fails again is left alone longer each time.
        self._failures, self._failed_at = 0, 0.0
        self._lock = threading.Lock()
        self._asking = False

    def allows(self) -> bool:
        """Whether to ask. The first call finds out itself; later ones leave that to a thread."""
        if self._is_closed is None:
            self._settle(*self._probe())
        elif self._now() >= self._ask_at:
            with self._lock:
                starts, self._asking = not self._asking, True
            if starts:
                threading.Thread(target=self._find_out, name="engine-health", daemon=True).start()
        return bool(self._is_closed)

    def failed(self, cause: str) -> None:
        """Note that it did not answer: it is not asked again before it says that it is well."""
        if self._now() - self._failed_at > FORGIVEN_SECONDS:
            self._failures = 0
        self._failures, self._failed_at = self._failures + 1, self._now()
        self._settle(False, cause)

    def _find_out(self) -> None:
        try:
            self._settle(*self._probe())
        finally:
            self._asking = False
            # The thread's own connection to the database.
            connection.close()

    def _settle(self, is_well: bool, sentence: str) -> None:
        with self._lock:
            before, self._is_closed = self._is_closed, is_well
            if is_well:
                self._wait = WELL_SECONDS
            else:
                longer = ILL_SECONDS[0] * 2 ** max(self._failures - 1, 0) if before else self._wait * 2
                self._wait = min(longer, ILL_SECONDS[1])
            self._ask_at = self._now() + self._wait
            self.cause = "" if is_well else sentence
        if before is not is_well:
            if is_well:
                logger.info("Searches are answered by Elasticsearch.")
            else:
                logger.warning("Searches are answered by PostgreSQL. %s", sentence)


class ChosenEngine:
    """The engine that answers now; keeps the contract whatever happens to the one beside the database."""

    def __init__(self, beside: Engine | None, breaker: Breaker | None) -> None:
        self.beside, self.breaker = beside, breaker

    @property
    def name(self) -> str:
        """Return which engine would be asked next."""
        return self.beside.name if self.beside and self.breaker and self.breaker.allows() else PostgresEngine.name

    @property
    def is_as_configured(self) -> bool:
        """Whether the engine answers that the settings ask for."""
        return self.beside is None or self.name == self.beside.name

    def search(self, query: SearchQuery, text: ExpandedText) -> EngineAnswer:
        """Answer a query."""
        return self.begin(query, text).answer()

    def begin(self, query: SearchQuery, text: ExpandedText) -> Begun:
        """Begin to answer a query. Where the database has to answer after all, the hits can be others than before."""
        if self.beside is not None:
            _hold_in_reserve()
        begun = self.ask_beside(lambda engine: engine.begin(query, text))

        @functools.cache
        def answer() -> EngineAnswer:
            found = self.ask_beside(lambda engine: replace(begun.answer(), engine=engine.name)) if begun else None
            return found or replace(answer_from_postgres(query, text), engine=PostgresEngine.name)

        def hits() -> list[EngineHit]:
            found = self.ask_beside(lambda _engine: begun.hits()) if begun else None
            return answer().hits if found is None else found

        return Begun(hits, answer)

    def totals(self, questions: Sequence[tuple[SearchQuery, ExpandedText]]) -> list[int]:
        """Return how many documents each question has; none where there is no time to count."""
        return self.totals_begin(questions)()

    def totals_begin(self, questions: Sequence[tuple[SearchQuery, ExpandedText]]) -> Callable[[], list[int]]:
        """Begin to count what ``totals`` counts, and return what waits for it.

        An engine beside the database counts while the reader's own thread reads from that; the database counts when
        somebody waits.
        """
        begun = self.ask_beside(lambda engine: waiters().submit(engine.totals, questions))

        def wait() -> list[int]:
            found = self.ask_beside(lambda _engine: begun.result()) if begun else None
            if found is not None:
                return found
            return PostgresEngine().totals(questions) if _can_count() else [0] * len(questions)

        return wait

    def nearest(self, vector: Vectors, query: SearchQuery, *, limit: int) -> list[tuple[uuid.UUID, float]]:
        """Return the documents whose vectors are nearest."""
        found = self.ask_beside(lambda engine: engine.nearest(vector, query, limit=limit))
        return PostgresEngine().nearest(vector, query, limit=limit) if found is None else found

    def ask_beside(self, ask: Callable[[Engine], T]) -> T | None:
        """Return what the engine beside the database says; None where there is none, or it cannot answer.

        Args:
            ask: asks it, and raises ``EngineUnavailable`` where it cannot answer: it is left alone for a while then.
        """
        if self.beside is None or self.breaker is None or not self.breaker.allows():
            return None
        try:
            return ask(self.beside)
        except EngineUnavailable as unavailable:
            self.breaker.failed(str(unavailable))
            return None


def engine() -> ChosenEngine:
    """Return the engine that answers, with this process's memory of how it is."""
    if not settings.ELASTICSEARCH_URL:
        return ChosenEngine(None, None)
    return _chosen(settings.ELASTICSEARCH_URL, settings.ELASTICSEARCH_PREFIX)


@functools.cache
def _chosen(_url: str, _prefix: str) -> ChosenEngine:
    from search.engines.elasticsearch.engine import ElasticsearchEngine
    from search.engines.elasticsearch.health import health

    return ChosenEngine(ElasticsearchEngine(), Breaker(health))


@functools.cache
def _hold_in_reserve() -> None:
    """Read the columns once in a process that answers searches: who stands in for an engine must not begin by reading.

    The linker, which finds candidates for matches alone, does without: a million documents take a gigabyte.
    """
    columns_warm()


os.register_at_fork(after_in_child=_chosen.cache_clear)
os.register_at_fork(after_in_child=_hold_in_reserve.cache_clear)


def engine_state() -> tuple[bool, str]:
    """Say for ``doctor`` and the health page whether searches are answered as configured, and one sentence on it."""
    if not settings.ELASTICSEARCH_URL:
        return True, "PostgreSQL answers searches."
    from search.engines.elasticsearch.health import health

    is_well, sentence = health()
    return is_well, sentence if is_well else f"PostgreSQL answers searches, because Elasticsearch does not. {sentence}"


def answer_from_postgres(query: SearchQuery, text: ExpandedText) -> EngineAnswer:
    """Answer from PostgreSQL: in full, or with hits alone where there is no time to count."""
    if _can_count():
        try:
            with _deadline():
                return PostgresEngine().search(query, text)
        except OperationalError as error:
            if "statement timeout" not in str(error):
                raise
    columns_warm()
    return PostgresEngine().hits_only(query, text)


def _can_count() -> bool:
    """Whether there are columns to count by, or they are read in a moment."""
    return columns_ready() or _documents_estimated() <= QUICKLY_READ


def _documents_estimated() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'search_document'::regclass")
        return int(cursor.fetchone()[0])


@contextlib.contextmanager
def _deadline() -> Iterator[None]:
    """Have PostgreSQL give up on a statement in time, where there are so many documents that it could take long."""
    if connection.in_atomic_block or _documents_estimated() <= QUICKLY_READ:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = {DEADLINE_MILLISECONDS}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET statement_timeout")


_warming = threading.Lock()


def columns_warm() -> None:
    """Read the columns in the background, unless somebody already does."""

    def read() -> None:
        try:
            time.sleep(WARM_AFTER_SECONDS)
            columns()
        except OperationalError:
            logger.warning("The columns that counts come from could not be read; the next search tries again.")
        finally:
            _warming.release()
            connection.close()

    if _warming.acquire(blocking=False):
        threading.Thread(target=read, name="columns", daemon=True).start()


__all__ = ["Breaker", "ChosenEngine", "answer_from_postgres", "columns_warm", "engine", "engine_state"]
