"""Neighbours: who else in the collection tells nearly the same, and so stands for what is usually said along with it.

A vector is moved towards those of its neighbours. An encoder that never saw the collection does not know which words
tell its texts apart; the collection does. So of those whose vectors are nearest, neighbours are those that are near by
their words and by the collection's directions as well. ``docs/decisions/neighbours-by-words.md`` has the figures.
"""

from collections.abc import Sequence

import numpy as np
from django.db import connection

from search.encoders.base import Vectors
from search.engines.columns import Mask
from search.engines.snapshots import unpacked
from search.matching.centre import Centres
from search.matching.latent import Known, latent_read, lengths_read
from search.matching.scales import Floats, in_common
from search.matching.teaching import together
from search.matching.words import WordVectors, said, words_shared
from search.vectors import has_pgvector, index_ask_for, nearest_first_sql, unit, vector_literal

# Neighbours are chosen among so many whose vectors are nearest.
LOOKED_AT = 100
# What words weigh in how near two texts are, and the directions as far as they can be trusted; vectors weigh 1.
WORDS_WEIGHT, PLACES_WEIGHT = 2.0, 0.5
# Where words cannot tell (in two languages, or where there are too few texts to know them): so much of the vectors.
VECTORS_ALONE = 0.7
# All neighbours together pull so many times as much as the text itself weighs, if they were just the same; one that is
# half as near pulls an eighth as much.
PULL, NEARNESS_POWER = 24.0, 3
# In a collection of so many documents for each, or more, there are as many neighbours as there can be.
MOST_NEIGHBOURS, DOCUMENTS_PER_NEIGHBOUR = 5, 30
# So many cosines at once: with their order, some 100 MB. More are no quicker.
_COMPARED = 8_000_000


