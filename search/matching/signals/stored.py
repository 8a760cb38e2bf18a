"""Signals of candidates by what stands in their rows: words, concepts and names, as ``everywhere.py`` has them.

Where somebody else than this process found the candidates, their rows are read, and no other document's. The signals
are the same numbers: only how many documents contain a word, or carry a concept, is told by whoever found them.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

from search.bm25 import scored
from search.engines.columns import Mask, Rows
from search.matching.signals.weighing import Scores, concept_weight, names_of
from search.matching.subject import Subject
from search.matching.words import words_shared


@dataclass(frozen=True)
class Stored:
    """Rows of documents, in the order of ``ids``, shape (n,).

    ``lengths`` are the weighted numbers of words, ``facets`` is what each carries.
    """

    ids: Rows
    public_ids: Sequence[uuid.UUID]
    lengths: npt.NDArray[np.float32]
    facets: Sequence[Sequence[str]]

    def among(self, public_ids: Iterable[uuid.UUID], ids: Iterable[int]) -> Mask:
        """Return which rows are some of these documents, by either of their ids."""
        outside, inside = set(public_ids), set(ids)
        rows = zip(self.public_ids, self.ids.tolist(), strict=True)
        return np.array([public_id in outside or pk in inside for public_id, pk in rows], dtype=bool)

    def at(self, mask: Mask) -> "Stored":
        """Return only some of the rows."""
        kept = np.flatnonzero(mask).tolist()
        return Stored(
            self.ids[mask], [self.public_ids[i] for i in kept], self.lengths[mask], [self.facets[i] for i in kept]
        )


def stored_read(condition: str, parameters: Mapping[str, Any]) -> Stored:
    """Return the rows of documents, by id.

    Args:
        condition: SQL on ``search_document AS d``.
        parameters: its values.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT d.id, d.public_id, d.length, d.facets FROM search_document d WHERE {condition} ORDER BY d.id",
            parameters,
        )
        rows = cursor.fetchall()
    return Stored(
        np.array([row[0] for row in rows], dtype=np.int64),
        [row[1] for row in rows],
        np.array([row[2] for row in rows], dtype=np.float32),
        [row[3] for row in rows],
    )


def lexical(words: Sequence[tuple[str, float]], rows: Stored, *, mean_length: float) -> Scores:
    """Return BM25 of words in each row.

    Args:
        words: stemmed words with what each says.
        rows: the documents.
        mean_length: of all documents.
    """
    scores = np.zeros(len(rows.ids))
    if not words or not len(rows.ids):
        return scores
    found, numbers, frequencies = words_shared([word for word, _weight in words], rows.ids.tolist())
    places = np.searchsorted(rows.ids, found)
    weights = np.array([weight for _word, weight in words])[numbers]
    added = scored(weights, frequencies, rows.lengths[places], mean_length=mean_length)
    np.add.at(scores, places, added)
    return scores


def concepts(
    mine: frozenset[str],
    depths: Mapping[str, int],
    rows: Stored,
    *,
    carried: Mapping[str, int],
    documents: int,
) -> Scores:
    """Return how much of what the two carry, by weight, they carry both: a weighted cosine, 0 to 1, of each row.

    Args:
        mine: facet values of the subject, with everything above them.
        depths: how many concepts lie above each.
        rows: the documents.
        carried: how many documents carry each value; of one that is missing, none.
        documents: how many there are.
    """
    weights: dict[str, float] = {}

    def weight(value: str) -> float:
        if (known := weights.get(value)) is None:
            known = weights[value] = concept_weight(value, carried.get(value, 0), depths, documents=documents)
        return known

    own = sum(map(weight, sorted(mine)))
    scores = np.zeros(len(rows.ids))
    for place, facets in enumerate(rows.facets):
        both = sum(weight(value) for value in facets if value in mine)
        if both > 0:
            scores[place] = both / np.sqrt(own * sum(map(weight, facets)))
    return scores


def named(subject: Subject, rows: Stored) -> Scores:
    """Return 1 for a product in common, 0.7 for a vendor or an employer, of each row."""
    said = names_of(subject)
    return np.array([max((said.get(value, 0.0) for value in facets), default=0.0) for facets in rows.facets])
