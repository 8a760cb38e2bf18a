"""What is to be matched: a document of the site, or a few sentences of somebody's own that are kept nowhere."""

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
from django.db import connection

from search.documents import frequencies
from search.embeddings import embed, encoder, reads
from search.encoders.base import Vectors
from search.matching.centre import centres
from search.matching.latent import known_of, latent_of_document
from search.matching.neighbours import smooth_of
from search.models import Document
from search.text import sentences
from search.vectors import passages_of

# Sentences of somebody's own words that are looked at one by one; each takes some milliseconds to embed.
MOST_SENTENCES = 20


@dataclass(frozen=True)
class Subject:
    """Everything the signals read about one side of a match.

    ``terms`` has a weight for each stemmed word (how often it stands there, counted by field); the vectors are unit
    vectors of shape (dimensions,), or None without an encoder that reads the language; ``latent`` is the place among
    the collection's directions, or None where it has none; ``employers`` are keys
    (``search.text.firm_key``), not names.
    """

    document_id: int | None
    language: str
    terms: dict[str, float]
    passages: list[str]
    own: Vectors | None = None
    smooth: Vectors | None = None
    passage_vectors: Vectors | None = None
    latent: Vectors | None = None
    concepts: frozenset[str] = frozenset()
    products: frozenset[str] = frozenset()
    vendors: frozenset[str] = frozenset()
    employers: frozenset[str] = frozenset()
    subsectors: list[str] = field(default_factory=list)


def whole_text(title: str, standfirst: str, body: str) -> str:
    """Return the text whose vector stands for a document."""
    return "\n".join(part for part in (title, standfirst, body) if part)


def employers_of(document: Document) -> frozenset[str]:
    """Return the keys of the employers that a document names."""
    return frozenset(value.partition(":")[2] for value in document.facets if value.startswith("employer:"))


def subject_of_document(document: Document) -> Subject:
    """Return a document of the site as a subject."""
    passages = [passage.text for passage in document.passages.all()]
    own, smooth, told = _stored(document) or (None, None, None)
    return Subject(
        document_id=document.pk,
        language=document.language,
        terms=frequencies(document),
        passages=passages,
        own=own,
        smooth=smooth,
        # Of another state of the text, they would be those of other sentences.
        passage_vectors=told if told is not None and len(told) == len(passages) else None,
        latent=latent_of_document(document.pk),
        concepts=frozenset(document.concepts),
        products=frozenset(document.products),
        vendors=frozenset(document.vendors),
        employers=employers_of(document),
        subsectors=document.subsectors,
    )


def subject_of_text(
    text: str, *, language: str = "en", concepts: frozenset[str] = frozenset(), subsectors: Collection[str] = ()
) -> Subject:
    """Return somebody's own sentences as a subject. Nothing of them is stored or logged.

    Args:
        text: plain text.
        language: ``en`` or ``es``; decides stemming.
        concepts: facet values that the person chose, if any.
        subsectors: of the industry that it is about, if that is known.
    """
    config = "coalition_es" if language == "es" else "coalition_en"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lexeme, cardinality(positions) FROM unnest(to_tsvector(%s::regconfig, %s))", [config, text]
        )
        terms = {lexeme: float(count) for lexeme, count in cursor.fetchall()}
    passages = sentences(text)[:MOST_SENTENCES]
    vectors = embed([text, *passages]) if reads(language) else None
    own = vectors[0] if vectors is not None else None
    known = known_of(terms)
    return Subject(
        document_id=None,
        language=language,
        terms=terms,
        passages=passages,
        own=own,
        smooth=smooth_of(own, language, known, exclude=None, around=centres()) if own is not None else None,
        passage_vectors=vectors[1:] if vectors is not None else None,
        latent=known.place,
        concepts=concepts,
        subsectors=sorted(subsectors),
    )


def _stored(document: Document) -> tuple[Vectors, Vectors, Vectors | None] | None:
    """Return a document's own vector, the smoothed one, and those of its sentences; None without an encoder."""
    current = encoder()
    if current is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT own::real[], smooth::real[], passages FROM search_vector WHERE document_id = %s AND encoder = %s",
            [document.pk, current.name],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    own, smooth = (np.asarray(vector, dtype=np.float32) for vector in row[:2])
    return own, smooth, passages_of(row[2], dimensions=len(own)) if row[2] is not None else None
