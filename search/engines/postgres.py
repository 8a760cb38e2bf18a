"""The engine that is always there: PostgreSQL's inverted indexes, BM25 over postings, facets in one statement."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from search.engines.base import MARK_END, MARK_START, EngineAnswer, EngineHit
from search.expansion import ExpandedText, Group
from search.facets import BY_NAME
from search.matching.candidates import K1, B
from search.query import SearchQuery

CONFIGURATIONS = ("coalition_en", "coalition_es")
# A synonym or a corrected spelling says a little less than the word itself.
ALTERNATIVE_WEIGHT = 0.7
HEADLINE_OPTIONS = f'StartSel="{MARK_START}", StopSel="{MARK_END}"'


class _Statement:
    """SQL in the making: text with named parameters."""

    def __init__(self) -> None:
        self.parameters: dict[str, Any] = {}

    def parameter(self, value: Any) -> str:
        """Add a value and return its placeholder."""
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f"%({name})s"

    def tsquery(self, text: ExpandedText) -> str | None:
        """Return the expression of a text's groups, or None when there is nothing to look for."""
        groups = []
        for group in text.groups:
            phrases = [
                f"phraseto_tsquery('{configuration}', {self.parameter(alternative)})"
                for alternative in group.alternatives
                for configuration in CONFIGURATIONS
            ]
            expression = "(" + " || ".join(phrases) + ")"
            groups.append(f"(!!{expression})" if group.negated else expression)
        return " && ".join(groups) or None

    def facet(self, query: SearchQuery, name: str) -> str:
        """Return the condition of one facet's chosen values."""
        values = [f"{name}:{value}" for value in query.filters()[name]]
        operator = "@>" if name in query.every else "&&"
        return f"facets {operator} {self.parameter(values)}::text[]"


