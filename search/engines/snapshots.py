"""The columns as a connection sees the documents now: read once, then each query takes in what is new.

Before each query a process asks which documents were written by transactions that its snapshot had not seen
(``written_by``, set by a trigger), and takes these in: what it counts is exact. What a transaction has not committed is
seen by that transaction alone and never kept.
"""

import threading
import uuid
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

from search.engines.columns import NO_DATE, Columns, Memory, Patch, Rows

# What a document carries: its facet values, and the subsectors that decide whether it is of another industry.
_VALUES_SQL = "(facets || ARRAY(SELECT 'subsector:' || s FROM unnest(subsectors) AS s))"
# Collections of which columns are kept at a time; a second one is another database, or a benchmark's.
_MOST_KEPT = 4
# When more documents have changed at once, words are read again as they are asked for.
_MOST_PATCHED = 100
_EPOCH_ORDINAL = 730_120  # 2000-01-01, from which PostgreSQL counts days


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
    halves = public_id_halves(public_ids)
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


def public_id_halves(sent: bytes | memoryview) -> npt.NDArray[np.uint64]:
    """Return public ids as two numbers each, in the same order: shape (n, 2).

    Args:
        sent: sixteen bytes of each, one behind the other.
    """
    return np.frombuffer(sent, dtype=">u8").astype(np.uint64).reshape(-1, 2)


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
        memory=Memory(documents=len(ids)),
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
        if seen.is_writing:
            # It may have deleted documents: what it finds of a word is no business of others.
            return replace(known, snapshot=snapshot, memory=Memory(documents=len(known.ids)))
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
            memory=_carried_on(known.memory, seen, ids, places, documents=count),
        )
    )


def _carried_on(memory: Memory, seen: _Seen, ids: Rows, places: Rows, *, documents: int) -> Memory:
    """Return the memory of the state that was seen: with the words of documents that have changed as they are now.

    They are read a moment after the look. What is newer than it belongs to documents that the next look finds changed.
    What a transaction has written itself is read again by it, so that it meets nothing that only others can see.

    Args:
        memory: of the state before.
        seen: what was seen.
        ids: of the documents that have changed.
        places: their rows.
        documents: how many rows there are.
    """
    if seen.is_writing or len(ids) > _MOST_PATCHED:
        return Memory(documents=documents)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT p.lexeme, array_send(array_agg(p.document_id)), array_send(array_agg(p.frequency))
            FROM search_document d, unnest(tsvector_to_array(d.words)) AS held (lexeme), search_posting p
            WHERE d.id = ANY(%s) AND p.lexeme = held.lexeme AND p.document_id = d.id GROUP BY p.lexeme
            """,
            [ids.tolist()],
        )
        found = cursor.fetchall()
    row_of = dict(zip(ids.tolist(), places.tolist(), strict=True))
    words = {
        word: (np.array([row_of[pk] for pk in unpacked(held, "i8").tolist()], dtype=np.int32), unpacked(often, "f4"))
        for word, held, often in found
    }
    return memory.after(Patch(places, words), documents=documents)
