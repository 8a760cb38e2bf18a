"""Which documents a stemmed word stands in, as rows of the columns: one pass of one index, and kept."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from django.db import connection

from search.engines.columns import Columns
from search.engines.snapshots import unpacked

Rows: TypeAlias = npt.NDArray[np.int32]
Postings: TypeAlias = tuple[Rows, npt.NDArray[np.float32]]
"""The rows that a word stands in, and how often, counted by field; both of one length."""


def postings(found: Columns, lexemes: Sequence[str]) -> dict[str, Postings]:
    """Return the postings of each word, empty ones for a word that stands nowhere.

    Args:
        found: the columns whose rows are meant.
        lexemes: stemmed words.
    """
    memory = found.memory
    known: dict[str, Postings] = {}
    for word in lexemes:
        if (kept := memory.get(word)) is not None:
            known[word] = kept[0], kept[1]
    missing = [word for word in lexemes if word not in known]
    if missing:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT w.lexeme, p.ids, p.frequencies FROM unnest(%s::text[]) AS w (lexeme), LATERAL (
                    SELECT array_send(array_agg(document_id)) AS ids,
                        array_send(array_agg(frequency)) AS frequencies
                    FROM search_posting WHERE lexeme = w.lexeme
                ) p
                """,
                [missing],
            )
            for word, ids, frequencies in cursor.fetchall():
                rows = found.rows(unpacked(ids, "i8"))
                there = rows >= 0
                known[word] = (rows[there].astype(np.int32), unpacked(frequencies, "f4")[there])
                memory.put(word, known[word])
    return known
