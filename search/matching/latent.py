"""Latent semantic analysis: which words go together in this collection, and so what a text is about.

Two reports of the same thing often share few words, and an encoder that never saw the collection does not know which
words of it belong together. The collection itself does: a truncated singular value decomposition of its words
(Deerwester et al., 1990) finds some thirty directions in which texts differ, and gives every word, and by its words
every text, a place among them. What it adds to the other signals is in ``docs/decisions/latent-semantic-analysis.md``.

It needs no encoder. It is taken from the documents that stand in the database, so a word that stands in only one is in
none of it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction

from search.bm25 import rarity
from search.encoders.base import Vectors
from search.matching.words import BATCH, Counts, said, weighed, words_of
from search.models import Document, IndexState, LatentDocument, LatentWord
from search.vectors import unit

# So many directions, if there are so many documents for each; among fewer than FEWEST there is nothing to learn.
MOST_DIRECTIONS, DOCUMENTS_PER_DIRECTION, FEWEST = 32, 10, 100
# The directions of a larger collection are those of so many of its documents, evenly picked.
MOST_READ = 20_000
# A word that stands in fewer documents goes together with nothing.
LEAST_DOCUMENTS = 2
# Halko, Martinsson & Tropp (2011): directions tried beside those wanted, and rounds.
_OVERSAMPLE, _ROUNDS = 10, 5
_BLOCK = 500_000
_STATE = "latent"
# How the places of documents are stored.
_TYPE = "<f2"

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Table:
    """A sparse table in compressed rows: ``values`` stand in ``columns``, those of row i from ``begins[i]`` on.

    No row is empty, and no column.
    """

    begins: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int64]
    values: Floats

    def times(self, dense: Floats) -> Floats:
        """Return the product with a dense matrix of shape (columns, k)."""
        found = np.empty((len(self.begins), dense.shape[1]))
        ends = np.append(self.begins[1:], len(self.values))
        first = 0
        while first < len(self.begins):
            # As many rows at a time as fit into a bounded piece of memory, and one at least.
            last = max(first + 1, int(np.searchsorted(ends, self.begins[first] + _BLOCK, side="right")))
            here = slice(int(self.begins[first]), int(ends[last - 1]))
            products = self.values[here, None] * dense[self.columns[here]]
            found[first:last] = np.add.reduceat(products, self.begins[first:last] - self.begins[first], axis=0)
            first = last
        return found

    def turned(self) -> "Table":
        """Return the table with rows and columns exchanged."""
        rows = np.repeat(np.arange(len(self.begins)), np.diff(np.append(self.begins, len(self.values))))
        order = np.argsort(self.columns, kind="stable")
        counts = np.bincount(self.columns)
        return Table(np.concatenate([[0], np.cumsum(counts)[:-1]]), rows[order], self.values[order])


@dataclass(frozen=True)
class Known:
    """What the collection knows of a text: those of its ``words`` that stand in several documents, n of them.

    ``rarities`` and ``weights`` (what each says in this text) have shape (n,); ``place`` is a unit vector among the
    collection's directions, or None where the words lie nowhere.
    """

    words: tuple[str, ...]
    rarities: Floats
    weights: Floats
    place: Vectors | None


NOTHING_KNOWN = Known((), np.zeros(0), np.zeros(0), None)


def directions(table: Table, count: int) -> Floats:
    """Return the first right singular vectors of a table, shape (columns, count), by randomised subspace iteration.

    Args:
        table: documents in rows, words in columns.
        count: how many; not more than rows or columns.
    """
    turned = table.turned()
    width = min(count + _OVERSAMPLE, len(table.begins), len(turned.begins))
    around = np.random.default_rng(0).standard_normal((len(turned.begins), width))
    for _ in range(_ROUNDS):
        basis = np.linalg.qr(table.times(around))[0]
        around = np.linalg.qr(turned.times(basis))[0]
    basis = np.linalg.qr(table.times(around))[0]
    found, _sizes, _rest = np.linalg.svd(turned.times(basis), full_matrices=False)
    return found[:, :count]


def is_outgrown(*, documents: int) -> bool:
    """Whether a collection of so many documents has doubled since its directions were taken."""
    value = IndexState.objects.filter(name=_STATE).values_list("value", flat=True).first()
    taken = int(json.loads(value)["documents"]) if value else 0
    return documents >= FEWEST and taken * 2 < documents


@transaction.atomic
def latent_take() -> int:
    """Take the collection's directions anew, and give every word and document its place; return how many directions."""
    ids = list(Document.objects.present().order_by("pk").values_list("pk", flat=True))
    LatentDocument.objects.all().delete()
    LatentWord.objects.all().delete()
    IndexState.objects.update_or_create(name=_STATE, defaults={"value": json.dumps({"documents": len(ids)})})
    if len(ids) < FEWEST:
        return 0
    picked = ids[:: -(-len(ids) // MOST_READ)]
    lexemes, rare, table = _table([counts for _pk, counts in words_of(picked)])
    count = min(MOST_DIRECTIONS, len(ids) // DOCUMENTS_PER_DIRECTION, len(table.begins), len(lexemes))
    if not count:
        return 0
    # What a word weighs is kept with where it points.
    places = (directions(table, count) * rare[:, None]).astype("<f4")
    LatentWord.objects.bulk_create(
        (
            LatentWord(lexeme=lexeme, rarity=float(rare[i]), vector=places[i].tobytes())
            for i, lexeme in enumerate(lexemes)
        ),
        batch_size=BATCH,
    )
    words = {lexeme: (float(rare[i]), places[i]) for i, lexeme in enumerate(lexemes)}
    for start in range(0, len(ids), BATCH):
        here = words_of(ids[start : start + BATCH])
        _store({pk: _known(counts, {w: words[w] for w in counts if w in words}) for pk, counts in here})
    return count


def latent_store(ids: Sequence[int]) -> dict[int, Known]:
    """Give documents their places by the directions as they stand, and return what is known of each that has words.

    Args:
        ids: of documents whose words are written.
    """
    known = {pk: known_of(counts) for pk, counts in words_of(ids)}
    with transaction.atomic():
        LatentDocument.objects.filter(document__in=ids).delete()
        _store(known)
    return known


def known_of(counts: Counts) -> Known:
    """Return what the collection knows of a text.

    Args:
        counts: its stemmed words, and how often each stands there.
    """
    if not counts:
        return NOTHING_KNOWN
    with connection.cursor() as cursor:
        # Through no model: this is asked with every free text.
        cursor.execute("SELECT lexeme, rarity, vector FROM search_latentword WHERE lexeme = ANY(%s)", [list(counts)])
        rows = cursor.fetchall()
    return _known(counts, {lexeme: (rare, np.frombuffer(vector, dtype="<f4")) for lexeme, rare, vector in rows})


def latent_of_document(pk: int) -> Vectors | None:
    """Return the place of a document, a unit vector; None where it has none."""
    vector = LatentDocument.objects.filter(document=pk).values_list("vector", flat=True).first()
    return None if vector is None else np.frombuffer(vector, dtype=_TYPE).astype(np.float32)


def latent_read(ids: Sequence[int], *, directions: int) -> tuple[list[int], Vectors]:
    """Return the ids of those of the documents that have a place, and their places, shape (found, directions).

    Args:
        ids: of the documents.
        directions: how many; a place in another number of them is one of an older collection, and is left out.
    """
    width = directions * np.dtype(_TYPE).itemsize
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT document_id, vector FROM search_latentdocument "
            "WHERE document_id = ANY(%s) AND octet_length(vector) = %s",
            [list(ids), width],
        )
        rows = cursor.fetchall()
    places = np.frombuffer(b"".join(vector for _pk, vector in rows), dtype=_TYPE)
    return [pk for pk, _vector in rows], places.astype(np.float32).reshape(-1, directions)


def places_read(ids: Sequence[int]) -> Vectors:
    """Return the places of documents in their order, shape (n, directions); zeros for one that has none."""
    stored = LatentDocument.objects.values_list("vector", flat=True).first()
    places = np.zeros((len(ids), len(stored) // np.dtype(_TYPE).itemsize if stored else 0), dtype=np.float32)
    if stored:
        at = {pk: row for row, pk in enumerate(ids)}
        known, found = latent_read(ids, directions=places.shape[1])
        places[[at[pk] for pk in known]] = found
    return places


def lengths_read(ids: Sequence[int]) -> dict[int, float]:
    """Return how long the words of documents are together, by id, of those that have a place."""
    rows = LatentDocument.objects.filter(document__in=ids).values_list("document_id", "length")
    return {pk: float(length) for pk, length in rows}


def rarities_read() -> dict[str, float]:
    """Return how rare each word is that stands in several documents."""
    return {lexeme: float(rare) for lexeme, rare in LatentWord.objects.values_list("lexeme", "rarity")}


def _store(found: Mapping[int, Known]) -> None:
    """Store the places of documents that have none, by what is known of each."""
    LatentDocument.objects.bulk_create(
        (
            LatentDocument(
                document_id=pk,
                length=float(np.linalg.norm(known.weights)),
                vector=known.place.astype(_TYPE).tobytes(),
            )
            for pk, known in found.items()
            if known.place is not None
        ),
        batch_size=BATCH,
        ignore_conflicts=True,
    )


def _known(counts: Counts, words: Mapping[str, tuple[float, Vectors]]) -> Known:
    """Return what is known of a text, by how rare each of its words is, and its place."""
    if not words:
        return NOTHING_KNOWN
    lexemes = sorted(words)
    rarities = np.array([words[lexeme][0] for lexeme in lexemes])
    often = said(np.array([counts[lexeme] for lexeme in lexemes]))
    total = (often[:, None] * np.stack([words[lexeme][1] for lexeme in lexemes])).sum(axis=0)
    place = unit(total) if np.linalg.norm(total) > 0 else None
    return Known(tuple(lexemes), rarities, often * rarities, place)


def _table(documents: Sequence[Counts]) -> tuple[list[str], Floats, Table]:
    """Return the words that stand in several documents, how rare each is, and documents of length 1 by these words."""
    containing: dict[str, int] = {}
    for counts in documents:
        for lexeme in counts:
            containing[lexeme] = containing.get(lexeme, 0) + 1
    lexemes = sorted(lexeme for lexeme, number in containing.items() if number >= LEAST_DOCUMENTS)
    rare = np.array([rarity(documents=len(documents), containing=containing[lexeme]) for lexeme in lexemes])
    number_of = {lexeme: number for number, lexeme in enumerate(lexemes)}
    begins, columns, values, stored = [], [], [], 0
    for counts in documents:
        numbers, weights = weighed(counts, number_of, rare)
        if not len(numbers):
            continue
        begins.append(stored)
        stored += len(numbers)
        columns.append(numbers)
        values.append(weights)
    if not begins:
        return [], rare, Table(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))
    return lexemes, rare, Table(np.array(begins), np.concatenate(columns), np.concatenate(values))
