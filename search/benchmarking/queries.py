"""Queries as people would ask them: words from rare to everywhere, with and without facets, and deep pages."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection

from search.benchmarking.sentences import Pool
from search.encoders.base import Vectors
from search.models import Document
from search.query import SearchQuery

# What a thousand queries are made of.
MIX = {"text": 250, "text_with_facets": 300, "facets": 150, "suggestion": 100, "vectors": 100, "deep_page": 100}
# A word stands in this share of the documents, at least; the shares are spread evenly over orders of magnitude.
_RAREST = 0.002


@dataclass(frozen=True)
class Question:
    """One query of the benchmark; ``vector`` is asked for instead of words where there is one."""

    kind: str
    query: SearchQuery
    vector: Vectors | None = None


class Asker:
    """Makes questions about the corpus that this connection looks into."""

    def __init__(self, pool: Pool, *, seed: int = 3) -> None:
        self.pool = pool
        self.drawn = random.Random(seed)  # noqa: S311  no secret
        self.documents = Document.objects.present().count()
        self.words = self._words()
        self.values = self._values()

    def questions(self, count: int) -> list[Question]:
        """Return so many questions in the proportions of ``MIX``, in an order that mixes them."""
        makers: dict[str, Callable[[], Question]] = {
            "text": lambda: Question("text", SearchQuery(text=self._text())),
            "text_with_facets": lambda: Question("text_with_facets", self._chosen(SearchQuery(text=self._text()))),
            "facets": lambda: Question("facets", self._chosen(SearchQuery())),
            "suggestion": self._suggestion,
            "vectors": self._nearest,
            "deep_page": lambda: Question(
                "deep_page", SearchQuery(text=self._word(0.2), page=self.drawn.randint(20, 200))
            ),
        }
        if self.pool.vectors is None:
            del makers["vectors"]
        whole = sum(MIX.values())
        made = [
            makers[kind]()
            for kind, share in MIX.items()
            if kind in makers
            for _ in range(max(1, round(count * share / whole)))
        ]
        self.drawn.shuffle(made)
        return made

    def _words(self) -> list[tuple[float, str]]:
        """Return words as written, each with the share of documents that its stem stands in; the rarest first."""
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT documents, min(w.word) FROM (
                    SELECT lexeme, count(*) AS documents FROM search_posting GROUP BY lexeme HAVING count(*) >= %s
                ) p JOIN search_word w USING (lexeme)
                WHERE w.language = 'en' AND w.word ~ '^[a-z]{4,}$' GROUP BY lexeme, documents
                """,
                [max(2, int(self.documents * _RAREST))],
            )
            return sorted((documents / self.documents, word) for documents, word in cursor.fetchall())

    def _values(self) -> list[tuple[str, int]]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT value, count(*) FROM search_document, unnest(facets) AS value GROUP BY value ORDER BY value"
            )
            return [(value, count) for value, count in cursor.fetchall()]

    def _word(self, least: float = _RAREST) -> str:
        share = least ** self.drawn.random()
        near = sorted(self.words, key=lambda row: abs(row[0] - share))[:5]
        return self.drawn.choice(near)[1]

    def _text(self) -> str:
        words = [self._word() for _ in range(self.drawn.choice([1, 1, 1, 2, 2, 3]))]
        if self.drawn.random() < 0.1:
            # Two words that do stand in a row somewhere.
            sentence = self.drawn.choice(self.pool.sentences).split()
            at = self.drawn.randrange(len(sentence) - 1)
            return '"' + " ".join(sentence[at : at + 2]).replace('"', "") + '"'
        return " ".join(words)

    def _chosen(self, query: SearchQuery) -> SearchQuery:
        for _ in range(self.drawn.choice([1, 1, 2])):
            value = self.drawn.choices([v for v, _c in self.values], [c for _v, c in self.values])[0]
            name, _colon, rest = value.partition(":")
            query = query.with_value(name, rest)
        return query

    def _suggestion(self) -> Question:
        word = self._word()
        return Question("suggestion", SearchQuery(text=word[: max(3, len(word) - 2)]))

    def _nearest(self) -> Question:
        assert self.pool.vectors is not None  # noqa: S101  left out by the caller otherwise
        vector = self.pool.vectors[self.drawn.randrange(len(self.pool.vectors))]
        return Question("vectors", self._chosen(SearchQuery()), vector)
