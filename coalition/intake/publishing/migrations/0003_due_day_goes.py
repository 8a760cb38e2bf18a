"""The day on which something was due goes with its release; what is public already loses it now."""

from django.db import migrations, models

FORGET = """
UPDATE intake_publishing_consent SET due_on = NULL
WHERE submission_id IN (SELECT id FROM intake_submission WHERE state = 'published')
"""


class Migration(migrations.Migration):
    """Once the column may be empty."""

    dependencies = [("intake_publishing", "0002_triggers")]

    operations = [
        migrations.AlterField(
            model_name="consent",
            name="due_on",
            field=models.DateField(db_index=True, editable=False, null=True),
        ),
        migrations.RunSQL(FORGET, migrations.RunSQL.noop),
    ]
