"""Which engine answers, and that a reader never notices one that does not."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from search.engines import choosing, snapshots
from search.engines.base import Begun, EngineAnswer, EngineUnavailable
from search.engines.choosing import Breaker, ChosenEngine, answer_from_postgres, engine, engine_state
from search.engines.postgres import PostgresEngine
from search.engines.snapshots import columns
from search.expansion import ExpandedText, Synonyms, expand
from search.models import Document
from search.pages import search
from search.query import SearchQuery

pytestmark = pytest.mark.usefixtures("site")


@pytest.fixture(autouse=True)
def _read_to_the_end(db: None) -> Iterator[None]:
    """Wait for columns that are read in the background: not into another test."""
    yield
    for thread in threading.enumerate():
        if thread.name == "columns":
            thread.join()


class Clock:
    """Time that passes when told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def waited_for(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


def test_what_failed_is_left_alone_until_it_says_that_it_is_well() -> None:
    clock, answers, asked = Clock(), [(True, ""), (False, "red"), (True, "")], list[str]()

    def probe() -> tuple[bool, str]:
        asked.append(threading.current_thread().name)
        return answers.pop(0)

    breaker = Breaker(probe, now=clock)
    assert breaker.allows()
    breaker.failed("slow")
    assert not breaker.allows()
    assert breaker.cause == "slow"
    assert len(asked) == 1
    clock.now += choosing.ILL_SECONDS[0] + 0.1
    # Whoever comes by waits for nothing; a thread asks, and finds it ill.
    assert not breaker.allows()
    assert waited_for(lambda: len(asked) == 2 and breaker.cause == "red")
    assert asked[1] == "engine-health"
    assert not breaker.allows()
    clock.now += 2 * choosing.ILL_SECONDS[0] + 0.1
    breaker.allows()
    assert waited_for(breaker.allows)
    assert breaker.cause == ""


def test_it_waits_longer_each_time_but_not_for_ever() -> None:
    clock = Clock()
    breaker = Breaker(lambda: (False, "down"), now=clock)
    breaker.allows()
    pauses = []
    for _round in range(8):
        breaker.failed("down")
        pauses.append(breaker._wait)
    assert pauses == sorted(pauses)
    assert pauses[-1] == choosing.ILL_SECONDS[1]


def test_one_that_says_it_is_well_and_fails_again_is_left_alone_longer_each_time() -> None:
    clock = Clock()
    breaker = Breaker(lambda: (True, ""), now=clock)
    assert breaker.allows()
    pauses = []
    for _round in range(4):
        breaker.failed("slow")
        pauses.append(breaker._wait)
        breaker._settle(*breaker._probe())
    assert pauses == [2.0, 4.0, 8.0, 16.0]
    clock.now += choosing.FORGIVEN_SECONDS + 1
    breaker.failed("slow")
    assert breaker._wait == 2.0


class Fails:
    """An engine that does not answer."""

    name = "elasticsearch"
    asked = 0

    def search(self, *_arguments: Any) -> Any:
        self.asked += 1
        raise EngineUnavailable("It does not answer.")

    begin = totals = nearest = search


class FailsToCount(PostgresEngine):
    """An engine that has hits, and nothing else any more."""

    name = "elasticsearch"

    def begin(self, query: SearchQuery, text: ExpandedText) -> Begun:
        """Return some hits, in another order than the database's, and no answer."""

        def answer() -> EngineAnswer:
            raise EngineUnavailable("It went away.")

        return Begun(lambda: self.search(query, text).hits[::-1], answer)


def test_where_counts_do_not_come_the_page_has_the_hits_of_whoever_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    query = SearchQuery(text="tracking")
    expected = search(query, path="/search/")
    assert len(expected.hits) > 1
    chosen = ChosenEngine(FailsToCount(), Breaker(lambda: (True, "")))
    monkeypatch.setattr("search.pages.engine", lambda: chosen)
    page = search(query, path="/search/")
    assert [hit.document.public_id for hit in page.hits] == [hit.document.public_id for hit in expected.hits]
    assert (page.total, page.boxes, page.last_place) == (expected.total, expected.boxes, expected.last_place)
    assert not chosen.is_as_configured


def test_a_failing_engine_is_asked_once_and_postgres_answers() -> None:
    fails = Fails()
    chosen = ChosenEngine(fails, Breaker(lambda: (True, "")))  # type: ignore[arg-type]
    query, text = SearchQuery(text="tracking"), expand("tracking")
    for _time in range(5):
        answer = chosen.search(query, text)
        assert answer.engine == "postgres"
        assert answer == replace(PostgresEngine().search(query, text), engine="postgres")
    assert chosen.totals([(query, text)]) == [answer.total]
    assert fails.asked == 1
    assert chosen.name == "postgres"
    assert not chosen.is_as_configured


@pytest.mark.parametrize(
    ("status", "body", "seconds"),
    [(500, {}, 0), (401, {}, 0), (429, {"error": {"type": "circuit_breaking_exception"}}, 0), (200, {}, 3)],
)
def test_a_sick_server_is_noticed_and_the_page_comes_all_the_same(
    status: int, body: Any, seconds: float, make_server: Any, settings: Any, visitor: Client
) -> None:
    server = make_server()
    server.status, server.body, server.seconds = status, body, seconds
    settings.ELASTICSEARCH_URL, settings.ELASTICSEARCH_PREFIX = server.url, f"test-{uuid.uuid4().hex[:6]}"
    columns()
    started = time.monotonic()
    page = visitor.get("/search/?q=tracking")
    assert page.status_code == 200
    assert "Warehouse workers" in page.content.decode()
    # The patience with an engine, and a generous allowance for a busy machine.
    assert time.monotonic() - started < 5
    assert visitor.get("/health/").json()["status"] == "degraded"
    works, sentence = engine_state()
    assert not works
    assert "PostgreSQL answers" in sentence
    assert engine().name == "postgres"


class Well(PostgresEngine):
    """An engine beside the database that answers."""

    name = "elasticsearch"


def test_only_a_process_that_answers_searches_reads_columns_in_reserve() -> None:
    choosing._hold_in_reserve.cache_clear()
    standing = ChosenEngine(Well(), Breaker(lambda: (True, "")))

    def is_reading() -> bool:
        return any(thread.name == "columns" for thread in threading.enumerate())

    assert standing.ask_beside(lambda beside: beside.name) == Well.name
    assert not is_reading()
    standing.search(SearchQuery(text="scanner"), expand("scanner", Synonyms()))
    assert is_reading()


def test_without_time_to_count_there_are_hits_and_a_line_that_says_so(
    visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As after a start with very many documents: nothing is read yet, and to read takes too long.
    monkeypatch.setattr(choosing, "QUICKLY_READ", -2)
    snapshots._kept.clear()
    page = visitor.get("/search/?q=tracking&type=story").content.decode()
    assert "Counts are being restored" in page
    assert "Warehouse workers" in page
    assert "Narrow down" not in page
    # It reads in the background, and then counts.
    assert waited_for(lambda: "Narrow down" in visitor.get("/search/?q=tracking&type=story").content.decode())


def test_hits_alone_are_the_matches_newest_first() -> None:
    for text in ("", "tracking", "tracking -hospital", '"data used"'):
        for page in (1, 2):
            query = SearchQuery(text=text, sort="newest", page=page, size=6, facets={"type": ("story", "resource")})
            expanded = expand(text, Synonyms.load())
            whole = PostgresEngine().search(query, expanded)
            quick = PostgresEngine().hits_only(query, expanded)
            assert [hit.public_id for hit in quick.hits] == [hit.public_id for hit in whole.hits]
            assert not quick.complete
            assert (quick.total > page * 6) == (whole.total > page * 6)


def test_postgres_answers_in_full_when_there_is_time() -> None:
    answer = answer_from_postgres(SearchQuery(), expand(""))
    assert answer.complete
    assert answer.total == Document.objects.present().count()