def neighbours_for(documents: int) -> int:
    """Return how many neighbours smooth a vector in a collection of that size: among few, many would blur it."""
    return min(MOST_NEIGHBOURS, documents // DOCUMENTS_PER_NEIGHBOUR)


def nearness(vectors: Floats, words: Floats, places: Floats, comparable: Mask) -> Floats:
    """Return how near texts are, along the last axis.

    Places are trusted as far as they put those looked at in the order of the words, from which they are taken.

    Args:
        vectors: cosines of the texts' centred vectors, shape (…, n).
        words: those of their words, the same shape.
        places: those of their places among the collection's directions, the same shape; 0 where there are none.
        comparable: whether two texts' words can be compared at all, the same shape.
    """
    trusted = PLACES_WEIGHT * in_common(words, places)[..., np.newaxis]
    together = (vectors + WORDS_WEIGHT * words + trusted * places) / (1 + WORDS_WEIGHT + trusted)
    return np.where(comparable, together, VECTORS_ALONE * vectors)


def smoothed(own: Vectors, neighbours: Vectors, near: Floats) -> Vectors:
    """Return unit vectors moved towards their neighbours, towards each the more the nearer it is.

    Where there are none that are near, a vector stays what it is: half and half with the mean of all, as one usually
    smooths, blurs what nobody else has told.

    Args:
        own: centred vectors, shape (…, dimensions), of unit length or longer: the longer, the less they are moved.
        neighbours: centred unit vectors, shape (…, count, dimensions).
        near: how near they are, shape (…, count).
    """
    weights = np.clip(near, 0, None) ** NEARNESS_POWER
    pull = np.einsum("...k,...kd->...d", weights, neighbours) / neighbours.shape[-2]
    return unit(own + PULL * pull)


def smooth_all(own: Vectors, taught: Vectors, languages: Sequence[str], words: WordVectors, places: Vectors) -> Vectors:
    """Return every vector of a collection smoothed by its neighbours.

    Args:
        own: centred unit vectors, shape (n, dimensions); who is a neighbour is told by them.
        taught: the same together with those of whoever was confirmed to tell the same.
        languages: of the texts.
        words: of the same texts.
        places: among the collection's directions, shape (n, directions); zeros for one that has none.
    """
    looked_at = min(LOOKED_AT, len(own) - 1)
    count = min(neighbours_for(len(own)), looked_at)
    towards = unit(taught)
    if count < 1:
        return towards
    smooth = np.empty_like(own)
    spoken = np.unique(list(languages), return_inverse=True)[1]
    block = max(1, _COMPARED // len(own))
    for start in range(0, len(own), block):
        rows = np.arange(start, min(start + block, len(own)))
        similar = own[rows] @ own.T
        similar[rows - start, rows] = -np.inf
        around = np.argpartition(similar, -looked_at, axis=1)[:, -looked_at:]
        near = nearness(
            np.take_along_axis(similar, around, axis=1),
            np.stack([words.cosines(int(row), around[row - start]) for row in rows]),
            np.stack([places[around[row - start]] @ places[row] for row in rows]),
            (spoken[around] == spoken[rows, np.newaxis]) & (words.width > 0),
        )
        nearest = np.argpartition(near, -count, axis=1)[:, -count:]
        chosen = np.take_along_axis(around, nearest, axis=1)
        smooth[rows] = smoothed(taught[rows], towards[chosen], np.take_along_axis(near, nearest, axis=1))
    return smooth


def smooth_of(own: Vectors, language: str, known: Known, *, exclude: int | None, around: Centres) -> Vectors:
    """Return a vector without what all have in common, smoothed by its neighbours among the documents.

    Args:
        own: shape (dimensions,).
        language: of the text.
        known: what the collection knows of its words.
        exclude: the document whose vector it is, when it is stored itself.
        around: the collection's centres.
    """
    alone = around.away(own, language)
    ids, vectors, near = _neighbours_of(own, alone, language, known, exclude=exclude, around=around)
    taught = together([exclude or 0, *ids], np.concatenate([alone[np.newaxis], vectors]), around)
    return smoothed(taught[0], unit(taught[1:]), near) if ids else unit(taught[0])


def _neighbours_of(
    own: Vectors, alone: Vectors, language: str, known: Known, *, exclude: int | None, around: Centres
) -> tuple[list[int], Vectors, Floats]:
    """Return the neighbours of a text: ids, centred unit vectors of shape (found, dimensions), and how near each is."""
    nobody = list[int](), np.zeros((0, len(own)), dtype=np.float32), np.zeros(0)
    pgvector = has_pgvector()
    with connection.cursor() as cursor:
        # Of more, there are no more neighbours.
        cursor.execute(
            "SELECT count(*) FROM (SELECT FROM search_vector LIMIT %s) first",
            [MOST_NEIGHBOURS * DOCUMENTS_PER_NEIGHBOUR],
        )
        count = neighbours_for(cursor.fetchone()[0])
        if count < 1:
            return nobody
        if pgvector:
            index_ask_for(cursor, LOOKED_AT)
        cursor.execute(
            f"""
            SELECT near.document_id, array_send(near.own::real[]), d.language FROM (
                SELECT v.document_id, v.own FROM search_vector v WHERE v.document_id <> %(exclude)s
                ORDER BY {nearest_first_sql(pgvector=pgvector)} LIMIT %(n)s
            ) near JOIN search_document d ON d.id = near.document_id
            """,
            {"vector": vector_literal(own, pgvector=pgvector), "exclude": exclude or 0, "n": LOOKED_AT},
        )
        rows = cursor.fetchall()
    if not rows:
        return nobody
    ids = [row[0] for row in rows]
    languages = [row[2] for row in rows]
    vectors = around.away_each(np.stack([unpacked(row[1], "f4") for row in rows]), languages)
    comparable = np.array([bool(known.words) and one == language for one in languages])
    near = nearness(vectors @ alone, _by_words(known, ids), _by_places(known, ids), comparable)
    nearest = np.argsort(-near, kind="stable")[:count]
    return [ids[i] for i in nearest], vectors[nearest], near[nearest]


def _by_words(known: Known, ids: Sequence[int]) -> Floats:
    """Return how alike a text and each of some documents are by their words, shape (documents,)."""
    found = np.zeros(len(ids))
    if not known.words:
        return found
    at = {pk: place for place, pk in enumerate(ids)}
    whose, numbers, frequencies = words_shared(known.words, ids)
    products = known.weights[numbers] * said(frequencies) * known.rarities[numbers]
    np.add.at(found, [at[int(pk)] for pk in whose], products)
    lengths = lengths_read(ids)
    both = np.array([lengths.get(pk, 0.0) for pk in ids]) * np.linalg.norm(known.weights)
    return np.divide(found, both, out=np.zeros(len(ids)), where=both > 0)


def _by_places(known: Known, ids: Sequence[int]) -> Floats:
    """Return how near a text and each of some documents are by the collection's directions, shape (documents,)."""
    found = np.zeros(len(ids))
    if known.place is None:
        return found
    at = {pk: place for place, pk in enumerate(ids)}
    some, places = latent_read(ids, directions=len(known.place))
    found[[at[pk] for pk in some]] = places @ known.place
    return found
