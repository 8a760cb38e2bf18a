"""The engine that is always there: words from PostgreSQL, order and counts from columns in memory.

A word's postings come in one pass of one index, a phrase from the documents' words in order; which documents match, how
good each is and what they carry is then arithmetic on arrays.
"""

import datetime
import functools
import uuid
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from django.db import connection

from search.bm25 import rarity, scored
from search.encoders.base import Vectors
from search.engines.base import Begun, EngineAnswer, EngineHit, Place
from search.engines.columns import NO_DATE, Columns, Mask
from search.engines.postings import Rows, postings
from search.engines.snapshots import columns, unpacked
from search.expansion import ExpandedText, Group, Phrase
from search.facets import BY_NAME
from search.query import SearchQuery
from search.vectors import OWN, has_pgvector, index_ask_for, nearest_first_sql, similarity_sql, vector_literal

Scores: TypeAlias = npt.NDArray[np.float64]


class PostgresEngine:
    """Answers from ``search_document`` and ``search_posting``."""

    name = "postgres"

    def search(self, query: SearchQuery, text: ExpandedText) -> EngineAnswer:
        """Answer a query: one statement for what is new, one for postings, and one for each phrase."""
        found = columns()
        words = _Words(found, [text])
        matched = found.present & words.mask(text)
        filters = _filters(found, query)
        everything = _all_of(matched, filters.values())
        total = int(np.count_nonzero(everything))
        scores = words.scores(text) if query.sort == "relevance" and text.wanted else None
        after = Place.from_token(query.after, self.name) if query.after else None
        skipped = 0 if after else (query.page - 1) * query.size
        rows = found.first(everything, scores, count=skipped + query.size, after=_sort_key(after))[skipped:]
        hits = [_hit(found, int(row), scores) for row in rows]
        return EngineAnswer(hits, total, _counts(found, query, matched, filters, everything))

    def begin(self, query: SearchQuery, text: ExpandedText) -> Begun:
        """Return what answers a query when somebody waits for it: there is nobody else who could."""
        answer = functools.cache(lambda: self.search(query, text))
        return Begun(lambda: answer().hits, answer)

    def hits_only(self, query: SearchQuery, text: ExpandedText) -> EngineAnswer:
        """Return a page of hits and no counts, newest first, without reading anything whole.

        For a word in many documents the index of dates soon meets enough of them; for a rare one there are few.
        """
        conditions, values = _conditions(query)
        for number, (group, sign) in enumerate(
            [*((group, "") for group in text.wanted), *((group, "!!") for group in text.unwanted)]
        ):
            conditions.append(f"d.words @@ ({sign}%(words{number})s::tsquery)")
            values[f"words{number}"] = " | ".join(f"({tsquery(phrase.words)})" for phrase in group.phrases)
        skipped = (query.page - 1) * query.size
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT d.public_id, d.date FROM search_document d WHERE {' AND '.join(conditions)} "
                "ORDER BY d.date DESC NULLS LAST, d.public_id OFFSET %(skipped)s LIMIT %(limit)s",
                # One more tells whether there is another page.
                {**values, "skipped": skipped, "limit": query.size + 1},
            )
            hits = [EngineHit(public_id, Place(0.0, date, public_id)) for public_id, date in cursor.fetchall()]
        return EngineAnswer(hits[: query.size], skipped + len(hits), complete=False)

    def totals(self, questions: Sequence[tuple[SearchQuery, ExpandedText]]) -> list[int]:
        """Return how many documents each question has; postings are read once for all."""
        if not questions:
            return []
        found = columns()
        words = _Words(found, [text for _query, text in questions])
        return [
            int(np.count_nonzero(_all_of(found.present & words.mask(text), _filters(found, query).values())))
            for query, text in questions
        ]

    def nearest(self, vector: Vectors, query: SearchQuery, *, limit: int) -> list[tuple[uuid.UUID, float]]:
        """Return the nearest documents, by pgvector's index where it is there; it is asked on until enough pass."""
        pgvector = has_pgvector()
        conditions, values = _conditions(query)
        with connection.cursor() as cursor:
            if pgvector:
                index_ask_for(cursor, limit)
            cursor.execute(
                f"""
                SELECT d.public_id, {similarity_sql(OWN, pgvector=pgvector)} AS likeness
                FROM search_vector v JOIN search_document d ON d.id = v.document_id
                WHERE {" AND ".join(conditions)} ORDER BY {nearest_first_sql(pgvector=pgvector)} LIMIT %(limit)s
                """,
                {**values, "vector": vector_literal(vector, pgvector=pgvector), "limit": limit},
            )
            rows = [(public_id, float(likeness)) for public_id, likeness in cursor.fetchall()]
        return sorted(rows, key=lambda row: (-row[1], row[0]))


def _conditions(query: SearchQuery) -> tuple[list[str], dict[str, Any]]:
    """Return what a query's facets and dates ask of ``search_document AS d``, with the parameters."""
    conditions, values = ["NOT d.is_gone"], dict[str, Any]()
    for name, chosen in query.filters().items():
        operator = "@>" if name in query.every else "&&"
        conditions.append(f"d.facets {operator} %({name})s::text[]")
        values[name] = [f"{name}:{value}" for value in chosen]
    for name, day, operator in (("since", query.since, ">="), ("until", query.until, "<=")):
        if day is not None:
            conditions.append(f"d.date {operator} %({name})s")
            values[name] = day
    return conditions, values


