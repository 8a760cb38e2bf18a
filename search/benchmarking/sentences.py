"""Sentences that a corpus is put together from: of real narratives, or else of the site's own first content."""

import csv
import gzip
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from search.documents import text_hash
from search.embeddings import embed, encoder
from search.encoders.base import Vectors
from search.models import Document
from search.text import sentences

# So many different sentences are drawn from; each is embedded once.
MOST_SENTENCES = 6000
_BATCH = 256


class NarrativesError(Exception):
    """The file of narratives cannot be read; the message says why."""


@dataclass(frozen=True)
class Pool:
    """Sentences and, with an encoder, their vectors: shape (sentences, dimensions)."""

    sentences: list[str]
    vectors: Vectors | None


def pool_make(*, narratives: Path | None, cache: Path) -> Pool:
    """Return the sentences to draw from, with their vectors.

    Args:
        narratives: a CSV file with a column ``narrative``, or a text with one on each line; either may be gzipped.
            Without one, the documents of the site are taken.
        cache: a folder that keeps vectors between runs.

    Raises:
        NarrativesError: the file cannot be read, or says nothing.
    """
    texts = read_narratives(narratives) if narratives else _own_texts()
    found = sorted({sentence for text in texts for sentence in sentences(text) if 30 <= len(sentence) <= 400})
    if len(found) < 20:
        raise NarrativesError(f"{narratives or 'The site'} has fewer than twenty sentences: name a file with more.")
    drawn = random.Random(1).sample(found, min(MOST_SENTENCES, len(found)))  # noqa: S311  no secret
    return Pool(drawn, _vectors(drawn, cache))


def read_narratives(path: Path) -> Iterator[str]:
    """Return the narratives of a file.

    Raises:
        NarrativesError: it cannot be read, or has no such column.
    """
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8", newline="") as file:
            if ".csv" not in path.suffixes:
                yield from file
                return
            for row in csv.DictReader(file):
                yield row["narrative"]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise NarrativesError(f"{path} cannot be read: {error}.") from error
    except KeyError as error:
        raise NarrativesError(f"{path} has no column called narrative.") from error


def _own_texts() -> Iterable[str]:
    return Document.objects.present().values_list("body", flat=True).iterator()


def _vectors(texts: list[str], cache: Path) -> Vectors | None:
    current = encoder()
    if current is None:
        return None
    path = cache / f"sentences-{current.name}.npz"
    known: dict[str, Vectors] = {}
    if path.exists():
        kept = np.load(path, allow_pickle=False)
        known = dict(zip(kept["hashes"].tolist(), kept["vectors"], strict=True))
    missing = [text for text in texts if text_hash(text) not in known]
    for start in range(0, len(missing), _BATCH):
        batch = missing[start : start + _BATCH]
        vectors = embed(batch)
        assert vectors is not None  # noqa: S101  there is an encoder
        known.update(zip(map(text_hash, batch), vectors, strict=True))
    if missing:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, hashes=np.array(list(known)), vectors=np.stack(list(known.values())))
    return np.stack([known[text_hash(text)] for text in texts])
