"""The lock below the gate: no statement makes a page public that was told in confidence, but the release.

``intake_page_digest`` hashes the public columns of a story. A live story that was told in confidence must have a row in
``intake_publishing_passed`` with that hash, which the release writes. Where it came from and its public id do not
change, and its times say the month alone. What readers see of other tables (tags) the gate and the beat compare.
"""

from django.db import migrations

FORWARDS = r"""
CREATE FUNCTION intake_page_digest(wanted bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(regexp_replace(jsonb_build_array(
        p.title, p.slug, p.seo_title, p.search_description, p.locale_id, p.alias_of_id,
        t.public_id, t.standfirst, t.image_id, t.licence,
        (SELECT coalesce(jsonb_agg(b.block - 'id' ORDER BY b.place), '[]'::jsonb)
         FROM jsonb_array_elements(t.body) WITH ORDINALITY AS b (block, place)),
        s.when_year, s.when_month, s.stage, s.standing, s.employer, s.content_note, s.reply, s.what_happened_next
    )::text, ' data-block-key=\\"[^"\\]*\\"', '', 'g'), 'UTF8')), 'hex')
    FROM wagtailcore_page p
    JOIN base_taggedpage t ON t.page_ptr_id = p.id
    JOIN stories_storypage s ON s.taggedpage_ptr_id = t.page_ptr_id
    WHERE p.id = wanted
$$;

CREATE FUNCTION intake_page_check(wanted bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM wagtailcore_page p JOIN base_taggedpage t ON t.page_ptr_id = p.id
        WHERE p.id = wanted AND p.live AND t.origin = 'intake' AND NOT EXISTS (
            SELECT 1 FROM intake_publishing_passed a
            WHERE a.public_id = t.public_id AND a.digest = intake_page_digest(wanted)
        )
    ) THEN
        RAISE EXCEPTION 'What was told in confidence is public only as its teller has agreed to it.'
            USING ERRCODE = 'check_violation';
    END IF;
END $$;

CREATE FUNCTION intake_page_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.live THEN PERFORM intake_page_check(NEW.id); END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION intake_tagged_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.origin = 'intake'
        AND (NEW.origin <> 'intake' OR NEW.public_id <> OLD.public_id) THEN
        RAISE EXCEPTION 'Where a page came from is not changed.' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.origin = 'intake' THEN PERFORM intake_page_check(NEW.page_ptr_id); END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION intake_story_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM intake_page_check(NEW.taggedpage_ptr_id);
    RETURN NULL;
END $$;
CREATE FUNCTION intake_page_times() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM base_taggedpage t WHERE t.page_ptr_id = NEW.id AND t.origin = 'intake') THEN
        NEW.first_published_at := date_trunc('month', NEW.first_published_at, 'UTC');
        NEW.last_published_at := date_trunc('month', NEW.last_published_at, 'UTC');
        NEW.latest_revision_created_at := date_trunc('month', NEW.latest_revision_created_at, 'UTC');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER intake_page_times BEFORE UPDATE ON wagtailcore_page
    FOR EACH ROW EXECUTE FUNCTION intake_page_times();
CREATE TRIGGER intake_page_written AFTER INSERT OR UPDATE ON wagtailcore_page
    FOR EACH ROW EXECUTE FUNCTION intake_page_written();
CREATE TRIGGER intake_tagged_written AFTER INSERT OR UPDATE ON base_taggedpage
    FOR EACH ROW EXECUTE FUNCTION intake_tagged_written();
CREATE TRIGGER intake_story_written AFTER INSERT OR UPDATE ON stories_storypage
    FOR EACH ROW EXECUTE FUNCTION intake_story_written();
"""

BACKWARDS = """
DROP TRIGGER intake_story_written ON stories_storypage;
DROP TRIGGER intake_tagged_written ON base_taggedpage;
DROP TRIGGER intake_page_written ON wagtailcore_page;
DROP TRIGGER intake_page_times ON wagtailcore_page;
DROP FUNCTION intake_story_written();
DROP FUNCTION intake_tagged_written();
DROP FUNCTION intake_page_written();
DROP FUNCTION intake_page_times();
DROP FUNCTION intake_page_check(bigint);
DROP FUNCTION intake_page_digest(bigint);
"""


class Migration(migrations.Migration):
    """After every table that it watches."""

    dependencies = [
        ("intake_publishing", "0001_initial"),
        ("base", "0002_initial"),
        ("stories", "0001_initial"),
        ("wagtailcore", "0098_apitoken"),
    ]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