class _Words:
    """The postings and phrases of texts, read once, as rows of the columns."""

    def __init__(self, found: Columns, texts: Sequence[ExpandedText]) -> None:
        self.columns = found
        groups = [group for text in texts for group in (*text.wanted, *text.unwanted)]
        lexemes = sorted({word for group in groups for word in group.weights})
        self.postings = postings(found, lexemes)
        phrases = {phrase.words for group in groups for phrase in group.phrases if len(phrase.words) > 1}
        self.phrases = {words: self._phrase(words) for words in sorted(phrases)}

    def mask(self, text: ExpandedText) -> Mask:
        """Return which rows meet a text."""
        found = np.ones(len(self.columns.ids), dtype=bool)
        for group in text.wanted:
            found &= self._met(group)
        for group in text.unwanted:
            found &= ~self._met(group)
        return found

    def scores(self, text: ExpandedText) -> Scores:
        """Return BM25 of every row: of each group its best word, so that many names count once."""
        found = self.columns
        total = np.zeros(len(found.ids))
        for group in text.wanted:
            best = np.zeros(len(found.ids))
            for word, weight in group.weights.items():
                rows, frequencies = self.postings[word]
                says = weight * rarity(documents=found.documents, containing=len(rows))
                added = scored(says, frequencies, found.lengths[rows], mean_length=found.mean_length)
                best[rows] = np.maximum(best[rows], added)
            total += best
        return total

    def _met(self, group: Group) -> Mask:
        found = np.zeros(len(self.columns.ids), dtype=bool)
        for phrase in group.phrases:
            found[self._rows(phrase)] = True
        return found

    def _rows(self, phrase: Phrase) -> Rows:
        return self.phrases[phrase.words] if len(phrase.words) > 1 else self.postings[phrase.words[0][0]][0]

    def _phrase(self, words: tuple[tuple[str, int], ...]) -> Rows:
        """Return the rows in which words stand in a row; none where one of them stands nowhere."""
        if any(not len(self.postings[word][0]) for word, _distance in words):
            return np.zeros(0, dtype=np.int32)
        memory = self.columns.memory
        if (found := memory.get(words)) is None:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT array_send(array_agg(id)) FROM search_document WHERE NOT is_gone AND words @@ %s::tsquery",
                    [tsquery(words)],
                )
                rows = self.columns.rows(unpacked(cursor.fetchone()[0], "i8"))
            found = (rows[rows >= 0].astype(np.int32),)
            memory.put(words, found)
        return found[0]


def tsquery(words: Sequence[tuple[str, int]], *, weights: str = "") -> str:
    """Return PostgreSQL's form of a phrase: stemmed words at fixed distances, in fields of these weights (or any)."""
    parts, before = list[str](), 0
    for word, distance in words:
        quoted = "'" + word.replace("\\", "\\\\").replace("'", "''") + "'" + (f":{weights}" if weights else "")
        parts.append(quoted if not parts else f"<{distance - before}> {quoted}")
        before = distance
    return " ".join(parts)


def _filters(found: Columns, query: SearchQuery) -> dict[str, Mask]:
    """Return for each facet with a choice which rows pass it; the dates count as one more."""
    masks = {}
    for name, values in query.filters().items():
        wanted = [f"{name}:{value}" for value in values]
        if name in query.every:
            masks[name] = np.logical_and.reduce([found.carrying([value]) for value in wanted])
        else:
            masks[name] = found.carrying(wanted)
    if query.since or query.until:
        since, until = (day.toordinal() if day else None for day in (query.since, query.until))
        masks[""] = found.dated(since, until)
    return masks


def _all_of(mask: Mask, more: Iterable[Mask]) -> Mask:
    for other in more:
        mask = mask & other
    return mask


def _counts(
    found: Columns, query: SearchQuery, matched: Mask, filters: dict[str, Mask], everything: Mask
) -> dict[str, dict[str, int]]:
    """Return the counts of every facet; one with a choice of its own is counted without that choice."""
    own = [name for name in query.facets if name not in query.every]
    without = {
        name: found.counts(_all_of(matched, [mask for other, mask in filters.items() if other != name])) for name in own
    }
    counts: dict[str, dict[str, int]] = {name: {} for name in BY_NAME}
    whole = found.counts(everything)
    for code in np.flatnonzero(np.logical_or.reduce([whole, *without.values()])):
        name, _colon, value = found.values[code].partition(":")
        if name in counts and (count := int(without.get(name, whole)[code])):
            counts[name][value] = count
    return counts


def _hit(found: Columns, row: int, scores: Scores | None) -> EngineHit:
    public_id = uuid.UUID(int=(int(found.high[row]) << 64) | int(found.low[row]))
    ordinal = int(found.dates[row])
    date = None if ordinal == NO_DATE else datetime.date.fromordinal(ordinal)
    return EngineHit(public_id, Place(0.0 if scores is None else float(scores[row]), date, public_id))


def _sort_key(place: Place | None) -> tuple[float, int, int, int] | None:
    if place is None:
        return None
    number = place.public_id.int
    return place.score, place.date.toordinal() if place.date else NO_DATE, number >> 64, number & (2**64 - 1)
