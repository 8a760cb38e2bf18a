"""Three indexes go that nothing asks: of sentences by document, by their hash, and of smoothed vectors.

Candidates are found by documents' own vectors, as Elasticsearch finds them; what two smoothed vectors say of each other
is asked of those that were found.
"""

import django.db.models.deletion
from django.db import migrations, models

_MAKE = {
    "halfvec": "CREATE INDEX search_vector_smooth ON search_vector USING hnsw ((smooth::halfvec(384)) halfvec_ip_ops)",
    "vector": "CREATE INDEX search_vector_smooth ON search_vector USING hnsw (smooth vector_ip_ops)",
}


def drop(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("DROP INDEX IF EXISTS search_vector_smooth")


def make_again(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        # As the other index of vectors is made; without pgvector there is none.
        cursor.execute("SELECT pg_get_indexdef(to_regclass('search_vector_own'))")
        other = cursor.fetchone()[0]
        if other:
            cursor.execute(_MAKE["halfvec" if "halfvec" in other else "vector"])


class Migration(migrations.Migration):
    """Drops them."""

    dependencies = [("search", "0009_half_precision")]

    operations = [
        migrations.AlterField(
            model_name="passage",
            name="document",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="passages",
                to="search.document",
            ),
        ),
        migrations.AlterField(
            model_name="passage",
            name="text_hash",
            field=models.CharField(max_length=64),
        ),
        migrations.RunPython(drop, make_again),
    ]
