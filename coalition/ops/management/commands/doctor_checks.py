"""``manage.py doctor_checks``: the part of ``doctor`` that needs Django and the database.

Each check stands alone: where a table is missing, the others still answer.
"""

import json
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from coalition.ops.findings import Finding, worst

RUN = "python3 -m coalition run"
# What the site loses without each; it asks the database and never assumes.
EXTENSIONS = {
    "vector": "similar stories are found by comparing all vectors, slower with every thousand stories",
    "pg_trgm": "typing errors in a search are not forgiven",
    "unaccent": "a search for “Jose” misses “José”",
}
PATIENCE = timedelta(minutes=5)


class Command(BaseCommand):
    """Prints a finding for each matter."""

    help = "Say what Django and the database think of this installation."
    # A site that fails them has to be looked into all the more.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the form of the answer."""
        parser.add_argument("--json", action="store_true", help="for programs")
        parser.add_argument("--result-descriptor", type=int, help="write JSON to this file descriptor")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check everything, and exit with 1 when something is broken."""
        findings = list(examine())
        text = json.dumps([vars(finding) for finding in findings])
        if options["result_descriptor"] is not None:
            with os.fdopen(options["result_descriptor"], "w", encoding="utf-8") as file:
                file.write(text)
            return
        if options["json"]:
            self.stdout.write(text)
        else:
            for finding in findings:
                self.stdout.write(f"{finding.state:<8}  {finding.name}: {finding.sentence} {finding.remedy}".rstrip())
        if worst(findings) == "broken":
            raise SystemExit(1)


def examine() -> Iterator[Finding]:
    """Yield what each check finds; one that cannot ask is a finding itself."""
    checks: tuple[tuple[str, Callable[[], Iterator[Finding]]], ...] = (
        ("database version", database_version),
        ("extensions", extensions),
        ("migrations", migrations),
        ("administrator", administrator),
        ("encoder", encoder),
        ("search", search),
        ("tasks", tasks),
        ("static files", static_files),
        ("mail", mail),
        ("confidential keys", confidential_keys),
        ("backups", backups),
    )
    for name, check in checks:
        try:
            yield from check()
        except DatabaseError as error:
            connection.close()
            yield Finding(name, "broken", f"The database refused the question ({type(error).__name__}).", RUN)
        except Exception as error:  # a check that fails must not take the others with it
            yield Finding(name, "broken", f"The check itself failed ({type(error).__name__}: {error}).", "report it")


def database_version() -> Iterator[Finding]:
    """Which PostgreSQL answers."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        major, minor = divmod(int(cursor.fetchone()[0]), 10000)
    if major < 14:
        yield Finding(
            "database version", "broken", f"PostgreSQL {major}.{minor}: 14 is the oldest that serves.", "update it"
        )
    else:
        yield Finding("database version", "ok", f"PostgreSQL {major}.{minor} answers.")


def extensions() -> Iterator[Finding]:
    """Which extensions the database has, and what the lack of one costs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname, extversion FROM pg_extension")
        present = dict(cursor.fetchall())
    for name, cost in EXTENSIONS.items():
        if name in present:
            yield Finding(name, "ok", f"Extension {name} {present[name]}.")
        else:
            remedy = f"as the database's superuser: CREATE EXTENSION {name};"
            yield Finding(name, "degraded", f"Extension {name} is missing: {cost}.", remedy)


def migrations() -> Iterator[Finding]:
    """Whether the database is of this code's version."""
    executor = MigrationExecutor(connection)
    unknown = set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if unknown:
        label, name = min(unknown)
        sentence = f"The database has {len(unknown)} migrations that this code does not know ({label} {name})."
        yield Finding("migrations", "broken", sentence, "update the code: git pull")
    elif plan:
        yield Finding("migrations", "broken", f"{len(plan)} migrations are not applied: pages fail.", RUN)
    else:
        yield Finding("migrations", "ok", "The database is of this code's version.")


def administrator() -> Iterator[Finding]:
    """Whether somebody can administer the site."""
    from coalition.accounts.setup import admin_exists

    if admin_exists():
        yield Finding("administrator", "ok", "Somebody can administer the site.")
    else:
        yield Finding(
            "administrator", "degraded", "Nobody can administer the site yet.", "open the set-up link that run prints"
        )


def encoder() -> Iterator[Finding]:
    """Whether stories are matched by meaning as well."""
    from search.embeddings import encoder as encoder_loaded
    from search.embeddings import encoder_status
    from search.matching.learning import unreadable_count

    works, sentence = encoder_status()
    if works:
        # Nothing is wrong where there is no encoder because nobody wants one.
        if encoder_loaded() is not None and (count := unreadable_count()):
            sentence += (
                f" {count} pages are in languages that it has not learned, and are compared by words and topics: "
                "COALITION_ENCODER=multilingual compares them by meaning too (docs/running.md)."
            )
        yield Finding("encoder", "ok", sentence)
    else:
        cost = "stories are matched by words and concepts only"
        yield Finding("encoder", "degraded", f"{sentence.rstrip('.')}: {cost}.", f"{RUN}, which makes it again")


