"""Rows of vectors leave half of their page free, so that smoothing all anew does not enter each into the index again.

A row that is changed where no index looks stays in its page, if there is room, and its entries in the indexes with it.
In the index of vectors an entry takes some three milliseconds: five minutes for a hundred thousand documents.
"""

from django.db import migrations


class Migration(migrations.Migration):
    """Asks for the room; rows that are there get it when they are written next."""

    dependencies = [("search", "0010_fewer_indexes")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE search_vector SET (fillfactor = 50)",
            "ALTER TABLE search_vector RESET (fillfactor)",
        ),
    ]
