"""What order and counts are computed from, as arrays in memory: exact, because each query asks for what is new.

PostgreSQL finds words quickly and counts slowly: for a word that stands in every document it would read every row, and
unfold some fifteen facet values of each. Here a process keeps, for each document, its id, date and length, and a pair
(row, value) for each facet value and subsector: some 100 bytes a document. Before each query it asks which documents
were written by transactions that its snapshot had not seen (``written_by``, set by a trigger), and takes these in. What
a transaction has not committed is seen by that transaction alone and never kept.
"""

import threading
import uuid
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from django.db import connection

Rows: TypeAlias = npt.NDArray[np.int64]
"""Numbers of rows."""
Mask: TypeAlias = npt.NDArray[np.bool_]
"""Of shape (rows,): which rows are meant."""

NO_DATE = np.iinfo(np.int32).min
# Numbers that are kept of what queries have read (four bytes each).
MOST_REMEMBERED = 10_000_000
# What a document carries: its facet values, and the subsectors that decide whether it is of another industry.
_VALUES_SQL = "(facets || ARRAY(SELECT 'subsector:' || s FROM unnest(subsectors) AS s))"
# Collections of which columns are kept at a time; a second one is another database, or a benchmark's.
_MOST_KEPT = 4
_EPOCH_ORDINAL = 730_120  # 2000-01-01, from which PostgreSQL counts days


class Memory:
    """What was read for queries about one state of the documents: kept until a document changes, and bounded."""

    def __init__(self) -> None:
        self._arrays: dict[Hashable, tuple[npt.NDArray[Any], ...]] = {}
        self._numbers = 0

    def get(self, key: Hashable) -> tuple[npt.NDArray[Any], ...] | None:
        """Return what is kept under a key."""
        return self._arrays.get(key)

    def put(self, key: Hashable, arrays: tuple[npt.NDArray[Any], ...]) -> None:
        """Keep arrays, and forget the oldest where there are too many."""
        self._arrays[key] = arrays
        self._numbers += sum(map(len, arrays))
        while self._numbers > MOST_REMEMBERED and len(self._arrays) > 1:
            try:
                oldest = next(iter(self._arrays))
                self._numbers -= sum(map(len, self._arrays.pop(oldest)))
            except (KeyError, RuntimeError):  # another thread forgets as well
                return


