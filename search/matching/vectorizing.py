"""Brings vectors up to date: embeds what is new, by content hash, and smooths document vectors by their neighbours."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from search.documents import documents_revise, text_hash
from search.embeddings import embed, encoder, reads
from search.encoders.base import Vectors
from search.matching.centre import Centres, centres, centres_take
from search.matching.latent import NOTHING_KNOWN, Known, known_of, latent_store, places_read, rarities_read
from search.matching.neighbours import smooth_all, smooth_of
from search.matching.subject import whole_text
from search.matching.teaching import together
from search.matching.words import word_vectors, words_of
from search.models import Document, Embedding, Passage
from search.vectors import (
    has_pgvector,
    own_read,
    smooth_store,
    vectors_delete_others,
    vectors_store,
)

BATCH = 256
# So many vectors are each compared with all others, which takes some minutes; of more, each finds its neighbours by the
# index, as a new one does: time grows with their square the one way, and with their number the other. Without pgvector
# there is no index, and a look-up compares with all as well.
ALL_COMPARED = 200_000


def texts_embed(texts: Iterable[str]) -> int:
    """Embed and keep the texts whose vectors are not known yet, and return how many that were.

    Each batch is kept as soon as it is computed: an interrupted rebuild goes on where it stopped.
    """
    current = encoder()
    if current is None:
        return 0
    pending = {text_hash(text): text for text in texts}
    known = set(
        Embedding.objects.filter(encoder=current.name, text_hash__in=list(pending)).values_list("text_hash", flat=True)
    )
    missing = [(key, text) for key, text in pending.items() if key not in known]
    # Texts of like length together: a batch takes as long as its longest.
    missing.sort(key=lambda item: len(item[1]))
    for start in range(0, len(missing), BATCH):
        batch = missing[start : start + BATCH]
        vectors = embed([text for _key, text in batch])
        if vectors is None:
            return 0
        Embedding.objects.bulk_create(
            (
                Embedding(text_hash=key, encoder=current.name, vector=vectors[i].astype("<f4").tobytes())
                for i, (key, _text) in enumerate(batch)
            ),
            ignore_conflicts=True,
        )
    return len(missing)


def _vectors_of(hashes: Sequence[str], encoder_name: str) -> dict[str, Vectors]:
    stored = Embedding.objects.filter(encoder=encoder_name, text_hash__in=set(hashes))
    return {key: np.frombuffer(vector, dtype="<f4") for key, vector in stored.values_list("text_hash", "vector")}


def documents_vectorize(documents: Sequence[Document]) -> None:
    """Embed documents and their sentences, and store the vectors of both and their places in the collection.

    Each finds its place by its neighbours and by what was learned of the collection, as they stand.
    """
    if not documents:
        return
    known = latent_store([document.pk for document in documents])
    documents_embed(documents, known=known)


def documents_embed(documents: Sequence[Document], *, known: Mapping[int, Known] | None) -> None:
    """Embed documents and their sentences, and store the vectors of both; not of those that the encoder cannot read.

    Args:
        documents: that are new.
        known: what the collection knows of each, to smooth their vectors by; None where the whole collection is to be
            smoothed afterwards.
    """
    current = encoder()
    if current is None or not documents:
        return
    readable = [document for document in documents if reads(document.language)]
    for start in range(0, len(readable), BATCH):
        _store(readable[start : start + BATCH], current.name, known)
    documents_revise([document.pk for document in documents])


def _store(documents: Sequence[Document], encoder_name: str, known: Mapping[int, Known] | None) -> None:
    texts_embed(whole_text(d.title, d.standfirst, d.body) for d in documents)
    rows = list(
        Passage.objects.filter(document__in=documents)
        .order_by("document_id", "position")
        .values_list("document_id", "text_hash", "text")
    )
    texts_embed(text for _pk, _hash, text in rows)
    wholes = [text_hash(whole_text(d.title, d.standfirst, d.body)) for d in documents]
    vectors = _vectors_of([*wholes, *(key for _pk, key, _text in rows)], encoder_name)
    by_document: dict[int, list[Vectors]] = defaultdict(list)
    for pk, key, _text in rows:
        by_document[pk].append(vectors[key])
    own = np.stack([vectors[key] for key in wholes])
    nothing = np.zeros((0, own.shape[1]), dtype=np.float32)
    ids = [document.pk for document in documents]
    vectors_store(
        ids=ids,
        own=own,
        smooth=own if known is None else _smooth_each(ids, [d.language for d in documents], own, known, centres()),
        encoder=encoder_name,
        passages=[np.stack(by_document[pk]) if by_document[pk] else nothing for pk in ids],
    )


def smooth_collection() -> None:
    """Take the collection's centres, and smooth every stored vector by its neighbours, afresh."""
    current = encoder()
    if current is None:
        return
    documents_revise(vectors_delete_others(current))
    ids, languages, own = own_read()
    around = centres_take(own, languages)
    if not ids:
        return
    if len(ids) <= ALL_COMPARED or not has_pgvector():
        words = word_vectors(ids, rarities_read())
        alone = around.away_each(own, languages)
        taught = together(ids, alone, around)
        smooth_store(ids, smooth_all(alone, taught, languages, words, places_read(ids)))
        return
    for start in range(0, len(ids), BATCH):
        here = slice(start, start + BATCH)
        known = {pk: known_of(counts) for pk, counts in words_of(ids[here])}
        smooth_store(ids[here], _smooth_each(ids[here], languages[here], own[here], known, around))


def _smooth_each(
    ids: Sequence[int], languages: Sequence[str], own: Vectors, known: Mapping[int, Known], around: Centres
) -> Vectors:
    """Return vectors of documents, shape (n, dimensions), smoothed each by the neighbours that the index finds."""
    return np.stack(
        [
            smooth_of(own[i], languages[i], known.get(pk, NOTHING_KNOWN), exclude=pk, around=around)
            for i, pk in enumerate(ids)
        ]
    )
