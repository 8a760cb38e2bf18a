"""Vectors as PostgreSQL takes them, and the index that finds the nearest."""

import numpy as np
import pytest
from django.db import connection

from search.vectors import (
    has_halves,
    has_pgvector,
    index_ask_for,
    nearest_first_sql,
    smooth_store,
    vector_bytes,
    vector_literal,
    vectors_store,
)

pytestmark = pytest.mark.django_db

VECTOR = np.linspace(-1, 1, 384, dtype=np.float32)


@pytest.mark.parametrize("pgvector", [True, False])
def test_a_vector_is_the_same_as_bytes_and_as_text(pgvector: bool) -> None:
    if pgvector and not has_pgvector():
        pytest.skip("needs pgvector")
    kind = "vector(384)" if pgvector else "real[]"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE sent (as_bytes {kind}) ON COMMIT DROP")
        with cursor.copy("COPY sent FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["bytea"])
            copy.write_row([vector_bytes(VECTOR, pgvector=pgvector)])
        cursor.execute(
            f"SELECT as_bytes = %s::{kind}, as_bytes::real[] FROM sent", [vector_literal(VECTOR, pgvector=pgvector)]
        )
        same, components = cursor.fetchone()
    assert same
    assert np.array_equal(np.float32(components), VECTOR)


def test_the_nearest_are_found_by_the_index() -> None:
    if not has_pgvector():
        pytest.skip("needs pgvector")
    order = nearest_first_sql(pgvector=True)
    with connection.cursor() as cursor:
        # Few documents are read from one end to the other in less time.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            f"EXPLAIN SELECT document_id FROM search_vector v ORDER BY {order} LIMIT 5",
            {"vector": vector_literal(VECTOR, pgvector=True)},
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Scan using search_vector_own" in plan


def test_the_index_is_entered_by_few_ways_and_asked_with_more_in_sight() -> None:
    if not has_pgvector():
        pytest.skip("needs pgvector")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_indexdef('search_vector_own'::regclass)")
        (definition,) = cursor.fetchone()
        assert "hnsw" in definition
        assert definition.endswith("WITH (m='12', ef_construction='48')")
        for wanted, in_sight in ((1, "200"), (100, "200"), (200, "400"), (5000, "1000")):
            index_ask_for(cursor, wanted)
            cursor.execute("SELECT current_setting('hnsw.ef_search'), current_setting('hnsw.iterative_scan')")
            assert cursor.fetchone() == (in_sight, "relaxed_order")


def test_the_index_has_halves_where_the_database_has_them() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regtype('halfvec') IS NOT NULL")
        assert has_halves() == cursor.fetchone()[0]


def test_smoothing_anew_enters_no_row_into_an_index_again() -> None:
    # Of no document, whatever the database began with: rows that have been written once have used their room.
    ids = list(range(10**9, 10**9 + 40))
    drawn = np.random.default_rng(1).normal(size=(3, len(ids), 384)).astype(np.float32)
    own, smooth, anew = drawn / np.linalg.norm(drawn, axis=2, keepdims=True)
    sentences = [np.repeat(own[i : i + 1], 4, axis=0) for i in range(len(ids))]
    vectors_store(ids=ids, own=own, smooth=smooth, encoder="test", passages=sentences)
    before = _stayed_in_their_page()
    smooth_store(ids, anew)
    assert _stayed_in_their_page() - before == len(ids)


def _stayed_in_their_page() -> int:
    """Return how many rows of vectors this transaction has changed without touching an index."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_get_xact_tuples_hot_updated('search_vector'::regclass)")
        return int(cursor.fetchone()[0])
