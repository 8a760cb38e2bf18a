"""What counts for a subject is another: only what the encoder can read is compared by meaning. All is linked anew.

Every document waits, and the linker learns the collection afresh.
"""

from django.db import migrations


class Migration(migrations.Migration):
    """Has every document wait for its links."""

    dependencies = [("search", "0013_a_leaner_graph")]

    operations = [
        migrations.RunSQL(
            """
            DELETE FROM search_latentdocument;
            DELETE FROM search_latentword;
            UPDATE search_document SET linked_version = 0 WHERE NOT is_gone AND linked_version <> 0
            """,
            migrations.RunSQL.noop,
        )
    ]
