"""Places among the collection's directions, of words and documents; everything is linked and smoothed anew."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add two tables, and forget the centre: without one, the next drain takes centre and directions of everything."""

    dependencies = [("search", "0005_passages")]

    operations = [
        migrations.CreateModel(
            name="LatentDocument",
            fields=[
                (
                    "document",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="search.document",
                    ),
                ),
                ("vector", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="LatentWord",
            fields=[
                ("lexeme", models.TextField(primary_key=True, serialize=False)),
                ("vector", models.BinaryField()),
            ],
        ),
        migrations.RunSQL(
            [
                "DELETE FROM search_indexstate WHERE name = 'centre'",
                "UPDATE search_document SET linked_version = 0 WHERE NOT is_gone",
            ],
            migrations.RunSQL.noop,
        ),
    ]
