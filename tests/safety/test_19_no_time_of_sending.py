"""Promise 19, for what is told: no column keeps the hour in which it was sent, whatever the beat does after it."""

import logging
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django_tasks_db.management.commands import db_worker
from django_tasks_db.models import DBTaskResult

from coalition.accounts.limits import expired_forget
from coalition.intake.evidence.models import Evidence
from coalition.intake.evidence.tasks import copies_make, copies_see
from coalition.intake.models import Submission
from coalition.mail.models import OutgoingMail
from coalition.ops.schedule import SCHEDULE, entry_run
from tests import samples
from tests.coalition.intake.evidence.conftest import told_with, upload
from tests.coalition.intake.publishing.stories import moderator
from tests.safety.clock import at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_kept_apart")]
HOUR = timedelta(hours=1)


@pytest.fixture
def _kept_apart(kept_tasks: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # The worker lets go of its connection, which here is the test's.
    monkeypatch.setattr(db_worker, "close_old_connections", lambda: None)
    settings.INTAKE_FILES, settings.INTAKE_LEDGER = tmp_path / "files", tmp_path / "ledger"


def _near(*moments: datetime) -> dict[str, int]:
    """Return which columns of the whole database hold a time within an hour of a moment, and in how many rows."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.table_name, c.column_name FROM information_schema.columns c JOIN information_schema.tables t "
            "USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE' "
            "AND data_type LIKE 'timestamp%'"
        )
        for table, column in cursor.fetchall():
            close = " OR ".join([f'"{column}" BETWEEN %s AND %s'] * len(moments))
            around = [each for moment in moments for each in (moment - HOUR, moment + HOUR)]
            cursor.execute(f'SELECT count(*) FROM "{table}" WHERE {close}', around)
            if count := cursor.fetchone()[0]:
                found[f"{table}.{column}"] = count
    return found


def _work(moment: datetime) -> None:
    """What the beat and the worker do within the minute after."""
    with at(moment):
        for entry in SCHEDULE:
            if "intake" in entry.target:
                entry_run(entry)
        call_command("db_worker", batch=True, interval=0, verbosity=0)


@pytest.mark.promise("day-alone")
def test_no_column_holds_the_hour_of_sending() -> None:
    moderator()
    # Django's clock stands still in years to come; the database's own goes on.
    sent = timezone.localtime().replace(year=2031, hour=14, minute=23)
    before = _near(sent, timezone.now())
    with at(sent):
        told_with(upload(samples.jpeg()))
    _work(sent + timedelta(minutes=1))
    assert "coalition_cache.expires" in _near(timezone.now())
    # What limits count by, and the visit, say when they are over, for as long. The database's clock cannot be set.
    with connection.cursor() as cursor:
        cursor.execute("UPDATE coalition_cache SET expires = expires - interval '2 hours'")
    assert expired_forget() > 0
    assert (Submission.objects.get().received_on, Evidence.objects.get().copying) == (sent.date(), "made")
    assert _near(sent, timezone.now()) == before
    # On the next day moderators are told of it: the control, with what does hold its hour.
    _work(sent + timedelta(days=1))
    assert OutgoingMail.objects.filter(kind="intake").count() == 1
    assert set(_near(sent, timezone.now())) - set(before) == {
        f"mail_outgoingmail.{column}" for column in ("created", "due", "changed")
    }


def test_making_copies_leaves_no_task_and_begins_whether_or_not_anything_waits() -> None:
    copies_see()
    assert DBTaskResult.objects.get().task_path == copies_make.module_path
    copies_see()
    assert DBTaskResult.objects.count() == 1
    call_command("db_worker", batch=True, interval=0, verbosity=0)
    assert DBTaskResult.objects.count() == 0
    # What a worker left that was ended goes with its hour.
    copies_see()
    DBTaskResult.objects.update(status="RUNNING", enqueued_at=timezone.now() - HOUR - timedelta(seconds=1))
    left = DBTaskResult.objects.get().pk
    copies_see()
    assert DBTaskResult.objects.exclude(pk=left).count() == DBTaskResult.objects.count() == 1


def test_the_worker_has_nothing_to_complain_of_when_the_task_is_forgotten(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a success the worker's signal comes from the backend itself, after a failure from its class."""
    logger = logging.getLogger("django_tasks")
    monkeypatch.setattr(logger, "handlers", [caplog.handler])
    # The worker sets it.
    monkeypatch.setattr(logger, "level", logger.level)
    copies_see()
    call_command("db_worker", batch=True, interval=0, verbosity=1)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