class PostgresEngine:
    """Answers from ``search_document`` and ``search_posting``."""

    name = "postgres"

    def search(self, query: SearchQuery, text: ExpandedText) -> EngineAnswer:
        """Answer a query: one statement for total and counts, one for the hits of the page."""
        total, counts = self._counts(query, text)
        hits = self._hits(query, text) if total else []
        return EngineAnswer(hits, total, counts)

    def totals(self, questions: Sequence[tuple[SearchQuery, ExpandedText]]) -> list[int]:
        """Return how many documents each question has, in one statement."""
        if not questions:
            return []
        statement = _Statement()
        counts = []
        for query, text in questions:
            conditions = [self._words(statement, text), *(statement.facet(query, name) for name in query.filters())]
            counts.append(f"(SELECT count(*) FROM search_document WHERE {' AND '.join(conditions)})")
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(counts)}", statement.parameters)
            return [int(count) for count in cursor.fetchone()]

    @staticmethod
    def _words(statement: _Statement, text: ExpandedText) -> str:
        tsquery = statement.tsquery(text)
        return "NOT is_gone" if tsquery is None else f"NOT is_gone AND words @@ ({tsquery})"

    def _counts(self, query: SearchQuery, text: ExpandedText) -> tuple[int, dict[str, dict[str, int]]]:
        statement = _Statement()
        filters = {name: statement.facet(query, name) for name in query.filters()}
        everything = " AND ".join(filters.values()) or "true"
        parts = [f"SELECT NULL::text AS value, count(*) AS documents FROM matched WHERE {everything}"]
        # A facet with a choice of its own is counted without that choice: its other values are what one could add.
        own = [name for name in query.facets if name not in query.every]
        for name in own:
            others = " AND ".join(sql for other, sql in filters.items() if other != name) or "true"
            prefix = statement.parameter(f"{name}:%")
            parts.append(
                f"SELECT value, count(*) FROM matched, unnest(facets) AS value "
                f"WHERE {others} AND value LIKE {prefix} GROUP BY value"
            )
        excluded = statement.parameter([f"{name}:%" for name in own])
        parts.append(
            f"SELECT value, count(*) FROM matched, unnest(facets) AS value "
            f"WHERE {everything} AND value NOT LIKE ALL({excluded}::text[]) GROUP BY value"
        )
        sql = (
            f"WITH matched AS MATERIALIZED (SELECT facets FROM search_document WHERE {self._words(statement, text)}) "
            + " UNION ALL ".join(parts)
        )
        counts: dict[str, dict[str, int]] = {name: {} for name in BY_NAME}
        total = 0
        with connection.cursor() as cursor:
            cursor.execute(sql, statement.parameters)
            for value, documents in cursor.fetchall():
                if value is None:
                    total = documents
                    continue
                name, _colon, rest = value.partition(":")
                if name in counts:
                    counts[name][rest] = documents
        return total, counts

    def _hits(self, query: SearchQuery, text: ExpandedText) -> list[EngineHit]:
        statement = _Statement()
        conditions = [self._words(statement, text), *(statement.facet(query, name) for name in query.filters())]
        matched = f"SELECT id, public_id, date, length FROM search_document WHERE {' AND '.join(conditions)}"
        score = self._score(statement, text) if query.sort == "relevance" else None
        if score is None:
            ranked = "SELECT id, public_id, date, 0 AS score FROM matched"
        else:
            ranked = f"SELECT m.id, m.public_id, m.date, ({score}) AS score FROM matched m"
        offset = statement.parameter((query.page - 1) * query.size)
        limit = statement.parameter(query.size)
        shown = self._shown(statement.tsquery(_to_mark(text)))
        sql = f"""
            WITH matched AS MATERIALIZED ({matched}),
            ranked AS (
                {ranked} ORDER BY score DESC, date DESC NULLS LAST, public_id OFFSET {offset} LIMIT {limit}
            )
            SELECT d.public_id, {shown} FROM ranked r JOIN search_document d USING (id)
            ORDER BY r.score DESC, r.date DESC NULLS LAST, d.public_id
        """
        with connection.cursor() as cursor:
            cursor.execute(sql, statement.parameters)
            return [EngineHit(*row) for row in cursor.fetchall()]

    @staticmethod
    def _score(statement: _Statement, text: ExpandedText) -> str | None:
        """Return SQL for BM25 as a subquery on ``m``: for each group its best word, so that many names count once."""
        asked = [
            (number, alternative, 1.0 if place == 0 else ALTERNATIVE_WEIGHT)
            for number, group in enumerate(text.groups)
            if not group.negated
            for place, alternative in enumerate(group.alternatives)
        ]
        if not asked:
            return None
        numbers, alternatives, weights = (statement.parameter(list(column)) for column in zip(*asked, strict=True))
        return f"""
            SELECT coalesce(sum(best), 0) FROM (
                SELECT t.number, max(t.weight * t.rarity * p.frequency * {K1 + 1}
                    / (p.frequency + {K1} * ({1 - B} + {B} * m.length / whole.mean_length))) AS best
                FROM (
                    SELECT q.number, q.lexeme, max(q.weight) AS weight,
                        ln(1 + (max(w.documents) - max(f.documents) + 0.5) / (max(f.documents) + 0.5)) AS rarity
                    FROM (
                        SELECT a.number, a.weight, unnest(tsvector_to_array(to_tsvector('coalition_en', a.written))
                            || tsvector_to_array(to_tsvector('coalition_es', a.written))) AS lexeme
                        FROM unnest({numbers}::int[], {alternatives}::text[], {weights}::float8[])
                            AS a (number, written, weight)
                    ) q,
                    LATERAL (SELECT count(*) AS documents FROM search_posting p WHERE p.lexeme = q.lexeme) f,
                    (SELECT count(*) AS documents FROM search_document WHERE NOT is_gone) w
                    GROUP BY q.number, q.lexeme
                ) t
                JOIN search_posting p ON p.lexeme = t.lexeme AND p.document_id = m.id,
                (SELECT greatest(avg(length), 1) AS mean_length FROM search_document WHERE NOT is_gone) whole
                GROUP BY t.number
            ) best_of_each
        """

    @staticmethod
    def _shown(tsquery: str | None) -> str:
        if tsquery is None:
            return "d.title, d.standfirst, ''"
        configuration = "CASE WHEN d.language = 'es' THEN 'coalition_es' ELSE 'coalition_en' END::regconfig"
        whole = f"'HighlightAll=true, {HEADLINE_OPTIONS}'"
        piece = f"'MaxFragments=2, MaxWords=30, MinWords=12, FragmentDelimiter=\" … \", {HEADLINE_OPTIONS}'"
        return (
            f"ts_headline({configuration}, d.title, {tsquery}, {whole}), "
            f"ts_headline({configuration}, d.standfirst, {tsquery}, {whole}), "
            f"CASE WHEN to_tsvector({configuration}, d.body) @@ ({tsquery}) "
            f"THEN ts_headline({configuration}, d.body, {tsquery}, {piece}) ELSE '' END"
        )


def _to_mark(text: ExpandedText) -> ExpandedText:
    """Return what is marked in hits: the words as written, and alternatives of one word.

    Of a longer name, PostgreSQL would mark each word wherever it stands.
    """
    return ExpandedText(
        tuple(
            Group(
                group.written,
                tuple(name for place, name in enumerate(group.alternatives) if place == 0 or " " not in name.strip()),
            )
            for group in text.groups
            if not group.negated
        )
    )
