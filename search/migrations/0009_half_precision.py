"""The indexes of vectors hold 16 bits a component: as good, half as large, and made in three quarters of the time.

pgvector has them from 0.7 on; with an older one the indexes stay as they are.
"""

from django.db import migrations

HALF = "({column}::halfvec(384)) halfvec_ip_ops"
FULL = "{column} vector_ip_ops"


def make_again(cursor, form):
    for column in ("own", "smooth"):
        cursor.execute(f"DROP INDEX IF EXISTS search_vector_{column}")
        cursor.execute(
            f"CREATE INDEX search_vector_{column} ON search_vector USING hnsw ({form.format(column=column)})"
        )


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        if has_halves(cursor):
            make_again(cursor, HALF)


def backwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        if has_halves(cursor):
            make_again(cursor, FULL)


def has_halves(cursor):
    cursor.execute(
        "SELECT to_regtype('halfvec') IS NOT NULL AND to_regclass('search_vector_own') IS NOT NULL"
    )
    return cursor.fetchone()[0]


class Migration(migrations.Migration):
    dependencies = [("search", "0008_unlinked_by_version")]

    operations = [migrations.RunPython(forwards, backwards)]
