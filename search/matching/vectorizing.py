"""Brings vectors up to date: embeds what is new, by content hash, and smooths document vectors by their neighbours."""

from collections.abc import Iterable, Sequence

import numpy as np
from django.db import connection

from search.documents import documents_revise, text_hash
from search.embeddings import embed, encoder
from search.encoders.base import Vectors
from search.matching.subject import smooth_of, whole_text
from search.models import Document, Embedding, Passage
from search.vectors import neighbours_for, smooth_all, vectors_store

BATCH = 256


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


def _own_vectors(documents: Sequence[Document], encoder_name: str) -> Vectors:
    hashes = [text_hash(whole_text(d.title, d.standfirst, d.body)) for d in documents]
    stored = dict(
        Embedding.objects.filter(encoder=encoder_name, text_hash__in=set(hashes)).values_list("text_hash", "vector")
    )
    return np.stack([np.frombuffer(stored[key], dtype="<f4") for key in hashes])


def documents_vectorize(documents: Sequence[Document], *, passages: bool = True) -> None:
    """Embed documents and their sentences, and store their own and smoothed vectors.

    When the documents are most of the collection, everything is smoothed afresh at once; otherwise each of them by its
    neighbours as they stand.
    """
    current = encoder()
    if current is None or not documents:
        return
    texts_embed(whole_text(d.title, d.standfirst, d.body) for d in documents)
    if passages:
        texts_embed(Passage.objects.filter(document__in=documents).values_list("text", flat=True))
    own = _own_vectors(documents, current.name)
    ids = [document.pk for document in documents]
    total = Document.objects.present().count()
    if len(documents) * 4 >= total:
        vectors_store(ids=ids, own=own, smooth=own, encoder=current.name)
        smooth_collection()
    else:
        smooth = np.stack([smooth_of(own[i], exclude=pk) for i, pk in enumerate(ids)])
        vectors_store(ids=ids, own=own, smooth=smooth, encoder=current.name)
    documents_revise(ids)


def smooth_collection() -> None:
    """Smooth every stored vector by its neighbours afresh."""
    current = encoder()
    if current is None:
        return
    with connection.cursor() as cursor:
        # A vector of another encoder has nothing to say to this one's.
        cursor.execute("DELETE FROM search_vector WHERE encoder <> %s", [current.name])
        cursor.execute("SELECT document_id, own::real[] FROM search_vector ORDER BY document_id")
        rows = cursor.fetchall()
    if not rows:
        return
    own = np.asarray([row[1] for row in rows], dtype=np.float32)
    smooth = smooth_all(own, neighbours=neighbours_for(len(rows)))
    vectors_store(ids=[row[0] for row in rows], own=own, smooth=smooth, encoder=current.name)