@dataclass(frozen=True)
class Columns:
    """Every document that PostgreSQL knew when it was asked; immutable.

    ``ids``, ``high`` and ``low`` (the public id's halves), ``dates`` (ordinals, ``NO_DATE`` for none), ``lengths`` and
    ``present`` have shape (rows,); ``pair_rows`` and ``pair_codes`` have an entry for each facet value of each row, its
    code standing for ``values[code]``. ``row_of`` gives a document's row, -1 for none; shape (highest id + 1,).
    """

    snapshot: str
    ids: Rows
    high: npt.NDArray[np.uint64]
    low: npt.NDArray[np.uint64]
    dates: npt.NDArray[np.int32]
    lengths: npt.NDArray[np.float32]
    present: Mask
    row_of: npt.NDArray[np.int32]
    pair_rows: npt.NDArray[np.int32]
    pair_codes: npt.NDArray[np.int32]
    values: tuple[str, ...]
    codes: Mapping[str, int]
    documents: int
    mean_length: float
    memory: Memory = field(default_factory=Memory, compare=False)
    # Words that stood in more than a tenth of the documents when somebody looked: of very many, they tell little apart.
    common: set[str] = field(default_factory=set, compare=False)

    def rows(self, ids: Rows) -> Rows:
        """Return the rows of documents, -1 for those that are not there."""
        known = np.clip(ids, 0, len(self.row_of) - 1)
        return np.where(ids == known, self.row_of[known], -1).astype(np.int64)

    def carrying(self, values: Iterable[str]) -> Mask:
        """Return which rows carry at least one of the facet values ("facet:value")."""
        found = np.zeros(len(self.ids), dtype=bool)
        for value in values:
            found[self.rows_carrying(value)] = True
        return found

    def rows_carrying(self, value: str) -> npt.NDArray[np.int32]:
        """Return the rows that carry a facet value, each once."""
        code = self.codes.get(value)
        rows, begins = self._by_value()
        return rows[:0] if code is None else rows[begins[code] : begins[code + 1]]

    def carried(self) -> npt.NDArray[np.int64]:
        """Return by how many rows each value is carried; shape (values,)."""
        return np.diff(self._by_value()[1])

    def _by_value(self) -> tuple[npt.NDArray[Any], ...]:
        """Return rows in the order of what they carry, and where those of each value begin; kept like postings."""
        key = ("by value",)
        if (kept := self.memory.get(key)) is None:
            carried = np.bincount(self.pair_codes, minlength=len(self.values))
            begins = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(carried)])
            kept = self.pair_rows[np.argsort(self.pair_codes, kind="stable")], begins
            self.memory.put(key, kept)
        return kept

    def dated(self, since: int | None, until: int | None) -> Mask:
        """Return which rows have a date in a span; both ends are ordinals, and included."""
        found = self.dates != NO_DATE
        if since is not None:
            found &= self.dates >= since
        if until is not None:
            found &= self.dates <= until
        return found

    def weighed(self, weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return for each row the sum of the weights of what it carries.

        Args:
            weights: of every value, shape (values,).
        """
        found = np.bincount(self.pair_rows, weights=weights[self.pair_codes], minlength=len(self.ids))
        return found.astype(np.float64, copy=False)

    def counts(self, mask: Mask) -> npt.NDArray[np.int64]:
        """Return for each facet value how many of the rows carry it; shape (values,)."""
        return np.bincount(self.pair_codes[mask[self.pair_rows]], minlength=len(self.values))

    def first(
        self, mask: Mask, scores: npt.NDArray[np.float64] | None, *, count: int, after: tuple[Any, ...] | None
    ) -> Rows:
        """Return the first rows: best score first, then newest, then by public id.

        Args:
            mask: the rows to order.
            scores: shape (rows,); None to order by date and public id alone.
            count: how many, at most.
            after: only what stands behind this place: score, date ordinal, high and low half of the public id.
        """
        rows = np.flatnonzero(mask)
        # Each ascending, so that the first is the smallest; what has no date comes last by itself.
        keys: list[npt.NDArray[Any]] = [] if scores is None else [-scores[rows]]
        keys += [-self.dates[rows].astype(np.int64), self.high[rows], self.low[rows]]
        if after is not None:
            score, date, high, low = after
            place: list[Any] = [] if scores is None else [-score]
            place += [-int(date), np.uint64(high), np.uint64(low)]
            behind = np.zeros(len(rows), dtype=bool)
            level = np.ones(len(rows), dtype=bool)
            for key, value in zip(keys, place, strict=True):
                behind |= level & (key > value)
                level &= key == value
            rows, keys = rows[behind], [key[behind] for key in keys]
        return rows[_smallest(keys, count)]


def _smallest(keys: Sequence[npt.NDArray[Any]], count: int) -> Rows:
    """Return the places of the smallest entries, in order; by the first key, then the next where equal."""
    among = np.arange(len(keys[0]))
    kept: list[Rows] = []
    wanted = count
    for key in keys:
        if len(among) <= wanted:
            break
        here = key[among]
        edge = np.partition(here, wanted - 1)[wanted - 1]
        below = among[here < edge]
        kept.append(below)
        wanted -= len(below)
        among = among[here == edge]
    found = np.concatenate([*kept, among])
    order = np.lexsort([key[found] for key in reversed(keys)])
    return found[order][:count]


@dataclass(frozen=True)
class _Seen:
    """What one statement saw: which table, in which state, and what had changed there.

    ``table`` names database, table and the table's file, which is another when it has been emptied. ``is_writing``: the
    transaction has written something itself, which nobody else is to see.
    """

    table: tuple[str, int, int]
    snapshot: str
    is_writing: bool
    changed: list[tuple[int, uuid.UUID, int, float, bool, list[str]]]


_kept: dict[tuple[str, int, int], Columns] = {}
# Which table was looked into last in a database: the first guess of what this connection sees.
_last: dict[str, tuple[str, int, int]] = {}
_lock = threading.Lock()


def columns() -> Columns:
    """Return the columns as this connection sees the documents now."""
    guess = _last.get(_database())
    known = _kept.get(guess) if guess else None
    seen = _look(known.snapshot if known else None)
    if seen.table != guess or known is None:
        known = _known(seen)
        seen = _look(known.snapshot)
    current = _refreshed(known, seen)
    if not seen.is_writing:
        _last[_database()] = seen.table
        if current is not known:
            _keep(seen.table, current)
    return current


def columns_ready() -> bool:
    """Whether this process has columns of this connection's documents, so that ``columns`` is quick."""
    return _last.get(_database()) in _kept


def _known(seen: _Seen) -> Columns:
    if (found := _kept.get(seen.table)) is not None:
        return found
    with _lock:
        found = _kept.get(seen.table)
        if found is None:
            found = _load(seen.snapshot)
            if not seen.is_writing:
                _keep(seen.table, found)
    return found


def _keep(table: tuple[str, int, int], found: Columns) -> None:
    while len(_kept) >= _MOST_KEPT and table not in _kept:
        _kept.pop(next(iter(_kept)), None)
    _kept[table] = found


def _database() -> str:
    settings = connection.settings_dict
    return f"{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"


def _look(snapshot: str | None) -> _Seen:
    """Return the state of the documents' table, and what has changed since a snapshot, where there is one."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT 'search_document'::regclass::oid, pg_relation_filenode('search_document'),
                pg_current_snapshot()::text, pg_current_xact_id_if_assigned() IS NOT NULL,
                d.id, d.public_id, coalesce(d.date - '2000-01-01'::date + %(epoch)s, %(none)s), d.length,
                NOT d.is_gone, d.carried
            FROM (SELECT %(snapshot)s::pg_snapshot AS known) s
            LEFT JOIN (SELECT *, {_VALUES_SQL} AS carried FROM search_document) d
                ON d.written_by >= pg_snapshot_xmin(s.known)
                AND NOT pg_visible_in_snapshot(d.written_by, s.known)
            ORDER BY d.id
            """,
            {"snapshot": snapshot, "epoch": _EPOCH_ORDINAL, "none": NO_DATE},
        )
        rows = cursor.fetchall()
    table, file, now, is_writing = rows[0][:4]
    changed = [row[4:] for row in rows if row[4] is not None]
    return _Seen((_database(), table, file), now, is_writing, changed)


