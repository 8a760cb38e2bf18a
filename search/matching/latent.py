"""Latent semantic analysis: which words go together in this collection, and so what a text is about.

Two reports of the same thing often share few words, and an encoder that never saw the collection does not know which
words of it belong together. The collection itself does: a truncated singular value decomposition of its words
(Deerwester et al., 1990) finds some thirty directions in which texts differ, and gives every word, and by its words
every text, a place among them. What it adds to the other signals is in ``docs/decisions/latent-semantic-analysis.md``.

It needs no encoder. It is taken from the documents that stand in the database, so a word that stands in only one is in
none of it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction

from search.bm25 import rarity
from search.documents import FREQUENCY_SQL
from search.encoders.base import Vectors
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
_BATCH = 2000
_BLOCK = 500_000
_STATE = "latent"
# How the places of documents are stored.
_TYPE = "<f2"

Counts = dict[str, float]
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
    lexemes, rare, table = _table([counts for _pk, counts in _words_of(picked)])
    count = min(MOST_DIRECTIONS, len(ids) // DOCUMENTS_PER_DIRECTION, len(table.begins), len(lexemes))
    if not count:
        return 0
    # What a word weighs is kept with where it points.
    places = (directions(table, count) * rare[:, None]).astype("<f4")
    LatentWord.objects.bulk_create(
        (LatentWord(lexeme=lexeme, vector=places[i].tobytes()) for i, lexeme in enumerate(lexemes)), batch_size=_BATCH
    )
    known = dict(zip(lexemes, places, strict=True))
    for start in range(0, len(ids), _BATCH):
        _store(ids[start : start + _BATCH], known)
    return count


def latent_store(ids: Sequence[int]) -> None:
    """Give documents their places by the directions as they stand.

    Args:
        ids: of documents whose words are written.
    """
    with transaction.atomic():
        LatentDocument.objects.filter(document__in=ids).delete()
        _store(ids, None)


def latent_of(counts: Counts) -> Vectors | None:
    """Return the place of a text, a unit vector; None where none of its words has one.

    Args:
        counts: its stemmed words, and how often each stands there.
    """
    if not counts:
        return None
    with connection.cursor() as cursor:
        # Through no model: this is asked with every free text.
        cursor.execute("SELECT lexeme, vector FROM search_latentword WHERE lexeme = ANY(%s)", [list(counts)])
        return _place(counts, {lexeme: np.frombuffer(vector, dtype="<f4") for lexeme, vector in cursor.fetchall()})


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


def _store(ids: Sequence[int], known: Mapping[str, Vectors] | None) -> None:
    """Store the places of documents that have none.

    Args:
        ids: of the documents.
        known: the places of all words, if they are at hand.
    """
    found = [
        (pk, latent_of(counts) if known is None else _place(counts, {w: known[w] for w in counts if w in known}))
        for pk, counts in _words_of(ids)
    ]
    LatentDocument.objects.bulk_create(
        (
            LatentDocument(document_id=pk, vector=place.astype(_TYPE).tobytes())
            for pk, place in found
            if place is not None
        ),
        batch_size=_BATCH,
        ignore_conflicts=True,
    )


def _place(counts: Counts, places: Mapping[str, Vectors]) -> Vectors | None:
    """Return where the words of a text lie together; None where they lie nowhere."""
    if not places:
        return None
    total = np.sum([(1 + np.log(counts[lexeme])) * place for lexeme, place in sorted(places.items())], axis=0)
    return unit(total) if np.linalg.norm(total) > 0 else None


def _words_of(ids: Sequence[int]) -> Iterator[tuple[int, Counts]]:
    """Yield documents with how often each of their stemmed words stands in them, counted by field."""
    for start in range(0, len(ids), _BATCH):
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT d.id, array_agg(w.lexeme), array_agg({FREQUENCY_SQL}::float8) "
                "FROM search_document d, unnest(d.words) AS w WHERE d.id = ANY(%s) GROUP BY d.id ORDER BY d.id",
                [list(ids[start : start + _BATCH])],
            )
            for pk, lexemes, frequencies in cursor.fetchall():
                yield pk, dict(zip(lexemes, frequencies, strict=True))


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
        some = [(number_of[lexeme], count) for lexeme, count in counts.items() if lexeme in number_of]
        if not some:
            continue
        numbers = np.array([number for number, _count in some])
        weights = (1 + np.log([count for _number, count in some])) * rare[numbers]
        begins.append(stored)
        stored += len(some)
        columns.append(numbers)
        values.append(weights / np.linalg.norm(weights))
    if not begins:
        return [], rare, Table(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))
    return lexemes, rare, Table(np.array(begins), np.concatenate(columns), np.concatenate(values))
