"""What waits for its links is found in the order in which it is taken, so that its index is read and no other."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Makes the index anew, by version."""

    dependencies = [("search", "0007_named")]

    operations = [
        migrations.RemoveIndex(model_name="document", name="search_document_unlinked"),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                fields=["-version"],
                name="search_document_unlinked",
                condition=models.Q(linked_version__lt=models.F("version")),
            ),
        ),
    ]
