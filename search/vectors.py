"""Document vectors in the database: pgvector where the extension is there, plain arrays and brute force where not.

Two vectors a document: ``own``, of its text; ``smooth``, averaged half and half with the mean of its nearest
neighbours, which stand for what is usually said along with it.
"""

from collections.abc import Sequence

import numpy as np
from django.db import connection

from search.encoders.base import Vectors

OWN, SMOOTH = "own", "smooth"


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


def similarity_sql(column: str, *, pgvector: bool) -> str:
    """Return SQL for the cosine of a stored unit vector and the parameter ``vector``."""
    if pgvector:
        return f"-(v.{column} <#> %(vector)s::vector)"
    return f"(SELECT sum(a * b) FROM unnest(v.{column}, %(vector)s::real[]) AS pair (a, b))"


def nearest_first_sql(column: str, *, pgvector: bool) -> str:
    """Return the order that puts the vectors nearest to the parameter ``vector`` first; pgvector's index knows it."""
    return f"v.{column} <#> %(vector)s::vector" if pgvector else f"{similarity_sql(column, pgvector=False)} DESC"


def vectors_store(*, ids: Sequence[int], own: Vectors, smooth: Vectors, encoder: str) -> None:
    """Store both vectors of documents.

    Args:
        ids: of the documents, n of them.
        own: shape (n, dimensions).
        smooth: shape (n, dimensions).
        encoder: the name of the encoder they come from.
    """
    pgvector = has_pgvector()
    kind = "vector" if pgvector else "real[]"
    with connection.cursor() as cursor:
        cursor.executemany(
            f"""
            INSERT INTO search_vector (document_id, encoder, own, smooth) VALUES (%s, %s, %s::{kind}, %s::{kind})
            ON CONFLICT (document_id) DO UPDATE
            SET encoder = excluded.encoder, own = excluded.own, smooth = excluded.smooth
            """,
            [
                (pk, encoder, vector_literal(own[i], pgvector=pgvector), vector_literal(smooth[i], pgvector=pgvector))
                for i, pk in enumerate(ids)
            ],
        )


def smooth_all(own: Vectors, *, neighbours: int, block: int = 1024) -> Vectors:
    """Return every vector averaged half and half with the mean of its nearest neighbours, at unit length.

    Args:
        own: unit vectors, shape (n, dimensions).
        neighbours: how many; none leaves the vectors as they are.
        block: rows compared at a time, to bound memory (block × n floats).
    """
    count = min(neighbours, len(own) - 1)
    if count < 1:
        return own.copy()
    smooth = np.empty_like(own)
    for start in range(0, len(own), block):
        rows = own[start : start + block]
        similar = rows @ own.T
        similar[np.arange(len(rows)), np.arange(start, start + len(rows))] = -np.inf
        nearest = np.argpartition(-similar, count - 1, axis=1)[:, :count]
        smooth[start : start + len(rows)] = smoothed(rows, own[nearest].mean(axis=1))
    return smooth


def smoothed(own: Vectors, mean_of_neighbours: Vectors) -> Vectors:
    """Return unit vectors halfway between vectors and the means of their neighbours; shapes (…, dimensions)."""
    middle = (own + mean_of_neighbours) / 2
    length = np.linalg.norm(middle, axis=-1, keepdims=True)
    return (middle / np.maximum(length, 1e-12)).astype(np.float32)


def neighbours_for(documents: int) -> int:
    """Return how many neighbours smooth a vector in a collection of that size: among few, many would blur it."""
    return min(10, documents // 30)
