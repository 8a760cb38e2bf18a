"""Document vectors in the database: pgvector where the extension is there, plain arrays and brute force where not.

Of each document: ``own``, the vector of its text; ``smooth``, the same without what all documents have in common (the
collection's centre), and moved towards its nearest neighbours, which stand for what is usually said along with it; and
``passages``, the vectors of its sentences.
"""

import struct
from collections.abc import Sequence

import numpy as np
from django.db import connection
from django.db.backends.utils import CursorWrapper

from search.databases import once_a_database
from search.encoders.base import Encoder, Vectors

OWN, SMOOTH = "own", "smooth"
# How sentences are stored: 16 bits a component are as good as 32, and half as much to read.
PASSAGE_TYPE = "<f2"
# What few texts have in common is partly chance: their centre is taken as if there were so many more, all neutral.
CENTRE_SHRINKAGE = 20
# The index's graph: so many ways lead from each vector, chosen among so many when it enters. While it is asked, so many
# times as many as are wanted are kept in sight, so many at least, and no more than pgvector can.
WAYS, CONSIDERED = 12, 48
IN_SIGHT_PER_WANTED, LEAST_IN_SIGHT, MOST_IN_SIGHT = 2, 200, 1000
_BATCH = 1000
_FLOAT4_OID = 700
_HALF = "halfvec(384)"
_OWN_OF = (
    "SELECT v.document_id, d.language, v.own::real[] FROM search_vector v "
    "JOIN search_document d ON d.id = v.document_id"
)


@once_a_database
def has_pgvector() -> bool:
    """Whether vectors are stored as pgvector's type (decided when the table was made)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute "
            "WHERE attrelid = 'search_vector'::regclass AND attname = 'own'"
        )
        row = cursor.fetchone()
    return bool(row) and str(row[0]).startswith("vector")


def vector_literal(vector: Vectors, *, pgvector: bool) -> str:
    """Return a vector, shape (dimensions,), as PostgreSQL reads it: of pgvector's type, or as an array."""
    components = ",".join(map(repr, vector.tolist()))
    return f"[{components}]" if pgvector else f"{{{components}}}"


def vector_bytes(vector: Vectors, *, pgvector: bool) -> bytes:
    """Return a vector, shape (dimensions,), as PostgreSQL receives one in a binary COPY: of either type."""
    if pgvector:
        return struct.pack(">HH", len(vector), 0) + vector.astype(">f4").tobytes()
    # One dimension, no nulls, of 4-byte floats, counted from 1; and before each component how long it is.
    components = np.empty(len(vector), dtype=[("length", ">i4"), ("value", ">f4")])
    components["length"], components["value"] = 4, vector
    return struct.pack(">5i", 1, 0, _FLOAT4_OID, len(vector), 1) + components.tobytes()


def similarity_sql(column: str, *, pgvector: bool) -> str:
    """Return SQL for the cosine of a stored unit vector and the parameter ``vector``."""
    if pgvector:
        return f"-(v.{column} <#> %(vector)s::vector)"
    # In four bytes the product of two that are nearly nothing is out of range, and PostgreSQL stops.
    return f"(SELECT sum(a::float8 * b) FROM unnest(v.{column}, %(vector)s::real[]) AS pair (a, b))"


@once_a_database
def has_halves() -> bool:
    """Whether the indexes hold vectors with 16 bits a component (decided when they were made)."""
    with connection.cursor() as cursor:
        # The site's own: a corpus has indexes of its own in another schema, and not at once.
        cursor.execute("SELECT pg_get_indexdef(to_regclass('public.search_vector_own')) LIKE '%halfvec%'")
        row = cursor.fetchone()
    return bool(row and row[0])


def index_sql() -> str:
    """Return how pgvector's index is made: there is one, of documents' own vectors."""
    of = f"({OWN}::{_HALF}) halfvec_ip_ops" if has_halves() else f"{OWN} vector_ip_ops"
    return f"USING hnsw ({of}) WITH (m = {WAYS}, ef_construction = {CONSIDERED})"


def nearest_first_sql(*, pgvector: bool) -> str:
    """Return the order that puts the own vectors nearest to the parameter ``vector`` first; pgvector's index knows it.

    With halves two that are nearly as near may change places; ``similarity_sql`` tells them apart.
    """
    if not pgvector:
        return f"{similarity_sql(OWN, pgvector=False)} DESC"
    if has_halves():
        return f"v.{OWN}::{_HALF} <#> %(vector)s::{_HALF}"
    return f"v.{OWN} <#> %(vector)s::vector"


def index_ask_for(cursor: CursorWrapper, limit: int) -> None:
    """Have pgvector's index asked until so many are found, of those that are meant, in this connection from now on."""
    in_sight = min(max(LEAST_IN_SIGHT, IN_SIGHT_PER_WANTED * limit), MOST_IN_SIGHT)
    cursor.execute(
        "SELECT set_config('hnsw.iterative_scan', 'relaxed_order', false), set_config('hnsw.ef_search', %s, false)",
        [str(in_sight)],
    )


