"""What a process keeps in memory is what stands in the database, whoever changes it and whenever that is committed."""

import datetime
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from search.benchmarking import tables
from search.documents import document_bury, index_words
from search.engines import snapshots
from search.engines.columns import MOST_PATCHES, NO_DATE, Columns
from search.engines.postgres import PostgresEngine
from search.engines.postings import postings
from search.engines.snapshots import columns
from search.expansion import expand
from search.models import Document
from search.query import SearchQuery

pytestmark = pytest.mark.usefixtures("site")

days = st.one_of(st.none(), st.dates())
facets = st.sets(st.sampled_from(["type:story", "type:event", "year:2024", "harm:pay", "harm:stress"]), max_size=4)
steps = st.lists(st.tuples(st.sampled_from(["add", "change", "bury"]), st.integers(0, 30), days, facets), max_size=12)

WORDS = ["pace", "badge", "camera", "shift"]
STEMS = {"pace": "pace", "badge": "badg", "camera": "camera", "shift": "shift"}
texts = st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join)
writes = st.lists(
    st.tuples(st.sampled_from(["add", "change", "bury", "delete", "ask", "look"]), st.integers(0, 30), texts),
    max_size=15,
)


def day(document: Document) -> int:
    return document.date.toordinal() if document.date else NO_DATE


def afresh() -> Columns:
    return snapshots._load(snapshots._look(None).snapshot)


def as_rows(found: Columns) -> dict[int, tuple[object, ...]]:
    values: dict[int, set[str]] = {int(pk): set() for pk in found.ids}
    for row, code in zip(found.pair_rows, found.pair_codes, strict=True):
        values[int(found.ids[row])].add(found.values[code])
    return {
        int(pk): (
            int(found.dates[row]),
            (int(found.high[row]) << 64) | int(found.low[row]),
            round(float(found.lengths[row]), 3),
            bool(found.present[row]),
            frozenset(values[int(pk)]),
        )
        for row, pk in enumerate(found.ids)
    }


def test_what_is_read_is_what_stands_there() -> None:
    found = columns()
    expected = {
        d.pk: (
            day(d),
            d.public_id.int,
            round(d.length, 3),
            True,
            frozenset([*d.facets, *(f"subsector:{s}" for s in d.subsectors)]),
        )
        for d in Document.objects.present()
    }
    assert {pk: row for pk, row in as_rows(found).items() if row[3]} == expected
    assert found.documents == len(expected)


def test_taking_in_changes_one_by_one_gives_what_reading_all_anew_gives() -> None:
    # A transaction's own number is visible in its own snapshots: one looks from before it wrote anything.
    before = columns()

    @settings(max_examples=20, deadline=None)
    @given(steps)
    def check(changes: list[tuple[str, int, datetime.date | None, set[str]]]) -> None:
        known = before
        made: list[Document] = []
        for kind, number, date, values in changes:
            if kind == "add" or not made:
                made.append(
                    Document.objects.create(
                        public_id=uuid.uuid4(), kind="story", version=1, date=date, facets=sorted(values), length=number
                    )
                )
            else:
                document = made[number % len(made)]
                document.date, document.facets, document.length = date, sorted(values), float(number)
                document.is_gone = kind == "bury"
                document.save()
            known = snapshots._refreshed(known, snapshots._look(before.snapshot))
        known, whole = snapshots._refreshed(known, snapshots._look(before.snapshot)), afresh()
        assert as_rows(known) == as_rows(whole)
        assert (known.documents, round(known.mean_length, 3)) == (whole.documents, round(whole.mean_length, 3))

    check()


@pytest.fixture
def alone(content: None, django_db_blocker: object) -> Callable[[Callable[[], None]], None]:
    """How to do something among tables of its own, on a connection of its own, where each change is committed."""

    def run(work: Callable[[], None]) -> None:
        try:
            tables.schema_make(_KEPT)
            with tables.looking_into(_KEPT):
                work()
        finally:
            tables.schema_drop(_KEPT)
            connection.close()

    def apart(work: Callable[[], None]) -> None:
        with django_db_blocker.unblock(), ThreadPoolExecutor(1) as thread:  # type: ignore[attr-defined]
            thread.submit(run, work).result()

    return apart


def test_words_that_are_kept_are_those_that_stand_there_after_any_changes(
    alone: Callable[[Callable[[], None]], None],
) -> None:
    @settings(max_examples=60, deadline=None)
    @given(writes)
    def check(changes: list[tuple[str, int, str]]) -> None:
        made: list[Document] = []
        for kind, number, text in changes:
            some = [WORDS[number % len(WORDS)]]
            if kind == "ask":
                assert held(columns(), some) == held(afresh(), some)
            elif kind == "look":
                columns()
            elif kind == "add" or not made:
                made += Document.objects.bulk_create(
                    [Document(public_id=uuid.uuid4(), kind="story", version=1, body=text)]
                )
                index_words([made[-1].pk])
            else:
                document = made[number % len(made)]
                if kind == "change":
                    Document.objects.filter(pk=document.pk).update(body=text, is_gone=False)
                    index_words([document.pk])
                elif kind == "bury":
                    document_bury(public_id=document.public_id)
                else:
                    made.remove(document)
                    tables.documents_delete([document.pk], schema=_KEPT)
        assert held(columns(), WORDS) == held(afresh(), WORDS)
        tables.documents_delete([document.pk for document in made], schema=_KEPT)

    alone(check)


