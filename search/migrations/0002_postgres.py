"""What Django's models cannot say: extensions, text search configurations, the version sequence, vectors.

An extension that cannot be created degrades the site, and ``doctor`` says so; nothing here refuses for want of one.
"""

from django.db import DatabaseError, migrations, transaction

EXTENSIONS = ["unaccent", "pg_trgm", "vector"]
LANGUAGES = {"en": "english", "es": "spanish"}


def _has(cursor, extension):
    cursor.execute("SELECT 1 FROM pg_extension WHERE extname = %s", [extension])
    return cursor.fetchone() is not None


def forwards(apps, schema_editor):
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        for extension in EXTENSIONS:
            try:
                with transaction.atomic(using=connection.alias):
                    cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
            except DatabaseError:
                continue

        for code, name in LANGUAGES.items():
            cursor.execute(f"DROP TEXT SEARCH CONFIGURATION IF EXISTS coalition_{code}")
            cursor.execute(f"CREATE TEXT SEARCH CONFIGURATION coalition_{code} (COPY = pg_catalog.{name})")
            if _has(cursor, "unaccent"):
                cursor.execute(
                    f"ALTER TEXT SEARCH CONFIGURATION coalition_{code} "
                    f"ALTER MAPPING FOR hword, hword_part, word WITH unaccent, {name}_stem"
                )
        # Words as people write them, folded but not stemmed: the dictionary that spelling is corrected from.
        cursor.execute("DROP TEXT SEARCH CONFIGURATION IF EXISTS coalition_words")
        cursor.execute("CREATE TEXT SEARCH CONFIGURATION coalition_words (COPY = pg_catalog.simple)")
        if _has(cursor, "unaccent"):
            cursor.execute(
                "ALTER TEXT SEARCH CONFIGURATION coalition_words "
                "ALTER MAPPING FOR hword, hword_part, word WITH unaccent, simple"
            )

        cursor.execute("CREATE SEQUENCE IF NOT EXISTS search_document_version")

        # No foreign key: Django does not know the table, and its flush of the test database would stumble over one.
        # Reads join the documents; the sweep takes out what has none.
        vector = "vector(384)" if _has(cursor, "vector") else "real[]"
        cursor.execute(
            f"""
            CREATE TABLE search_vector (
                document_id bigint PRIMARY KEY,
                encoder text NOT NULL,
                own {vector} NOT NULL,
                smooth {vector} NOT NULL
            )
            """
        )
        if _has(cursor, "vector"):
            cursor.execute("CREATE INDEX search_vector_own ON search_vector USING hnsw (own vector_ip_ops)")
            cursor.execute("CREATE INDEX search_vector_smooth ON search_vector USING hnsw (smooth vector_ip_ops)")
        if _has(cursor, "pg_trgm"):
            cursor.execute("CREATE INDEX search_word_trigrams ON search_word USING gin (word gin_trgm_ops)")


def backwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("DROP INDEX IF EXISTS search_word_trigrams")
        cursor.execute("DROP TABLE IF EXISTS search_vector")
        cursor.execute("DROP SEQUENCE IF EXISTS search_document_version")
        for name in (*LANGUAGES, "words"):
            cursor.execute(f"DROP TEXT SEARCH CONFIGURATION IF EXISTS coalition_{name}")


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]

    operations = [migrations.RunPython(forwards, backwards)]
