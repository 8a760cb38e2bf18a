"""The site's search tables once more, empty, in a schema of their own that one connection looks into first.

What is measured is the site's own code on its own tables' form; and no corpus can reach a page, even when the command
is killed: no other connection looks there.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection, connections

from search.documents import next_version, postings_delete
from search.engines.elasticsearch import is_set
from search.engines.snapshots import columns
from search.models import Document
from search.outbox import outbox_empty
from search.vectors import has_pgvector, index_sql

TABLES = (
    "search_document",
    "search_posting",
    "search_word",
    "search_passage",
    "search_vector",
    "search_latentword",
    "search_latentdocument",
    "search_embedding",
    "search_indexstate",
    "search_engineindex",
    "search_judgement",
    "search_link",
)
BATCH = 1000
# What one vector and its neighbours take of the memory in which an index is built.
_GRAPH_KILOBYTES = 4


def schema_name(documents: int, *, what: str = "search", engine: str = "postgres") -> str:
    """Return the name of the schema for a corpus of that size.

    Matching needs sentences besides, and with Elasticsearch no index of vectors unless something is published.
    """
    if what == "search":
        return f"benchmark_{documents}"
    return f"benchmark_{what}_{documents}" if engine == "postgres" else f"benchmark_{what}_{engine}_{documents}"


def schema_exists(schema: str) -> bool:
    """Whether a corpus was loaded there whole, with every table: what one lacks would be written into the site's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT obj_description(to_regnamespace(%s)::oid, 'pg_namespace') = 'whole' "
            "AND NOT EXISTS (SELECT FROM unnest(%s::text[]) AS t WHERE to_regclass(%s || '.' || t) IS NULL)",
            [schema, list(TABLES), schema],
        )
        return bool(cursor.fetchone()[0])


def schema_make(schema: str) -> None:
    """Make the tables anew."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        cursor.execute(f"CREATE SCHEMA {schema}")
        for table in TABLES:
            cursor.execute(f"CREATE TABLE {schema}.{table} (LIKE public.{table} INCLUDING ALL)")
            # How rows lie in their pages, which LIKE does not copy.
            cursor.execute("SELECT reloptions FROM pg_class WHERE oid = %s::regclass", [f"public.{table}"])
            if options := cursor.fetchone()[0]:
                cursor.execute(f"ALTER TABLE {schema}.{table} SET ({', '.join(options)})")
        # The index of vectors is made at the end: row by row it takes longer than everything else.
        cursor.execute(f"DROP INDEX IF EXISTS {schema}.search_vector_own_idx")
        cursor.execute(f"CREATE SEQUENCE {schema}.search_document_version")
        cursor.execute(
            f"CREATE TRIGGER search_document_written BEFORE UPDATE OF version, is_gone, facets, date, length "
            f"ON {schema}.search_document FOR EACH ROW EXECUTE FUNCTION public.search_document_written()"
        )


def schema_finish(schema: str, *, vectors: bool) -> None:
    """Make the index of vectors, gather statistics as PostgreSQL itself does after a while, note that it is whole.

    Args:
        schema: that was filled.
        vectors: whether documents have vectors that are to be asked for the nearest.
    """
    with connection.cursor() as cursor:
        if vectors and has_pgvector():
            # So much memory that a graph fits into it: built beyond that, it takes several times as long.
            cursor.execute(
                "SELECT set_config('maintenance_work_mem', greatest(512, count(*) * %s / 1000) || 'MB', false) "
                "FROM search_vector",
                [_GRAPH_KILOBYTES],
            )
            cursor.execute(f"CREATE INDEX ON {schema}.search_vector {index_sql()}")
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


def documents_delete(ids: Sequence[int], *, schema: str) -> None:
    """Delete documents of a corpus, and every vector that its texts have.

    By SQL and not by their models: whoever else points to documents does so from the site's own tables.

    Args:
        ids: of the documents.
        schema: that they stand in, and that this process looks into.
    """
    postings_delete(ids)
    # On the site no row disappears, and whoever answers does not see that one has: it has to know before that it is
    # gone.
    Document.objects.filter(pk__in=ids).update(is_gone=True, revision=next_version())
    if is_set():
        outbox_empty()
    else:
        columns()
    with connection.cursor() as cursor:
        for table, column in (
            ("search_link", "source_id"),
            ("search_link", "target_id"),
            ("search_passage", "document_id"),
            ("search_vector", "document_id"),
            ("search_latentdocument", "document_id"),
            ("search_document", "id"),
        ):
            cursor.execute(f"DELETE FROM {schema}.{table} WHERE {column} = ANY(%s)", [list(ids)])
        # A corpus is loaded without: its vectors come with its sentences.
        cursor.execute(f"DELETE FROM {schema}.search_embedding")
