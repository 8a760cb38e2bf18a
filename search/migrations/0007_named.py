"""The signal of products and vendors tells of employers too, and is called *named* where links keep its part."""

from django.db import migrations

_RENAME = """
UPDATE search_link
SET reasons = jsonb_set(reasons #- '{{parts,{old}}}', '{{parts,{new}}}', reasons #> '{{parts,{old}}}')
WHERE reasons -> 'parts' ? '{old}'
"""


class Migration(migrations.Migration):
    """Renames a key of what links keep."""

    dependencies = [("search", "0006_latent")]

    operations = [
        migrations.RunSQL(
            _RENAME.format(old="products", new="named"), reverse_sql=_RENAME.format(old="named", new="products")
        )
    ]
