"""A corpus for evaluation, in the site's own tables without ever being on the site.

Temporary tables of the same names stand before the real ones for one connection: the matcher's SQL runs unchanged on
them, and they are gone when the connection closes.
"""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from django.db import connection

from search.documents import index_words, next_version, passages_of, text_hash
from search.embeddings import encoder
from search.matching.learning import collection_learn
from search.matching.signals.weighing import SITUATION
from search.matching.subject import whole_text
from search.models import Document, Embedding, Kind, Passage

SHADOWED = (
    "search_document",
    "search_posting",
    "search_word",
    "search_passage",
    "search_embedding",
    "search_latentword",
    "search_latentdocument",
    "search_judgement",
    "search_indexstate",
)
BATCH = 500


class CorpusError(Exception):
    """A corpus or qrels file cannot be read; the message says where."""


@dataclass
class Corpus:
    """A loaded corpus: its documents, and which of them carry which outside id."""

    documents: dict[str, Document] = field(default_factory=dict)

    def outside(self) -> dict[int, str]:
        """Return outside ids by document id."""
        return {document.pk: outside for outside, document in self.documents.items()}


@contextmanager
def shadow_tables() -> Iterator[None]:
    """Let empty temporary tables stand before the site's own, on this connection, until the block ends."""
    with connection.cursor() as cursor:
        for table in SHADOWED:
            cursor.execute(f"CREATE TEMP TABLE {table} (LIKE public.{table} INCLUDING ALL)")
        # Without the approximate indexes: an evaluation measures the ranking, not the index.
        cursor.execute("CREATE TEMP TABLE search_vector (LIKE public.search_vector INCLUDING DEFAULTS)")
        cursor.execute("ALTER TABLE pg_temp.search_vector ADD PRIMARY KEY (document_id)")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for table in (*SHADOWED, "search_vector"):
                cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")


def read_corpus(path: Path) -> Iterator[dict[str, Any]]:
    """Return the documents of a JSON-lines file; of several with one id the first.

    Raises:
        CorpusError: a line is no object with an id.
    """
    seen: set[str] = set()
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                row["id"] = str(row["id"])
            except (ValueError, TypeError, KeyError) as error:
                raise CorpusError(f"{path}, line {number}: not a JSON object with an id.") from error
            if row["id"] not in seen:
                seen.add(row["id"])
                yield row


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Return TREC qrels: query, unused, document, grade on each line.

    Raises:
        CorpusError: a line has other than four columns, or a grade is no number.
    """
    qrels: dict[str, dict[str, int]] = {}
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            columns = line.split()
            try:
                query, _unused, document, grade = columns
                qrels.setdefault(query, {})[document] = int(float(grade))
            except ValueError as error:
                raise CorpusError(f"{path}, line {number}: not “query 0 document grade”.") from error
    return qrels


def corpus_load(rows: Iterator[dict[str, Any]] | list[dict[str, Any]], *, cache: Path | None = None) -> Corpus:
    """Load a corpus into the shadow tables: words, postings and vectors as for any document of the site.

    Args:
        rows: ``id`` and, optionally, ``title``, ``text``, ``industry`` (a string, a list or None), ``concepts``.
        cache: a file that keeps vectors between runs.
    """
    made = [_document(row) for row in rows]
    stored = Document.objects.bulk_create([document for _outside, document in made], batch_size=BATCH)
    ids = [document.pk for document in stored]
    for start in range(0, len(ids), BATCH):
        index_words(ids[start : start + BATCH])
    with connection.cursor() as cursor:
        for table in ("search_document", "search_posting"):
            cursor.execute(f"ANALYZE {table}")
    fresh = {document.pk: document for document in Document.objects.defer("words").filter(pk__in=ids)}
    corpus = Corpus({outside: fresh[document.pk] for outside, document in made})
    if cache is not None and cache.exists():
        _from_cache(cache, corpus)
    Passage.objects.bulk_create(
        (
            Passage(document=document, position=position, text=text, text_hash=text_hash(text))
            for document in corpus.documents.values()
            for position, text in enumerate(passages_of(document))
        ),
        batch_size=BATCH,
    )
    collection_learn()
    if cache is not None:
        _to_cache(cache)
    return corpus


def _document(row: dict[str, Any]) -> tuple[str, Document]:
    industry = row.get("industry")
    industries = [] if industry is None else [industry] if isinstance(industry, str) else [str(i) for i in industry]
    concepts = [_concept(str(concept)) for concept in row.get("concepts") or []]
    return row["id"], Document(
        public_id=uuid.uuid4(),
        kind=Kind.STORY,
        version=next_version(),
        title=row.get("title") or "",
        body=row.get("text") or "",
        facets=sorted({"type:story", *concepts}),
        concepts=concepts,
        subsectors=industries,
        sectors=industries,
    )


def _concept(name: str) -> str:
    """Return a facet value; what is not exported from a site like this one has no scheme, and gets one."""
    scheme, colon, _slug = name.partition(":")
    return name if colon and scheme in SITUATION else f"technology:{name}"


def _from_cache(cache: Path, corpus: Corpus) -> None:
    current = encoder()
    if current is None:
        return
    kept = np.load(cache, allow_pickle=False)
    if str(kept["encoder"]) != current.name:
        return
    wanted = {
        text_hash(text)
        for d in corpus.documents.values()
        for text in (whole_text(d.title, d.standfirst, d.body), *passages_of(d))
    }
    rows = [
        Embedding(text_hash=str(key), encoder=current.name, vector=vector.astype("<f4").tobytes())
        for key, vector in zip(kept["hashes"], kept["vectors"], strict=True)
        if str(key) in wanted
    ]
    Embedding.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)


def _to_cache(cache: Path) -> None:
    current = encoder()
    if current is None:
        return
    rows = list(Embedding.objects.filter(encoder=current.name).order_by("text_hash").values_list("text_hash", "vector"))
    np.savez(
        cache,
        encoder=np.array(current.name),
        hashes=np.array([key for key, _vector in rows]),
        vectors=np.stack([np.frombuffer(vector, dtype="<f4") for _key, vector in rows]),
    )
