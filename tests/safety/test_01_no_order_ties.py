"""Promise 1, for what is tied: no order, day or transaction in the database leads from a page to what was told."""

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, connections

from cms.base.models import Origin
from cms.stories.models import StoryPage
from coalition.intake.messages import message_write
from coalition.intake.models import Message, Submission
from coalition.intake.publishing.models import Consent, Tie
from coalition.intake.publishing.release import due_release, story_release
from coalition.intake.publishing.scattering import scattered
from coalition.intake.publishing.tie import page_of
from tests.coalition.intake.publishing.stories import agreed
from tests.safety.clock import at
from tests.safety.test_01_sealed_at_rest import dump

COLUMNS = {
    "intake_submission": "id",
    "intake_publishing_consent": "submission_id",
    "intake_publishing_tie": "submission_id",
}
NAMES = ("One", "Two", "Three", "Four", "Five", "Six")


def _consents() -> list[Consent]:
    """Return six yeses, in an order that is not the one of ids, nor the one in which they were given."""
    consents = [agreed(headline=name)[0] for name in NAMES]
    return sorted(consents, key=lambda consent: consent.submission_id, reverse=True)


def _stored(table: str) -> list[str]:
    """Return whose rows a table has, as it gives them to whoever does not ask for an order."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {COLUMNS[table]}::text FROM {table}")
        return [row[0] for row in cursor.fetchall()]


def _dumped(data: str, table: str) -> list[str]:
    """Return whose rows a dump has, in its order."""
    head, _colon, rest = data.partition(f"COPY public.{table} (")[2].partition(") FROM stdin;\n")
    place = head.split(", ").index(COLUMNS[table])
    return [line.split("\t")[place] for line in rest.partition("\\.\n")[0].splitlines()]


def _pages() -> list[str]:
    """Return whose pages there are, in the order of their numbers."""
    of = {page.pk: str(each.pk) for each in Submission.objects.all() if (page := page_of(each))}
    return [of[pk] for pk in sorted(of)]


@pytest.mark.promise("sealed")
@pytest.mark.usefixtures("own_database")
def test_neither_a_table_nor_a_dump_has_the_order_of_pages() -> None:
    for consent in _consents():
        story_release(consent=consent)
    released, told = _pages(), sorted(_stored("intake_publishing_tie"))
    # The control: pages do have an order, and it is the reverse of what the tables are in.
    assert (len(told), released) == (6, told[::-1])
    dumped = dump().decode()
    for table in COLUMNS:
        assert _stored(table) == told, table
        assert _dumped(dumped, table) == told, table


@pytest.mark.django_db
def test_no_row_names_the_transaction_of_its_page() -> None:
    for consent in _consents():
        story_release(consent=consent)
    with connection.cursor() as cursor:
        for table in COLUMNS:
            cursor.execute(f"SELECT count(DISTINCT cmin::text || xmin::text) FROM {table}")
            assert cursor.fetchone()[0] == 1, table


@pytest.mark.django_db
def test_the_day_it_was_due_goes_with_the_release() -> None:
    consent, other = _consents()[:2]
    assert consent.due_on is not None
    story_release(consent=consent)
    assert [each.due_on for each in Consent.objects.filter(pk=consent.pk)] == [None]
    assert Consent.objects.get(pk=other.pk).due_on == other.due_on


@pytest.mark.usefixtures("own_database")
def test_what_was_written_over_is_gone_from_the_tables_after_a_day_of_release() -> None:
    for name in NAMES[:2]:
        agreed(headline=name)
    Consent.objects.update(due_on="2026-03-04")
    with at(datetime(2026, 3, 11, 20, tzinfo=UTC)):
        assert due_release() == 2
    with connection.cursor() as cursor:
        for table in COLUMNS:
            cursor.execute("SELECT vacuum_count FROM pg_stat_user_tables WHERE relname = %s", [table])
            assert cursor.fetchone()[0] == 1, table


@pytest.mark.usefixtures("own_database")
def test_who_writes_during_a_release_waits_and_loses_nothing() -> None:
    first, second = _consents()[:2]
    failed: list[BaseException] = []

    def run(work: Any) -> None:
        try:
            work()
        except BaseException as error:
            failed.append(error)
        finally:
            connections.close_all()

    works = [
        lambda: message_write(submission=second.submission, text="Meanwhile.", from_teller=True),
        lambda: story_release(consent=second),
    ]
    threads = [threading.Thread(target=run, args=[work]) for work in works]
    with scattered():
        for thread in threads:
            thread.start()
        # Both stand at the lock before this one goes on.
        with connection.cursor() as cursor:
            for _attempt in range(500):
                cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_sleep(0.01) IS NOT NULL")
                if cursor.fetchone()[0] >= len(threads):
                    break
        story_release(consent=first)
    for thread in threads:
        thread.join()
    assert failed == []
    assert [message.open("text") for message in Message.objects.filter(from_teller=True)] == ["Meanwhile."]
    assert (StoryPage.objects.filter(origin=Origin.INTAKE).live().count(), Tie.objects.count()) == (2, 2)
