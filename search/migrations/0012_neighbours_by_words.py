"""Neighbours of a vector are chosen by words as well: how rare words are is kept, and every document is learned anew.

What was learned before does not say it. So it goes, every document waits, and the worker learns the collection afresh.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Empties what was learned, and gives it room for more."""

    dependencies = [("search", "0011_room_for_smoothing")]

    operations = [
        migrations.RunSQL(
            """
            DELETE FROM search_latentdocument;
            DELETE FROM search_latentword;
            UPDATE search_document SET linked_version = 0 WHERE NOT is_gone AND linked_version <> 0
            """,
            migrations.RunSQL.noop,
        ),
        migrations.AddField(
            model_name="latentdocument",
            name="length",
            field=models.FloatField(default=0.0),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="latentword",
            name="rarity",
            field=models.FloatField(default=0.0),
            preserve_default=False,
        ),
    ]
