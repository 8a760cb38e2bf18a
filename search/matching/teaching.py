"""What editors teach: documents that they confirmed to be the same struggle stand together.

The vector of each takes in those of the others, and so lies where the struggle lies and not where one telling of it
does. Whoever has one of them for a neighbour is moved towards that place too. So a verdict on two documents helps a
third that nobody has judged. ``docs/decisions/confirmed-stand-together.md`` has the figures.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from django.db import connection

from search.encoders.base import Vectors
from search.matching.centre import Centres
from search.models import Judgement
from search.vectors import vectors_read

Pairs = npt.NDArray[np.int64]
"""Shape (pairs, 2)."""


def confirmed(ids: Sequence[int]) -> Pairs:
    """Return which documents editors confirmed some to be the same struggle with.

    Args:
        ids: of the documents.

    Returns:
        One of them and the other in each row, in order; a pair of which both are asked about stands there both ways.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT first_id, second_id FROM search_judgement WHERE verdict = %(verdict)s AND first_id = ANY(%(ids)s) "
            "UNION ALL "
            "SELECT second_id, first_id FROM search_judgement WHERE verdict = %(verdict)s AND second_id = ANY(%(ids)s) "
            "ORDER BY 1, 2",
            {"verdict": Judgement.Verdict.CONFIRMED.value, "ids": list(ids)},
        )
        return np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 2)


def together(ids: Sequence[int], own: Vectors, around: Centres) -> Vectors:
    """Return vectors of documents with those of whoever they were confirmed with added; not of unit length then.

    What many say of a struggle weighs more beside its neighbours than what one does. One whose other has no vector
    stays as it is.

    Args:
        ids: of n documents, each once.
        own: theirs without the collection's centre, shape (n, dimensions).
        around: the collection's centres.
    """
    pairs = confirmed(ids)
    if not len(pairs):
        return own
    at = {pk: row for row, pk in enumerate(ids)}
    others, languages, vectors = vectors_read(np.unique(pairs[:, 1]).tolist())
    place = {pk: row for row, pk in enumerate(others)}
    alone = around.away_each(vectors, languages) if others else vectors
    rows = np.array([(at[int(one)], place[int(other)]) for one, other in pairs if int(other) in place], dtype=np.int64)
    found = own.copy()
    if len(rows):
        np.add.at(found, rows[:, 0], alone[rows[:, 1]])
    return found
