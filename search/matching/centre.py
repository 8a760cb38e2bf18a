"""The collection's centre: what all its texts have in common, taken away from vectors before they are compared.

On a site about technology at work every text is about technology at work, and an encoder says so of all of them. What
tells one situation from another is what is left.
"""

import base64
import json

import numpy as np

from search.embeddings import encoder
from search.encoders.base import Vectors
from search.models import IndexState
from search.vectors import centre_of, unit

_NAME = "centre"


def centre() -> Vectors | None:
    """Return the centre by which vectors are smoothed, shape (dimensions,); None before there is one."""
    found = _kept()
    return found[0] if found else None


def centre_documents() -> int:
    """Return of how many documents the centre was taken."""
    found = _kept()
    return found[1] if found else 0


def centre_take(own: Vectors) -> Vectors:
    """Take and keep the centre of a collection.

    Args:
        own: the vectors of its documents, shape (n, dimensions).
    """
    current = encoder()
    taken = centre_of(own)
    value = {
        "encoder": current.name if current else "",
        "documents": len(own),
        "vector": base64.b64encode(taken.astype("<f4").tobytes()).decode(),
    }
    IndexState.objects.update_or_create(name=_NAME, defaults={"value": json.dumps(value)})
    return taken


def centred(vectors: Vectors, around: Vectors | None) -> Vectors:
    """Return unit vectors without what all have in common; unchanged without a centre. Shapes (…, dimensions)."""
    return vectors if around is None else unit(vectors - around)


def _kept() -> tuple[Vectors, int] | None:
    current = encoder()
    value = IndexState.objects.filter(name=_NAME).values_list("value", flat=True).first()
    if current is None or value is None:
        return None
    kept = json.loads(value)
    if kept["encoder"] != current.name:
        return None
    return np.frombuffer(base64.b64decode(kept["vector"]), dtype="<f4"), int(kept["documents"])