def _load(snapshot: str) -> Columns:
    """Read every document. What is written meanwhile is read again by the next refresh."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT array_send(array_agg(id)), array_send(array_agg(length)),
                array_send(array_agg(coalesce(date - '2000-01-01'::date + %s, %s)::int4)),
                array_send(array_agg((NOT is_gone)::int)), string_agg(uuid_send(public_id), ''::bytea)
            FROM (SELECT * FROM search_document ORDER BY id) d
            """,
            [_EPOCH_ORDINAL, NO_DATE],
        )
        ids, lengths, dates, present, public_ids = cursor.fetchone()
        cursor.execute(
            f"SELECT value, array_send(array_agg(id)) FROM search_document d, unnest({_VALUES_SQL}) AS value "
            "GROUP BY value"
        )
        pairs = cursor.fetchall()
    empty = np.zeros(0, dtype=np.int64)
    if ids is None:
        return _columns(snapshot, empty, empty, empty, empty, empty, empty, [])
    halves = np.frombuffer(public_ids, dtype=">u8").astype(np.uint64).reshape(-1, 2)
    return _columns(
        snapshot,
        unpacked(ids, "i8"),
        halves[:, 0],
        halves[:, 1],
        unpacked(dates, "i4"),
        unpacked(lengths, "f8"),
        unpacked(present, "i4"),
        [(value, unpacked(found, "i8")) for value, found in pairs],
    )


