"""prepare, beat, doctor_checks, and what gunicorn says."""

import contextlib
import json
import logging
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command, get_commands
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks_db.models import DBTaskResult

from coalition.mail.tasks import mails_hand_over
from coalition.ops.gunicorn import WithoutVisitors
from coalition.ops.management.commands import beat, doctor_checks, prepare
from coalition.ops.schedule import SCHEDULE, Clock, Entry, entry_run
from search.models import Document
from search.tasks import waiting_link

# --- schedule and beat ---


@pytest.mark.parametrize("entry", SCHEDULE, ids=lambda entry: entry.name)
def test_everything_scheduled_exists(entry: Entry) -> None:
    if entry.target.startswith("command:"):
        assert entry.target.removeprefix("command:") in get_commands()
    else:
        assert callable(import_string(entry.target)) or hasattr(import_string(entry.target), "enqueue")
    if entry.when:
        assert callable(import_string(entry.when))


def test_names_are_not_used_twice() -> None:
    assert len({entry.name for entry in SCHEDULE}) == len(SCHEDULE)


def test_the_clock_says_what_is_due() -> None:
    moment = 0.0
    often, seldom = Entry("often", timedelta(seconds=10), "x"), Entry("seldom", timedelta(hours=1), "x")
    clock = Clock((often, seldom), now=lambda: moment)
    assert clock.due() == [often, seldom]
    clock.done(often)
    clock.done(seldom)
    assert clock.due() == []
    moment = 10.0
    assert clock.due() == [often]
    moment = 3600.0
    assert clock.due() == [often, seldom]


calls: list[str] = []


def called() -> None:
    calls.append("called")


def is_needed() -> bool:
    return True


def fails() -> None:
    raise RuntimeError("canary")


def test_a_function_is_called() -> None:
    calls.clear()
    entry_run(Entry("it", timedelta(1), f"{__name__}.called"))
    assert calls == ["called"]


@pytest.mark.parametrize(("answer", "expected"), [(True, ["called"]), (False, [])])
def test_nothing_is_done_where_nothing_is_to_do(
    monkeypatch: pytest.MonkeyPatch, answer: bool, expected: list[str]
) -> None:
    calls.clear()
    monkeypatch.setattr(f"{__name__}.is_needed", lambda: answer)
    entry_run(Entry("it", timedelta(1), f"{__name__}.called", when=f"{__name__}.is_needed"))
    assert calls == expected


@pytest.mark.django_db
def test_one_beat_leads_until_it_ends() -> None:
    one, two = beat.Leadership(), beat.Leadership()
    try:
        assert one.hold()
        assert one.hold()
        assert not two.hold()
        one.close()
        assert two.hold()
    finally:
        one.close()
        two.close()


@pytest.mark.django_db
def test_a_beat_whose_connection_is_cut_takes_the_lead_again() -> None:
    one = beat.Leadership()
    try:
        assert one.hold()
        assert one._connection is not None
        with one._connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pid = cursor.fetchone()[0]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        with pytest.raises(beat.DatabaseError):
            one.hold()
        assert one.hold()
    finally:
        one.close()