def vectors_store(
    *, ids: Sequence[int], own: Vectors, smooth: Vectors, encoder: str, passages: Sequence[Vectors] | None = None
) -> None:
    """Store the vectors of documents.

    Args:
        ids: of the documents, n of them.
        own: shape (n, dimensions).
        smooth: shape (n, dimensions).
        encoder: the name of the encoder they come from.
        passages: of each document, those of its sentences, shape (sentences, dimensions); None leaves what is there.
    """
    pgvector = has_pgvector()
    kind = "vector" if pgvector else "real[]"
    rows = [
        (
            pk,
            encoder,
            vector_literal(own[i], pgvector=pgvector),
            vector_literal(smooth[i], pgvector=pgvector),
            passages[i].astype(PASSAGE_TYPE).tobytes() if passages is not None else None,
        )
        for i, pk in enumerate(ids)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"""
            INSERT INTO search_vector AS v (document_id, encoder, own, smooth, passages)
            VALUES (%s, %s, %s::{kind}, %s::{kind}, %s)
            ON CONFLICT (document_id) DO UPDATE SET encoder = excluded.encoder, own = excluded.own,
                smooth = excluded.smooth, passages = coalesce(excluded.passages, v.passages)
            """,
            rows,
        )


def vectors_delete_others(encoder: Encoder) -> list[int]:
    """Delete the vectors of other encoders, which have nothing to say to this one's, and of what it cannot read.

    Returns:
        The ids of the documents that have none now.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM search_vector v USING search_document d WHERE d.id = v.document_id "
            "AND (v.encoder <> %s OR d.language <> ALL(coalesce(%s::text[], ARRAY[d.language::text]))) "
            "RETURNING v.document_id",
            [encoder.name, None if encoder.languages is None else sorted(encoder.languages)],
        )
        return [pk for (pk,) in cursor.fetchall()]


def smooth_store(ids: Sequence[int], smooth: Vectors) -> None:
    """Store smoothed vectors, shape (n, dimensions), of n documents that have vectors already."""
    pgvector = has_pgvector()
    kind = "vector" if pgvector else "real[]"
    with connection.cursor() as cursor:
        # A batch at a time: as text they take ten times the memory.
        for start in range(0, len(ids), _BATCH):
            cursor.executemany(
                f"UPDATE search_vector SET smooth = %s::{kind} WHERE document_id = %s",
                [
                    (vector_literal(smooth[i], pgvector=pgvector), ids[i])
                    for i in range(start, min(start + _BATCH, len(ids)))
                ],
            )


def own_read() -> tuple[list[int], list[str], Vectors]:
    """Return ids, languages and vectors of the texts, shape (n, dimensions), of documents that have one, by id."""
    ids, languages, parts = list[int](), list[str](), list[Vectors]()
    with connection.cursor() as cursor:
        # A batch at a time: as Python's numbers they take eight times the memory.
        while True:
            cursor.execute(
                f"{_OWN_OF} WHERE v.document_id > %s ORDER BY v.document_id LIMIT %s", [ids[-1] if ids else 0, _BATCH]
            )
            rows = cursor.fetchall()
            if not rows:
                break
            ids += [row[0] for row in rows]
            languages += [row[1] for row in rows]
            parts.append(np.asarray([row[2] for row in rows], dtype=np.float32))
    return ids, languages, np.concatenate(parts) if parts else np.zeros((0, 0), dtype=np.float32)


def vectors_read(ids: Sequence[int]) -> tuple[list[int], list[str], Vectors]:
    """Return the same of some documents: of those that have a vector, shape (found, dimensions).

    Args:
        ids: of the documents.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"{_OWN_OF} WHERE v.document_id = ANY(%s) ORDER BY v.document_id", [list(ids)])
        rows = cursor.fetchall()
    return (
        [row[0] for row in rows],
        [row[1] for row in rows],
        np.array([row[2] for row in rows], dtype=np.float32) if rows else np.zeros((0, 0), dtype=np.float32),
    )


def passages_read(ids: Sequence[int], *, dimensions: int) -> dict[int, tuple[str, Vectors]]:
    """Return the vectors of documents' sentences: id → language and shape (sentences, dimensions), 16 bits once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT v.document_id, d.language, v.passages FROM search_vector v "
            "JOIN search_document d ON d.id = v.document_id WHERE v.document_id = ANY(%s) AND v.passages IS NOT NULL",
            [list(ids)],
        )
        return {pk: (language, passages_of(sent, dimensions=dimensions)) for pk, language, sent in cursor.fetchall()}


def passages_of(sent: bytes | memoryview, *, dimensions: int) -> Vectors:
    """Return the vectors of sentences as they are stored side by side: shape (sentences, dimensions)."""
    return np.frombuffer(sent, dtype=PASSAGE_TYPE).astype(np.float32).reshape(-1, dimensions)


def unit(vectors: Vectors) -> Vectors:
    """Return vectors at unit length; shape (…, dimensions)."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.maximum(length, 1e-12)).astype(np.float32)


def centre_of(own: Vectors, *, among: Vectors | None = None) -> Vectors:
    """Return what the texts of a collection have in common, as far as so many texts can tell.

    Args:
        own: unit vectors, shape (n, dimensions).
        among: what a larger collection has in common, of which these are a part: few are taken to be like it.
    """
    prior = np.zeros(own.shape[1]) if among is None else among
    return ((own.sum(axis=0) + CENTRE_SHRINKAGE * prior) / (len(own) + CENTRE_SHRINKAGE)).astype(np.float32)