def search() -> Iterator[Finding]:
    """Whether the engine answers that the settings ask for."""
    from search.engines.choosing import engine_state

    works, sentence = engine_state()
    if works:
        yield Finding("search", "ok", sentence)
    else:
        yield Finding("search", "degraded", sentence, "mend what it names; searches go back to it by themselves")


def tasks() -> Iterator[Finding]:
    """Whether the queues move; that of links stands for hours where much is new, and nothing else waits for it."""
    from django_tasks_db.models import DBTaskResult

    now = timezone.now()
    late = DBTaskResult.objects.ready().filter(enqueued_at__lt=now - PATIENCE)
    others = late.exclude(queue_name="links").count()
    failed = DBTaskResult.objects.failed().filter(finished_at__gt=now - timedelta(days=1)).count()
    if others:
        sentence = f"Mail or files have waited for more than five minutes (tasks: {others})."
        yield Finding("tasks", "degraded", sentence, "start the site, or look at what the worker prints")
    elif late.exists():
        sentence = "Links have waited for more than five minutes: much is new, or nobody is at it."
        yield Finding("tasks", "degraded", sentence, "start the site, or look at what the linker prints")
    elif failed:
        yield Finding(
            "tasks", "degraded", f"{failed} tasks failed in the last day.", "look at what worker and linker print"
        )
    else:
        yield Finding("tasks", "ok", "None waits long, none failed in the last day.")


def static_files() -> Iterator[Finding]:
    """Whether style and scripts were collected."""
    if (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        yield Finding("static files", "ok", "Collected.")
    else:
        yield Finding("static files", "broken", "Not collected: every page fails.", RUN)


def mail() -> Iterator[Finding]:
    """Whether mail leaves the machine, and whether some waits for a person."""
    from coalition.mail.models import OutgoingMail

    if settings.EMAIL_BACKEND.endswith(("filebased.EmailBackend", "console.EmailBackend", "dummy.EmailBackend")):
        remedy = "name a mail server or a provider with COALITION_MAIL (docs/running.md)"
        yield Finding("mail", "degraded", "Mail is written to a folder and not sent: nobody gets any.", remedy)
        return
    undecided = OutgoingMail.objects.undecided().count()
    late = OutgoingMail.objects.filter(state="waiting", created__lt=timezone.now() - PATIENCE).count()
    if undecided or late:
        sentence = f"{undecided} mails wait for a person to decide, {late} for the mail server."
        yield Finding("mail", "degraded", sentence, "look at Settings, Outgoing mail, in the admin")
    else:
        by = settings.EMAIL_BACKEND.removesuffix(".EmailBackend").rsplit(".", 1)[-1]
        yield Finding("mail", "ok", f"Sent through {settings.EMAIL_HOST if by == 'smtp' else by}.")


def confidential_keys() -> Iterator[Finding]:
    """Whether what people tell in confidence can be sealed and opened."""
    from coalition.intake.keys import keyring, pepper
    from coalition.intake.rotating import sealed_by_key

    try:
        pepper()
        keys = len(keyring().keys)
    except ImproperlyConfigured as error:
        yield Finding("confidential keys", "broken", str(error), "restore the file from where it is kept")
        return
    if lost := sealed_by_key()[-1]:
        sentence = f"{lost} sealed texts open with none of the {keys} keys: nobody can read them."
        yield Finding("confidential keys", "broken", sentence, "restore the older keys from where they are kept")
    else:
        yield Finding("confidential keys", "ok", f"{keys} in use; whatever is sealed can be opened.")


def backups() -> Iterator[Finding]:
    """Whether there is a backup, and how old it is."""
    from coalition.ops.backups.daily import last_made
    from coalition.ops.backups.keys import MAKE, recipient

    last = last_made()
    if not recipient():
        yield Finding("backups", "degraded", "There is none: a broken disk would be the end of all of it.", MAKE)
    elif last is None or timezone.now() - last > timedelta(days=2):
        age = f"The last is of {last:%d %B %Y}." if last else "None was made yet."
        remedy = "set COALITION_BACKUPS to a folder on another disk, or run python3 -m coalition manage backup make"
        yield Finding("backups", "degraded", age, remedy)
    else:
        yield Finding("backups", "ok", f"The last was made {timezone.localtime(last):%d %B, %H:%M}.")
