"""What is gone may be a file or a yes by itself, so the column is of more than submissions."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The constraint names the column, so it is taken off and put on again."""

    dependencies = [("intake", "0002_evidence")]

    operations = [
        migrations.RemoveConstraint(model_name="deletion", name="intake_deleted_once"),
        migrations.RenameField(model_name="deletion", old_name="submission_id", new_name="gone_id"),
        migrations.AddConstraint(
            model_name="deletion",
            constraint=models.UniqueConstraint(fields=["gone_id", "what"], name="intake_deleted_once"),
        ),
        migrations.AlterField(
            model_name="deletion",
            name="what",
            field=models.CharField(
                choices=[
                    ("whole", "all of it"),
                    ("original", "what the teller wrote; code and consent stay"),
                    ("file", "one file"),
                    ("consent", "a yes, which is void"),
                ],
                editable=False,
                max_length=10,
            ),
        ),
    ]
