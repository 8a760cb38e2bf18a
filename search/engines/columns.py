"""What order and counts are computed from, as arrays in memory: of each document a row in every column.

PostgreSQL finds words quickly and counts slowly: for a word that stands in every document it would read every row, and
unfold some fifteen facet values of each. Here a process keeps, for each document, its id, date and length, and a pair
(row, value) for each facet value and subsector: some 100 bytes a document. How they are kept true is in
``snapshots.py``.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Rows: TypeAlias = npt.NDArray[np.int64]
"""Numbers of rows."""
Mask: TypeAlias = npt.NDArray[np.bool_]
"""Of shape (rows,): which rows are meant."""

NO_DATE = np.iinfo(np.int32).min
# Numbers that are kept of what queries have read (four bytes each): so many, or so many a document where that is more.
MOST_REMEMBERED, REMEMBERED_A_DOCUMENT = 10_000_000, 40
# Changes that a word's postings outlive without being asked for.
MOST_PATCHES = 50


@dataclass(frozen=True)
class Patch:
    """Rows whose documents have changed, and what stands in them now: of each word the rows, and how often there."""

    rows: Rows
    words: Mapping[str, tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]]

    def applied(self, word: str, arrays: tuple[npt.NDArray[Any], ...]) -> tuple[npt.NDArray[Any], ...]:
        """Return the postings of a word as they are after the change."""
        rows, frequencies = arrays
        new_rows, new_frequencies = self.words.get(word, (rows[:0], frequencies[:0]))
        # After a publication it is one, of which this is told five times as quickly.
        stays = rows != self.rows[0] if len(self.rows) == 1 else ~np.isin(rows, self.rows)
        if not len(new_rows) and stays.all():
            return arrays
        return np.concatenate([rows[stays], new_rows]), np.concatenate([frequencies[stays], new_frequencies])


class Memory:
    """What was read for queries about one state of the documents, bounded.

    When a few documents change, the postings of words, which are kept under the word itself, go on into the memory of
    the next state, and each is brought up to it when it is asked for; everything else is forgotten.

    Args:
        documents: how many there are.
    """

    def __init__(self, *, documents: int = 0) -> None:
        self._most = max(MOST_REMEMBERED, REMEMBERED_A_DOCUMENT * documents)
        # With each, how many patches there had been when it was read.
        self._arrays: dict[Hashable, tuple[int, tuple[npt.NDArray[Any], ...]]] = {}
        self._numbers = 0
        self._patched = 0
        self._patches: tuple[Patch, ...] = ()

    def after(self, patch: Patch, *, documents: int) -> "Memory":
        """Return the memory of the next state. Words that nobody asked for during many changes are forgotten."""
        following = Memory(documents=documents)
        following._patched = self._patched + 1
        following._patches = (*self._patches, patch)[-MOST_PATCHES:]
        oldest = following._patched - len(following._patches)
        # Of a list: another thread may be putting something there.
        for key, (read, arrays) in list(self._arrays.items()):
            if isinstance(key, str) and read >= oldest:
                following._arrays[key] = read, arrays
                following._numbers += sum(map(len, arrays))
        return following

    def get(self, key: Hashable) -> tuple[npt.NDArray[Any], ...] | None:
        """Return what is kept under a key."""
        if (kept := self._arrays.get(key)) is None:
            return None
        read, arrays = kept
        if read < self._patched and isinstance(key, str):
            for patch in self._patches[read - self._patched :]:
                arrays = patch.applied(key, arrays)
            self._put(key, arrays)
        return arrays

    def put(self, key: Hashable, arrays: tuple[npt.NDArray[Any], ...]) -> None:
        """Keep arrays, a word's postings under the word, and forget the oldest where there are too many."""
        self._put(key, arrays)
        while self._numbers > self._most and len(self._arrays) > 1:
            try:
                oldest = next(iter(self._arrays))
                self._numbers -= sum(map(len, self._arrays.pop(oldest)[1]))
            except (KeyError, RuntimeError):  # another thread forgets as well
                return

    def _put(self, key: Hashable, arrays: tuple[npt.NDArray[Any], ...]) -> None:
        _read, before = self._arrays.get(key, (0, ()))
        self._arrays[key] = self._patched, arrays
        self._numbers += sum(map(len, arrays)) - sum(map(len, before))


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