def test_words_that_nobody_asks_for_are_read_again_after_many_changes_and_others_are_not(
    alone: Callable[[Callable[[], None]], None],
) -> None:
    def check() -> None:
        [document] = Document.objects.bulk_create(
            [Document(public_id=uuid.uuid4(), kind="story", version=1, body="pace badge")]
        )
        index_words([document.pk])
        held(columns(), WORDS)
        for number in range(MOST_PATCHES + 1):
            Document.objects.filter(pk=document.pk).update(version=number)
            with CaptureQueriesContext(connection) as asked:
                held(columns(), ["pace"])
            assert not [query for query in asked if "search_posting WHERE" in query["sql"]]
        with CaptureQueriesContext(connection) as asked:
            assert held(columns(), ["badge"]) == {"badg": {document.pk: 1.0}}
        assert len([query for query in asked if "search_posting WHERE" in query["sql"]]) == 1

    alone(check)


_KEPT = "test_columns_kept"


def held(found: Columns, words: list[str]) -> dict[str, dict[int, float]]:
    """Return the postings of words: which documents, and how often."""
    answer = {}
    for word, (rows, often) in postings(found, [STEMS[word] for word in words]).items():
        answer[word] = dict(zip(found.ids[rows].tolist(), often.tolist(), strict=True))
        assert len(answer[word]) == len(rows) == len(often)
    return answer


def test_what_is_not_committed_is_seen_by_nobody_else_and_not_kept() -> None:
    before = columns()
    with transaction.atomic():
        Document.objects.create(public_id=uuid.uuid4(), kind="story", version=1)
        assert columns().documents == before.documents + 1
        transaction.set_rollback(True)
    assert columns().documents == before.documents


def test_what_stands_in_a_row_before_a_commit_is_not_kept() -> None:
    document = Document.objects.filter(kind="story").order_by("pk")[0]
    asked = f'"{document.title}"'

    def is_found() -> bool:
        hits = PostgresEngine().search(SearchQuery(text=asked), expand(asked)).hits
        return document.public_id in [hit.public_id for hit in hits]

    with transaction.atomic():
        Document.objects.filter(pk=document.pk).delete()
        assert not is_found()
        transaction.set_rollback(True)
    assert is_found()


def test_rows_go_in_order_by_score_date_and_id() -> None:
    found = columns()
    drawn = np.random.default_rng(1)
    scores = drawn.integers(0, 3, size=len(found.ids)).astype(np.float64)
    mask = drawn.random(len(found.ids)) < 0.7
    rows = [int(row) for row in np.flatnonzero(mask)]
    keys = {row: (-scores[row], -int(found.dates[row]), int(found.high[row]), int(found.low[row])) for row in rows}
    expected = sorted(rows, key=keys.__getitem__)
    for count in (1, 5, 40, len(rows) + 10):
        assert list(found.first(mask, scores, count=count, after=None)) == expected[:count]
    for at in (0, 7, len(rows) - 1):
        row = expected[at]
        place = (scores[row], int(found.dates[row]), int(found.high[row]), int(found.low[row]))
        assert list(found.first(mask, scores, count=5, after=place)) == expected[at + 1 : at + 6]


def test_a_change_that_commits_late_is_not_missed(content: None, django_db_blocker: object) -> None:
    """A transaction that began before another looked, and ended after: its number is lower than that look's."""
    begun, look_taken, ended = threading.Event(), threading.Event(), threading.Event()
    schema = "test_columns_late"

    def writer() -> None:
        try:
            with tables.looking_into(schema), transaction.atomic():
                Document.objects.create(public_id=uuid.UUID(int=7), kind="story", version=1)
                begun.set()
                assert look_taken.wait(20)
        finally:
            connection.close()
            ended.set()

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        thread = threading.Thread(target=_alone, args=(schema, writer, begun, look_taken, ended))
        thread.start()
        thread.join(60)
        assert _outcome == [0, 1, 2]


_outcome: list[int] = []


def _alone(
    schema: str, writer: object, begun: threading.Event, look_taken: threading.Event, ended: threading.Event
) -> None:
    """Run on a connection of its own, outside the test's transaction."""
    _outcome.clear()
    try:
        tables.schema_make(schema)
        with tables.looking_into(schema):
            _outcome.append(columns().documents)
            other = threading.Thread(target=writer)  # type: ignore[arg-type]
            other.start()
            assert begun.wait(20)
            # Written and committed while the other is still open.
            Document.objects.create(public_id=uuid.UUID(int=8), kind="story", version=1)
            _outcome.append(columns().documents)
            look_taken.set()
            assert ended.wait(20)
            other.join(20)
            _outcome.append(columns().documents)
        tables.schema_drop(schema)
    finally:
        connection.close()
