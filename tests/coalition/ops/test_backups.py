"""Backups are made from a real database and restored into another one, by the commands that people use."""

import contextlib
import datetime
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.fernet import Fernet
from django.conf import settings as site_settings
from django.db import connection
from psycopg import sql
from pytest_django import DjangoDbBlocker

from coalition.intake.evidence.sharing import copy_make
from coalition.intake.models import Submission
from coalition.intake.sealing import sealed_columns
from coalition.ops.backups import daily, keys, making, restoring
from coalition.ops.backups.layout import DATABASE, FILES, KEYS, LEDGER, MANIFEST, Manifest, backups, name_for
from coalition.ops.refusal import Refusal
from tests import samples
from tests.coalition.intake.evidence.conftest import send, upload
from tests.coalition.intake.teller import Teller, words_on

CANARY = "canary-" + secrets.token_hex(12)
NOW = datetime.datetime(2026, 3, 1, 4, 5, 6, tzinfo=datetime.UTC)


@pytest.fixture
def place(tmp_path: Path, settings: Any) -> Path:
    """A data folder with a picture, a sealed file, keys, and a ledger."""
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path / "data", tmp_path / "data" / "media"
    settings.INTAKE_FILES = tmp_path / "data" / "intake" / "files"
    settings.INTAKE_LEDGER = tmp_path / "data" / "intake" / "deletions.ledger"
    settings.BACKUPS, settings.BACKUP_RECIPIENT = tmp_path / "backups", ""
    for path, text in (
        (settings.MEDIA_ROOT / "images" / "a.jpg", f"picture {CANARY}"),
        (settings.INTAKE_FILES / "x", f"evidence {CANARY}"),
        (settings.DATA_DIR / "secrets" / "secret_key", f"secret {CANARY}"),
        (settings.INTAKE_LEDGER, ""),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def key(place: Path) -> Path:
    """The file with the key, as somebody keeps what the command has printed."""
    path = place / "key.txt"
    path.write_text(f"# Kept at home.\n{keys.identity_make()}\n", encoding="utf-8")
    return path


@pytest.fixture
def empty(content: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The address of an empty database on the same server; it is dropped afterwards."""
    name = f"test_restored_{secrets.token_hex(4)}"
    with django_db_blocker.unblock():
        server = {**connection.get_connection_params(), "dbname": "postgres"}
    server.pop("cursor_factory", None), server.pop("context", None)
    with psycopg.connect(**server, autocommit=True) as own:
        own.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield re.sub(r"^([^?]*)/[^/?]*(\?|$)", rf"\1/{name}\2", os.environ["DATABASE_URL"])
    with psycopg.connect(**server, autocommit=True) as own:
        own.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def command(place: Path, *arguments: str, database: str, name: str = "backup") -> subprocess.CompletedProcess[str]:
    """Run ``manage backup``, or another command, of a new installation."""
    env = {**os.environ, "DATABASE_URL": database, "COALITION_DATA_DIR": str(place)}
    return subprocess.run(
        [sys.executable, "manage.py", name, *arguments], env=env, capture_output=True, text=True, check=False
    )


def asked(database: str, question: str) -> Any:
    with psycopg.connect(database) as own:
        found = own.execute(question.encode()).fetchone()
        assert found is not None
        return found[0]


@pytest.mark.django_db
def test_a_backup_is_read_by_its_key_alone_and_restored_into_an_empty_site(place: Path, key: Path, empty: str) -> None:
    to = place / "backups"
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM stories_storypage")
        stories = cursor.fetchone()[0]
    assert stories > 0
    made = making.backup_make(to=to, now=NOW)
    assert sorted(path.name for path in to.iterdir()) == [name_for(NOW), LEDGER, KEYS]
    assert sorted(path.name for path in made.iterdir()) == [DATABASE, FILES, MANIFEST]
    assert all(path.stat().st_mode & 0o077 == 0 for path in [to / KEYS, made / DATABASE, made / FILES])
    # Nothing can be read without the key. It is there: with it the canary comes out again, below.
    assert all(CANARY.encode() not in path.read_bytes() for path in to.rglob("*") if path.is_file())

    stranger = place / "stranger.txt"
    stranger.write_text(keys.identity_make(again=True), encoding="utf-8")
    with pytest.raises(Refusal, match="does not open with this key"):
        restoring.backup_check(made, keys.identity_read(stranger))
    found = restoring.backup_check(made, keys.identity_read(key))
    assert found["files"] == 2
    assert found["tables"] > 50

    new = place / "new"
    refused = command(new, "restore", str(made), "--key", str(stranger), database=empty)
    assert (refused.returncode, asked(empty, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")) == (1, 0)
    assert "does not open with this key" in refused.stderr
    done = command(new, "restore", str(made), "--key", str(key), database=empty)
    assert done.returncode == 0, done.stderr
    assert asked(empty, "SELECT count(*) FROM stories_storypage") == stories
    assert asked(empty, "SELECT count(*) FROM accounts_session") == 0
    assert (new / "media" / "images" / "a.jpg").read_text(encoding="utf-8") == f"picture {CANARY}"
    assert (new / "intake" / "files" / "x").read_text(encoding="utf-8") == f"evidence {CANARY}"
    assert (new / "secrets" / "secret_key").read_text(encoding="utf-8") == f"secret {CANARY}"
    assert (new / "secrets" / "secret_key").stat().st_mode & 0o077 == 0
    again = command(new, "restore", str(made), "--key", str(key), database=empty)
    assert again.returncode == 1
    assert "The database is not empty" in again.stderr


def sealed(database: str) -> bytes:
    """Return everything that is sealed in a database, opened."""
    fernet, opened = Fernet(site_settings.INTAKE_KEYS[0]), []
    with psycopg.connect(database) as own:
        for model, field in sealed_columns():
            column, table = sql.Identifier(field), sql.Identifier(model._meta.db_table)
            rows = own.execute(sql.SQL("SELECT {0} FROM {1} WHERE {0} IS NOT NULL").format(column, table))
            opened += [fernet.decrypt(bytes(token)) for (token,) in rows]
    return b"".join(opened)


def tables_naming(database: str, what: str) -> set[str]:
    """Return the tables of a database in which something stands."""
    with psycopg.connect(database) as own:
        tables = [name for (name,) in own.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        asking = sql.SQL("SELECT EXISTS (SELECT 1 FROM {} AS t WHERE strpos(t::text, %s) > 0)")
        found = {name: own.execute(asking.format(sql.Identifier(name)), [what]).fetchone() for name in tables}
    return {name for name, answer in found.items() if answer == (True,)}


@pytest.mark.promise("gone-from-backups")
def test_what_was_withdrawn_after_the_backup_is_deleted_again(
    content: None, own_database: None, place: Path, key: Path, empty: str
) -> None:
    site_settings.INTAKE_FILES.joinpath("x").unlink()
    teller = Teller()
    teller.post("/tell/what/", {"text": f"They count my steps. {CANARY}"})
    assert send(teller, upload(samples.jpeg(), f"{CANARY}.jpg")).status_code == 302
    words = words_on(teller.post("/tell/send/", form="/tell/check/"))
    submission = Submission.objects.get()
    copy_make(submission.evidence.get().pk)
    files = {path.name for path in site_settings.INTAKE_FILES.iterdir()}
    made = making.backup_make(to=place / "backups", now=NOW)
    back = Teller()
    back.returns(words)
    assert back.post("/return/withdraw/").status_code == 200
    assert set(site_settings.INTAKE_FILES.iterdir()) == set()

    # With the ledger as it was at the time of the backup all of it comes back: the control.
    new = place / "new"
    done = command(new, "restore", str(made), "--key", str(key), database=empty)
    assert done.returncode == 0, done.stderr
    assert CANARY.encode() in sealed(empty)
    assert tables_naming(empty, str(submission.pk)) >= {"intake_submission", "intake_evidence"}
    assert {path.name for path in (new / "intake" / "files").iterdir()} == files
    assert len(files) == 2

    # With the ledger that was kept it goes again, and what is left names no more than that it was deleted.
    done = command(new, "--also", str(site_settings.INTAKE_LEDGER), database=empty, name="intake_replay")
    assert done.returncode == 0, done.stderr
    assert CANARY.encode() not in sealed(empty)
    assert tables_naming(empty, str(submission.pk)) == {"intake_deletion"}
    assert tables_naming(empty, CANARY) == set()
    assert list((new / "intake" / "files").iterdir()) == []


@pytest.mark.django_db
def test_without_the_sites_keys_it_asks_for_them(place: Path, key: Path, empty: str) -> None:
    made = making.backup_make(to=place / "backups", now=NOW)
    (place / "backups" / KEYS).unlink()
    refused = command(place / "new", "restore", str(made), "--key", str(key), database=empty)
    assert refused.returncode == 1
    assert "--without-keys" in refused.stderr
    assert asked(empty, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0


@pytest.mark.django_db
def test_what_was_changed_cut_or_left_unfinished_is_no_backup(content: None, place: Path, key: Path) -> None:
    identity = keys.identity_read(key)
    made = making.backup_make(to=place / "backups", now=NOW)
    whole = (made / FILES).read_bytes()
    for wrong in (whole[:-1], whole + b"x", whole[:300] + bytes([whole[300] ^ 1]) + whole[301:], b""):
        (made / FILES).write_bytes(wrong)
        with pytest.raises(Refusal, match="is not what was written"):
            restoring.backup_check(made, identity)
    # Also where somebody has mended the list of hashes.
    (made / FILES).write_bytes(whole[:300] + bytes([whole[300] ^ 1]) + whole[301:])
    manifest = Manifest.read(made)
    Manifest(1, manifest.made, manifest.postgres, manifest.parts | {FILES: making.digest(made / FILES)}).write(made)
    with pytest.raises(Refusal, match=r"does not open|damaged"):
        restoring.backup_check(made, identity)
    (made / MANIFEST).unlink()
    with pytest.raises(Refusal, match="no complete backup"):
        restoring.backup_check(made, identity)


def test_there_is_no_backup_without_a_key(place: Path) -> None:
    with pytest.raises(Refusal, match="manage backup key"):
        making.backup_make(to=place / "backups", now=NOW)
    assert not (place / "backups").exists()
    first = keys.identity_make()
    with pytest.raises(Refusal, match="--again"):
        keys.identity_make()
    assert keys.identity_make(again=True) != first


def test_a_file_that_is_no_key_is_refused(place: Path) -> None:
    for text in ("", "# only a remark\n", "AGE-SECRET-KEY-1QQ\n", "\0"):
        (place / "no-key").write_text(text, encoding="utf-8")
        with pytest.raises(Refusal, match="holds no key"):
            keys.identity_read(place / "no-key")
    with pytest.raises(Refusal, match="cannot be read"):
        keys.identity_read(place / "nothing")


@pytest.mark.django_db
def test_a_failed_backup_leaves_nothing_and_old_ones_stay(
    content: None, place: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = making.backup_make(to=place / "backups", now=NOW)
    with contextlib.ExitStack() as stack:
        patch = stack.enter_context(monkeypatch.context())
        patch.setenv("PGDATABASE", "none")
        patch.setitem(connection.settings_dict, "NAME", "no_such_database")
        with pytest.raises(Refusal, match="could not be dumped"):
            making.backup_make(to=place / "backups", now=NOW + datetime.timedelta(days=1))
    assert backups(place / "backups") == [made]
    assert [path.name for path in (place / "backups").iterdir() if path.is_dir()] == [made.name]


@pytest.mark.django_db
def test_every_night_one_is_made_and_a_fortnight_is_kept(content: None, place: Path, key: Path, settings: Any) -> None:
    settings.BACKUPS_DAILY, settings.BACKUPS_KEPT = False, 2
    daily.backup_if_due()
    assert daily.last_made() is None
    settings.BACKUPS_DAILY = True
    for age in (3, 2):
        making.backup_make(to=place / "backups", now=datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=age))
    daily.backup_if_due()
    daily.backup_if_due()
    kept = backups(place / "backups")
    assert len(kept) == 2
    last = daily.last_made()
    assert last is not None
    assert datetime.datetime.now(datetime.UTC) - last < datetime.timedelta(hours=1)


def test_what_is_deleted_is_copied_beside_the_backups_without_waiting_for_the_night(
    place: Path, settings: Any, tmp_path: Path
) -> None:
    settings.BACKUPS, settings.BACKUPS_DAILY = tmp_path / "elsewhere", True
    settings.INTAKE_LEDGER = tmp_path / "deletions.ledger"
    copy = settings.BACKUPS / LEDGER
    daily.ledger_keep()
    settings.BACKUPS.mkdir()
    daily.ledger_keep()
    assert not copy.exists()
    for lines in ("one\n", "one\ntwo\n"):
        settings.INTAKE_LEDGER.write_text(lines, encoding="ascii")
        daily.ledger_keep()
        assert copy.read_text(encoding="ascii") == lines
    settings.BACKUPS_DAILY = False
    settings.INTAKE_LEDGER.write_text("one\ntwo\nthree\n", encoding="ascii")
    daily.ledger_keep()
    assert copy.read_text(encoding="ascii") == "one\ntwo\n"


def test_a_place_that_cannot_be_written_to_is_logged_and_nothing_stops(
    place: Path, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.BACKUPS_DAILY, settings.BACKUP_RECIPIENT = True, "nonsense"
    daily.backup_if_due()
    assert "No backup was made" in caplog.text
    assert site_settings.BACKUPS.exists() is False
