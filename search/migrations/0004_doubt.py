"""Readers' “not alike”."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("search", "0003_outbox_and_postings")]

    operations = [
        migrations.CreateModel(
            name="Doubt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("said_on", models.DateField(default=django.utils.timezone.localdate, verbose_name="when")),
                ("account_mark", models.CharField(blank=True, max_length=64)),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="search.document"
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="search.document"
                    ),
                ),
            ],
            options={
                "verbose_name": "reader's doubt",
                "verbose_name_plural": "readers' doubts",
                "indexes": [models.Index(fields=["said_on", "first", "second"], name="search_doubt_day")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))), name="search_doubt_ordered"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("account_mark", ""), _negated=True),
                        fields=("account_mark",),
                        name="search_doubt_once",
                    ),
                ],
            },
        ),
    ]
