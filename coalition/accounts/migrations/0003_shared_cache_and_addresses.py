"""The table of the shared cache, and a confirmed address for everybody who could sign in before there were codes."""

from django.core.management import call_command
from django.db import migrations


def cache_table_create(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


def cache_table_drop(apps, schema_editor):
    schema_editor.execute("DROP TABLE IF EXISTS coalition_cache")


def addresses_confirm(apps, schema_editor):
    # They came by the one-time link, or an administrator made them: until now, no other way led in.
    addresses = apps.get_model("account", "EmailAddress").objects
    for user in apps.get_model("accounts", "User").objects.filter(emailaddress__isnull=True).iterator():
        if user.email != user.email.lower():
            user.email = user.email.lower()
            user.save(update_fields=["email"])
        addresses.create(user=user, email=user.email, primary=True, verified=True)


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0002_accounts"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [
        migrations.RunPython(cache_table_create, cache_table_drop),
        migrations.RunPython(addresses_confirm, migrations.RunPython.noop),
    ]
