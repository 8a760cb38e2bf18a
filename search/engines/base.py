"""The contract that every engine keeps.

Which documents match, and in which words, is decided before an engine is asked (``search/expansion.py``): each gets the
same stemmed words and looks them up in the same streams of stemmed words, which PostgreSQL made when the document was
written. So engines differ in speed, and by a hair in the order of hits of nearly equal worth, in nothing else.
"""

import base64
import binascii
import datetime
import json
import math
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from search.encoders.base import Vectors
from search.expansion import ExpandedText
from search.query import SearchQuery


class EngineUnavailable(Exception):  # noqa: N818 (a state of the site, not an error in it)
    """The engine cannot answer now: down, slow, half-built, refused. The message is the cause, no reader's words."""


@dataclass(frozen=True)
class Place:
    """Where a hit stands in its list: what the order is by. The list goes on behind it."""

    score: float
    date: datetime.date | None
    public_id: uuid.UUID

    def token(self, engine: str) -> str:
        """Return it as it stands in an address, with the engine whose scores these are."""
        row = [engine, float(self.score).hex(), self.date.isoformat() if self.date else "", self.public_id.hex]
        return base64.urlsafe_b64encode(json.dumps(row, separators=(",", ":")).encode()).decode().rstrip("=")

    @classmethod
    def from_token(cls, token: str, engine: str) -> "Place | None":
        """Return the place that an address names; None when it is none of this engine's."""
        try:
            row = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
            named, score, date, public_id = row
            place = cls(float.fromhex(score), datetime.date.fromisoformat(date) if date else None, uuid.UUID(public_id))
        except (ValueError, TypeError, AttributeError, binascii.Error, OverflowError, RecursionError):
            return None
        return place if named == engine and math.isfinite(place.score) else None


@dataclass(frozen=True)
class EngineHit:
    """One hit: its public id, and its place in the list."""

    public_id: uuid.UUID
    place: Place


@dataclass(frozen=True)
class EngineAnswer:
    """What an engine found.

    ``total`` is exact. ``counts``: facet name → value → number of documents one would see after choosing that value: a
    facet's counts leave out its own choice (unless all its values are asked for), and a parent in a tree counts each
    document once. Not ``complete``: there was time for hits alone, total and counts are missing.
    """

    hits: list[EngineHit]
    total: int
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    complete: bool = True
    # Whose scores the hits' places have.
    engine: str = ""


@dataclass(frozen=True)
class Begun:
    """A search under way. Both functions wait: ``hits`` may have something earlier, ``answer`` has everything.

    Both raise ``EngineUnavailable`` when the engine cannot answer.
    """

    hits: Callable[[], list[EngineHit]]
    answer: Callable[[], EngineAnswer]


class Engine(Protocol):
    """An engine."""

    @property
    def name(self) -> str:
        """Return what it is called where a place in a list says whose it is."""
        ...

    def search(self, query: SearchQuery, text: ExpandedText) -> EngineAnswer:
        """Answer a query.

        The order is by score (BM25 over words weighted by field; of a group's words the best counts), then newest,
        then by public id; by date and public id when asked for the newest, or when there are no words. Where
        ``query.after`` is a place of this engine, the list goes on behind it; else ``query.page`` says where.

        Args:
            query: filters, order and page; its text has been expanded.
            text: the expanded text.

        Raises:
            EngineUnavailable: it cannot answer now.
        """
        ...

    def begin(self, query: SearchQuery, text: ExpandedText) -> Begun:
        """Begin to answer a query, as ``search`` does, and return what waits for it."""
        ...

    def totals(self, questions: Sequence[tuple[SearchQuery, ExpandedText]]) -> list[int]:
        """Return only how many documents each question has.

        Raises:
            EngineUnavailable: it cannot answer now.
        """
        ...

    def nearest(self, vector: Vectors, query: SearchQuery, *, limit: int) -> list[tuple[uuid.UUID, float]]:
        """Return the documents whose own vectors are nearest, among those that a query's filters let through.

        Args:
            vector: a unit vector, shape (dimensions,).
            query: its facets and dates filter; its words are not looked at.
            limit: how many, at most.

        Returns:
            Public ids with their cosines, nearest first.

        Raises:
            EngineUnavailable: it cannot answer now.
        """
        ...
