"""The words of texts: which stand in a document and how often, and how alike two texts are by them.

A text is a vector here with a component for each word: how often it stands there (1 + log), times how rare the word is
in the collection. How rare is taken with the collection's directions and kept with them (``latent.py``), so that it is
the same whoever answers searches.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

from search.documents import FREQUENCY_SQL
from search.engines.snapshots import unpacked

BATCH = 2000

Counts = dict[str, float]
"""The stemmed words of a text, and how often each stands there, counted by field."""


def said(counts: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.floating[Any]]:
    """Return how much words say by how often they stand in a text, whatever the words."""
    return 1 + np.log(counts)


def weighed(
    counts: Counts, number_of: Mapping[str, int], rare: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return a text by its words at unit length: their numbers, and what each says; both of shape (words,).

    Args:
        counts: its words.
        number_of: the words that count, each with its number; others are left out.
        rare: how rare each of these is, by its number.
    """
    numbers = np.array([number_of[word] for word in counts if word in number_of], dtype=np.int64)
    often = np.array([count for word, count in counts.items() if word in number_of], dtype=np.float64)
    weights = said(often) * rare[numbers]
    return numbers, weights / np.linalg.norm(weights) if len(weights) else weights


def words_of(ids: Sequence[int]) -> Iterator[tuple[int, Counts]]:
    """Yield the documents that have words, by id in each batch, with their words."""
    for start in range(0, len(ids), BATCH):
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT d.id, array_agg(w.lexeme), array_agg({FREQUENCY_SQL}::float8) "
                "FROM search_document d, unnest(d.words) AS w WHERE d.id = ANY(%s) GROUP BY d.id ORDER BY d.id",
                [list(ids[start : start + BATCH])],
            )
            for pk, lexemes, frequencies in cursor.fetchall():
                yield pk, dict(zip(lexemes, frequencies, strict=True))


def words_shared(
    words: Sequence[str], ids: Sequence[int]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Return where words stand in documents: ids, places in ``words``, and frequencies; each of shape (found,).

    Args:
        words: stemmed.
        ids: of the documents.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT array_send(array_agg(d.id)), array_send(array_agg(array_position(%(words)s::text[], w.lexeme))),
                array_send(array_agg({FREQUENCY_SQL}::real))
            FROM search_document d, unnest(d.words) AS w
            WHERE d.id = ANY(%(ids)s) AND w.lexeme = ANY(%(words)s::text[])
            """,
            {"words": list(words), "ids": list(ids)},
        )
        found, numbers, frequencies = cursor.fetchone()
    return unpacked(found, "i8"), unpacked(numbers, "i4") - 1, unpacked(frequencies, "f4")


@dataclass(frozen=True)
class WordVectors:
    """The words of n texts, at unit length: those of text i are ``numbers`` and ``values`` from ``begins[i]`` on.

    ``begins`` has shape (n + 1,), ``width`` is how many words there are.
    """

    begins: npt.NDArray[np.int64]
    numbers: npt.NDArray[np.int32]
    values: npt.NDArray[np.float32]
    width: int

    def cosines(self, text: int, others: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Return how alike a text and each of some others are by their words, shape (others,)."""
        spread = np.zeros(self.width, dtype=np.float32)
        own = slice(self.begins[text], self.begins[text + 1])
        spread[self.numbers[own]] = self.values[own]
        counts = self.begins[others + 1] - self.begins[others]
        whose = np.repeat(np.arange(len(others)), counts)
        entries = np.repeat(self.begins[others] - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
        products = self.values[entries] * spread[self.numbers[entries]]
        return np.bincount(whose, weights=products, minlength=len(others)).astype(np.float32)


def word_vectors(ids: Sequence[int], rarities: Mapping[str, float]) -> WordVectors:
    """Return documents by their words, in the order of ``ids``; one that has none of these words has an empty row.

    Args:
        ids: of the documents, one at least.
        rarities: of the words that count.
    """
    number_of = {word: number for number, word in enumerate(rarities)}
    rare = np.array(list(rarities.values()), dtype=np.float64)
    rows = {pk: row for row, pk in enumerate(ids)}
    lengths = np.zeros(len(ids) + 1, dtype=np.int64)
    numbers = [np.zeros(0, dtype=np.int32)] * len(ids)
    values = [np.zeros(0, dtype=np.float32)] * len(ids)
    for pk, counts in words_of(ids):
        row = rows[pk]
        found, weights = weighed(counts, number_of, rare)
        numbers[row], values[row] = found.astype(np.int32), weights.astype(np.float32)
        lengths[row + 1] = len(found)
    return WordVectors(np.cumsum(lengths), np.concatenate(numbers), np.concatenate(values), len(number_of))
