"""Vectors as PostgreSQL takes them."""

import numpy as np
import pytest
from django.db import connection

from search.vectors import has_pgvector, vector_bytes, vector_literal

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
