"""What was sent is remembered by its key: the address goes, also of what was sent before."""

from typing import Any

from django.db import migrations, models


def addresses_empty(apps: Any, _schema_editor: Any) -> None:
    apps.get_model("mail", "OutgoingMail").objects.filter(state="sent").update(to="")


class Migration(migrations.Migration):
    dependencies = [("mail", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="outgoingmail",
            name="to",
            field=models.EmailField(blank=True, max_length=254, verbose_name="to"),
        ),
        migrations.RunPython(addresses_empty, migrations.RunPython.noop),
    ]