def unpacked(sent: bytes | memoryview | None, kind: str) -> npt.NDArray[Any]:
    """Return an array of numbers that PostgreSQL sent by ``array_send``: one dimension, no nulls.

    Args:
        sent: a header of 20 bytes, then each number with its length before it; None for no numbers.
        kind: the numbers, as numpy calls them: i4, i8, f4, f8.
    """
    if sent is None:
        return np.zeros(0, dtype=f"={kind}")
    pairs = np.frombuffer(sent, dtype=[("length", ">i4"), ("value", f">{kind}")], offset=20)
    return pairs["value"].astype(f"={kind}")


def _columns(
    snapshot: str,
    ids: Any,
    high: Any,
    low: Any,
    dates: Any,
    lengths: Any,
    present: Any,
    pairs: list[tuple[str, Rows]],
) -> Columns:
    row_of = np.full(int(ids[-1]) + 1 if len(ids) else 1, -1, dtype=np.int32)
    row_of[ids] = np.arange(len(ids))
    found = Columns(
        snapshot=snapshot,
        ids=ids,
        high=high.astype(np.uint64),
        low=low.astype(np.uint64),
        dates=dates.astype(np.int32),
        lengths=lengths.astype(np.float32),
        present=present.astype(bool),
        row_of=row_of,
        pair_rows=np.concatenate([np.zeros(0, np.int32), *(row_of[some] for _value, some in pairs)]),
        pair_codes=np.repeat(np.arange(len(pairs), dtype=np.int32), [len(some) for _value, some in pairs]),
        values=tuple(value for value, _ids in pairs),
        codes={value: code for code, (value, _ids) in enumerate(pairs)},
        documents=0,
        mean_length=1.0,
    )
    return _summed_up(found)


def _summed_up(found: Columns) -> Columns:
    lengths = found.lengths[found.present]
    mean = float(lengths.mean(dtype=np.float64)) if len(lengths) else 1.0
    return replace(found, documents=len(lengths), mean_length=max(mean, 1.0))


def _refreshed(known: Columns, seen: _Seen) -> Columns:
    """Return the columns with everything that had changed since their snapshot."""
    changed, snapshot = seen.changed, seen.snapshot
    if not changed:
        return known if known.snapshot == snapshot else replace(known, snapshot=snapshot)
    ids = np.array([row[0] for row in changed], dtype=np.int64)
    places = known.rows(ids)
    fresh = ids[places < 0]
    count = len(known.ids) + len(fresh)
    places[places < 0] = np.arange(len(known.ids), count)
    row_of = known.row_of
    if len(fresh):
        row_of = np.full(max(len(row_of), int(fresh[-1]) + 1), -1, dtype=np.int32)
        row_of[: len(known.row_of)] = known.row_of
        row_of[fresh] = np.arange(len(known.ids), count)

    def grown(column: npt.NDArray[Any], values: list[Any]) -> npt.NDArray[Any]:
        new = np.empty(count, dtype=column.dtype)
        new[: len(column)] = column
        new[places] = np.array(values, dtype=column.dtype)
        return new

    codes = dict(known.codes)
    for row in changed:
        for value in row[5]:
            codes.setdefault(value, len(codes))
    stays = np.ones(count, dtype=bool)
    stays[places] = False
    kept = stays[known.pair_rows]
    pairs = [(place, codes[value]) for place, row in zip(places, changed, strict=True) for value in row[5]]
    added = np.array(pairs, dtype=np.int32).reshape(-1, 2)
    return _summed_up(
        replace(
            known,
            snapshot=snapshot,
            ids=grown(known.ids, [row[0] for row in changed]),
            high=grown(known.high, [row[1].int >> 64 for row in changed]),
            low=grown(known.low, [row[1].int & (2**64 - 1) for row in changed]),
            dates=grown(known.dates, [row[2] for row in changed]),
            lengths=grown(known.lengths, [row[3] for row in changed]),
            present=grown(known.present, [row[4] for row in changed]),
            row_of=row_of,
            pair_rows=np.concatenate([known.pair_rows[kept], added[:, 0]]),
            pair_codes=np.concatenate([known.pair_codes[kept], added[:, 1]]),
            values=tuple(codes),
            codes=codes,
            memory=Memory(),
        )
    )
