"""Centres: what all texts of a collection have in common, taken away from vectors before they are compared.

On a site about technology at work every text is about technology at work, and an encoder says so of all of them. What
tells one situation from another is what is left. Texts of one language also have that language in common: each language
has a centre of its own, so that a story told in Spanish meets its English counterpart.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from search.embeddings import encoder
from search.encoders.base import Vectors
from search.models import IndexState
from search.vectors import centre_of, unit

_NAME = "centre"
# The centre of all, under which those of languages are kept.
_ALL = ""


@dataclass(frozen=True)
class Centres:
    """The centre of all documents (under no language), and that of each language; each of shape (dimensions,).

    ``documents`` is of how many they were taken. Without any, vectors stay as they are.
    """

    by_language: Mapping[str, Vectors]
    documents: int = 0

    def away(self, vectors: Vectors, language: str) -> Vectors:
        """Return unit vectors without what all texts of their language have in common.

        Args:
            vectors: of texts of one language, shape (…, dimensions).
            language: its code; of one that no document has, what all documents have in common is taken away.
        """
        around = self.by_language.get(language, self.by_language.get(_ALL))
        return vectors if around is None else unit(vectors - around)

    def away_each(self, vectors: Vectors, languages: Sequence[str]) -> Vectors:
        """Return the same of texts in several languages: a language for each row of shape (n, dimensions)."""
        found = vectors.copy()
        for language in set(languages):
            rows = [number for number, own in enumerate(languages) if own == language]
            found[rows] = self.away(vectors[rows], language)
        return found


def centres() -> Centres:
    """Return the centres by which vectors are smoothed."""
    current, kept = encoder(), _kept()
    if current is None or kept is None or kept["encoder"] != current.name:
        return Centres({})
    vectors = {code: np.frombuffer(base64.b64decode(sent), dtype="<f4") for code, sent in kept["centres"].items()}
    return Centres(vectors, int(kept["documents"]))


def centres_encoder() -> str | None:
    """Return by which encoder's vectors the centres were taken; None where none were, or with vectors of nothing."""
    kept = _kept()
    return kept["encoder"] or None if kept else None


def _kept() -> dict[str, Any] | None:
    """Return what ``centres_take`` kept; None before it has."""
    value = IndexState.objects.filter(name=_NAME).values_list("value", flat=True).first()
    found: dict[str, Any] | None = json.loads(value) if value is not None else None
    return found


def centres_take(own: Vectors, languages: Sequence[str]) -> Centres:
    """Take and keep the centres of a collection.

    Args:
        own: the vectors of its documents, shape (n, dimensions).
        languages: of the documents, n of them.
    """
    current = encoder()
    whole = centre_of(own) if len(own) else None
    found = {} if whole is None else {_ALL: whole}
    for language in sorted(set(languages)):
        found[language] = centre_of(own[[code == language for code in languages]], among=whole)
    value = {
        "encoder": current.name if current else "",
        "documents": len(own),
        "centres": {code: base64.b64encode(one.astype("<f4").tobytes()).decode() for code, one in found.items()},
    }
    IndexState.objects.update_or_create(name=_NAME, defaults={"value": json.dumps(value)})
    return Centres(found, len(own))
