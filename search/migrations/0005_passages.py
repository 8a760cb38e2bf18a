"""The vectors of a document's sentences, side by side in one value; everything is linked anew by them."""

from django.db import migrations


class Migration(migrations.Migration):
    """Add a column to the table that Django does not know."""

    dependencies = [("search", "0004_doubt")]

    operations = [
        migrations.RunSQL(
            [
                "ALTER TABLE search_vector ADD COLUMN passages bytea",
                # Numbers do not get smaller by compressing.
                "ALTER TABLE search_vector ALTER COLUMN passages SET STORAGE EXTERNAL",
                "UPDATE search_document SET linked_version = 0 WHERE NOT is_gone",
            ],
            ["ALTER TABLE search_vector DROP COLUMN passages"],
        )
    ]