@pytest.mark.django_db
def test_what_fails_does_not_keep_the_rest_from_its_turn(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    entries = (
        Entry("fails", timedelta(1), f"{__name__}.fails"),
        Entry("missing", timedelta(1), "no.such.thing"),
        Entry("works", timedelta(1), f"{__name__}.called"),
    )
    monkeypatch.setattr(beat, "Clock", lambda: Clock(entries))
    monkeypatch.setattr(beat.signal, "signal", lambda *args: None)
    calls.clear()
    with caplog.at_level(logging.ERROR, logger="coalition.beat"):
        call_command("beat", once=True)
    assert calls == ["called"]
    assert [record.args for record in caplog.records] == [("fails",), ("missing",)]


# --- prepare ---


@pytest.mark.django_db
def test_a_database_of_a_newer_version_is_refused() -> None:
    MigrationRecorder(connection).record_applied("taxonomy", "9999_from_the_future")
    with pytest.raises(CommandError, match=r"newer version.*9999_from_the_future.*git pull"):
        prepare.migrate()


@pytest.mark.django_db
def test_a_database_of_this_version_has_nothing_to_apply() -> None:
    assert prepare.migrate() == "none to apply"


def test_static_files_are_collected_when_one_changed(settings: Any, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "style.css").write_text("a {}")
    settings.DATA_DIR, settings.STATIC_ROOT = tmp_path, tmp_path / "static"
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    storage = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": storage}}
    from django.contrib.staticfiles import finders

    finders.get_finder.cache_clear()
    try:
        assert prepare.collect_static() == "collected"
        assert prepare.collect_static() == "unchanged"
        (source / "more.css").write_text("b {}")
        assert prepare.collect_static() == "collected"
        assert (tmp_path / "static" / "more.css").exists()
    finally:
        finders.get_finder.cache_clear()


def test_without_the_encoder_set_up_goes_on_and_the_suite_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> str:
        raise RuntimeError("no weights")

    monkeypatch.setattr("search.embeddings.prepare_encoder", refuse)
    assert "no weights" in prepare.make_encoder(needed=False)
    with pytest.raises(RuntimeError):
        prepare.make_encoder(needed=True)


# --- doctor ---


@pytest.mark.django_db
def test_the_checks_find_the_database_and_its_extensions() -> None:
    output = StringIO()
    with contextlib.suppress(SystemExit):  # the suite collects no static files
        call_command("doctor_checks", json=True, stdout=output)
    found = {finding["name"]: finding["state"] for finding in json.loads(output.getvalue())}
    assert found["database version"] == found["migrations"] == "ok"
    assert found["administrator"] == "degraded"
    assert {"vector", "pg_trgm", "unaccent", "encoder", "tasks", "mail"} <= set(found)


@pytest.mark.django_db
@pytest.mark.usefixtures("content")
def test_pages_in_languages_that_the_encoder_has_not_learned_are_counted() -> None:
    def found() -> tuple[str, bool]:
        (finding,) = doctor_checks.encoder()
        return finding.state, " 2 pages are in languages that it has not learned" in finding.sentence

    assert found() == ("ok", False)
    some = Document.objects.order_by("pk").values_list("pk", flat=True)[:2]
    Document.objects.filter(pk__in=list(some)).update(language="es")
    assert found() == ("ok", True)


@pytest.mark.django_db
def test_links_that_wait_are_told_apart_from_mail_that_does(kept_tasks: None) -> None:
    def found() -> tuple[str, str]:
        DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(minutes=6))
        (finding,) = doctor_checks.tasks()
        return finding.state, finding.sentence

    DBTaskResult.objects.all().delete()
    assert found() == ("ok", "None waits long, none failed in the last day.")
    waiting_link.enqueue()
    assert found() == ("degraded", "Links have waited for more than five minutes: much is new, or nobody is at it.")
    mails_hand_over.enqueue()
    assert found() == ("degraded", "Mail or files have waited for more than five minutes (tasks: 1).")


@pytest.mark.django_db
def test_a_missing_table_is_a_finding_and_not_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def administrator() -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM no_such_table")
        yield

    # The failed query ends the transaction that the test runs in; outside of one the connection is simply closed.
    monkeypatch.setattr(doctor_checks, "administrator", administrator)
    monkeypatch.setattr(doctor_checks.connection, "close", lambda: connection.set_rollback(False))
    from django.db import transaction

    with transaction.atomic():
        findings = {finding.name: finding for finding in doctor_checks.examine()}
        transaction.set_rollback(True)
    assert findings["administrator"].state == "broken"
    assert "mail" in findings


# --- gunicorn ---


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        ("Invalid request from ip=203.0.113.9: Invalid HTTP Version 'canary'", ()),
        ("Error handling request %s %s", ("GET", "/search/?q=canary")),
        ("Error handling request %s", ("/match/?text=canary&x=203.0.113.9",)),
    ],
)
def test_gunicorn_does_not_say_who_asked_what(message: str, arguments: tuple[str, ...]) -> None:
    record = logging.LogRecord("gunicorn.error", logging.WARNING, "", 0, message, arguments, None)
    assert WithoutVisitors().filter(record)
    text = record.getMessage()
    assert "canary" not in text
    assert "203.0.113.9" not in text
