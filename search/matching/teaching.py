"""What editors teach: documents that they confirmed to be the same struggle stand together.

The vector of each takes in those of the others, and so lies where the struggle lies and not where one telling of it
does. Whoever has one of them for a neighbour is moved towards that place too. So a verdict on two documents helps a
third that nobody has judged. ``docs/decisions/confirmed-stand-together.md`` has the figures.
"""

from collections.abc import Sequence

import numpy as np

from search.encoders.base import Vectors
from search.matching.centre import Centres
from search.models import Judgement
from search.vectors import vectors_read


def together(ids: Sequence[int], own: Vectors, around: Centres) -> Vectors:
    """Return vectors of documents with those of whoever they were confirmed with added; not of unit length then.

    What many say of a struggle weighs more beside its neighbours than what one does. One whose other has no vector
    stays as it is.

    Args:
        ids: of n documents, each once.
        own: theirs without the collection's centre, shape (n, dimensions).
        around: the collection's centres.
    """
    pairs = Judgement.objects.confirmed_with(ids)
    if not pairs:
        return own
    at = {pk: row for row, pk in enumerate(ids)}
    others, languages, vectors = vectors_read(sorted({other for _one, other in pairs} - at.keys()))
    place = at | {pk: len(own) + row for row, pk in enumerate(others)}
    every = np.concatenate([own, around.away_each(vectors, languages)]) if others else own
    found = own.copy()
    for one, other in pairs:
        if other in place:
            found[at[one]] += every[place[other]]
    return found
