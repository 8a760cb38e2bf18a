"""The site's search tables once more, empty, in a schema of their own that one connection looks into first.

What is measured is the site's own code on its own tables' form; and no corpus can reach a page, even when the command
is killed: no other connection looks there.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from django.db import connection, connections

from search.benchmarking.corpus import Made
from search.documents import index_words
from search.models import Document
from search.vectors import has_pgvector, vectors_store

TABLES = (
    "search_document",
    "search_posting",
    "search_word",
    "search_passage",
    "search_vector",
    "search_indexstate",
    "search_engineindex",
)
BATCH = 1000


def schema_name(documents: int) -> str:
    """Return the name of the schema for a corpus of that size."""
    return f"benchmark_{documents}"


def schema_exists(schema: str) -> bool:
    """Whether a corpus was loaded there whole."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regnamespace(%s)::oid, 'pg_namespace') = 'whole'", [schema])
        return bool(cursor.fetchone()[0])


def schema_make(schema: str) -> None:
    """Make the tables anew."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        cursor.execute(f"CREATE SCHEMA {schema}")
        for table in TABLES:
            cursor.execute(f"CREATE TABLE {schema}.{table} (LIKE public.{table} INCLUDING ALL)")
        # The index of vectors is made at the end: row by row it takes longer than everything else.
        for index in ("own", "smooth"):
            cursor.execute(f"DROP INDEX IF EXISTS {schema}.search_vector_{index}_idx")
        cursor.execute(f"ALTER TABLE {schema}.search_document SET (toast_tuple_target = 4080)")
        cursor.execute(f"CREATE SEQUENCE {schema}.search_document_version")
        cursor.execute(
            f"CREATE TRIGGER search_document_written BEFORE UPDATE OF version, is_gone, facets, date, length "
            f"ON {schema}.search_document FOR EACH ROW EXECUTE FUNCTION public.search_document_written()"
        )


def schema_finish(schema: str) -> None:
    """Gather statistics, as PostgreSQL itself does after a while, and note that the corpus is whole."""
    with connection.cursor() as cursor:
        if has_pgvector():
            cursor.execute("SELECT set_config('maintenance_work_mem', '1GB', false)")
            cursor.execute(f"CREATE INDEX ON {schema}.search_vector USING hnsw (own vector_ip_ops)")
        for table in TABLES:
            cursor.execute(f"VACUUM (ANALYZE) {schema}.{table}")
        cursor.execute(f"SELECT setval('{schema}.search_document_version', (SELECT max(version) FROM search_document))")
        cursor.execute(f"COMMENT ON SCHEMA {schema} IS 'whole'")


def schema_drop(schema: str) -> None:
    """Delete a corpus."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


@contextmanager
def looking_into(schema: str) -> Iterator[None]:
    """Have this process find the schema's tables before the site's, until the block ends.

    This thread's connection looks there at once, those of other threads from when they are opened.
    """
    options = connections.settings[connection.alias].setdefault("OPTIONS", {})
    before = options.get("options")
    options["options"] = f"{before or ''} -c search_path={schema},public".strip()
    with connection.cursor() as cursor:
        cursor.execute(f"SET search_path TO {schema}, public")
    try:
        yield
    finally:
        options.pop("options")
        if before is not None:
            options["options"] = before
        with connection.cursor() as cursor:
            cursor.execute("RESET search_path")


def documents_load(made: Sequence[Made], *, encoder: str) -> None:
    """Store documents with their words and vectors, as the site does with its own."""
    stored = Document.objects.bulk_create([one.document for one in made], batch_size=BATCH)
    index_words([document.pk for document in stored])
    vectors = [one.vector for one in made if one.vector is not None]
    if vectors and encoder:
        own = np.stack(vectors)
        vectors_store(ids=[document.pk for document in stored], own=own, smooth=own, encoder=encoder)
