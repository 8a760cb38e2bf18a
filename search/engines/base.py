"""The contract that every engine keeps."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from search.expansion import ExpandedText
from search.query import SearchQuery

# Around highlighted words in a hit's texts, until they are escaped and drawn.
MARK_START, MARK_END = "\x02", "\x03"


@dataclass(frozen=True)
class EngineHit:
    """One hit: its public id, and its texts with the matched words between marks."""

    public_id: uuid.UUID
    title: str
    standfirst: str
    excerpt: str = ""


@dataclass(frozen=True)
class EngineAnswer:
    """What an engine found.

    ``total`` is exact. ``counts``: facet name → value → number of documents one would see after choosing that value: a
    facet's counts leave out its own choice (unless all its values are asked for), and a parent in a tree counts each
    document once.
    """

    hits: list[EngineHit]
    total: int
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class Engine(Protocol):
    """An engine."""

    name: str

    def search(self, query: SearchQuery, text: ExpandedText) -> EngineAnswer:
        """Answer a query.

        Args:
            query: filters, order and page; its text has been expanded.
            text: the expanded text.
        """
        ...

    def totals(self, questions: Sequence[tuple[SearchQuery, ExpandedText]]) -> list[int]:
        """Return only how many documents each question has."""
        ...
