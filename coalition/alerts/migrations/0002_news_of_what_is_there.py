"""What is public already is no news to anybody, but feeds begin with it."""

from django.db import migrations

SQL = """
INSERT INTO alerts_news (document_id, what, outcome, campaign, created, shown_on, is_matched)
SELECT d.id, 'new', '',
    CASE d.kind WHEN 'campaign' THEN d.public_id WHEN 'update' THEN (
        SELECT above.public_id FROM wagtailcore_page parent JOIN search_document above ON above.page_id = parent.id
        WHERE parent.path = left(p.path, length(p.path) - 4) AND above.kind = 'campaign'
    ) END,
    coalesce(p.first_published_at, now()),
    CASE d.kind WHEN 'story' THEN date_trunc('month', coalesce(p.first_published_at, now()))::date
        ELSE coalesce(p.first_published_at, now())::date END,
    true
FROM search_document d LEFT JOIN wagtailcore_page p ON p.id = d.page_id
WHERE NOT d.is_gone
"""


class Migration(migrations.Migration):
    dependencies = [("alerts", "0001_initial"), ("search", "0005_passages"), ("wagtailcore", "0001_initial")]

    operations = [migrations.RunSQL(SQL, "DELETE FROM alerts_news")]
