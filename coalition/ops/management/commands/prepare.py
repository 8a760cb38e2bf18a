"""``manage.py prepare``: everything that Django has to do before the site serves, in one process.

Each start of Django costs more than a second, so the steps share one. Steps that have nothing to do are quick and say
nothing; ``python3 -m coalition run`` calls this at every start.
"""

import hashlib
import json
import logging
import os
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from coalition.ops.files import text_replace
from coalition.ops.preparation import STATIC_STAMP
from coalition.ops.progress import step

# App labels whose migrations may be recorded although this code does not know them: those of older versions, and of
# what a setting that is off now had switched on (OpenID Connect). Others that we do not know are newer.
RETIRED_APPS: frozenset[str] = frozenset({"socialaccount"})

Step = tuple[str, str, Callable[[], str]]


class Command(BaseCommand):
    """The Django side of set-up."""

    help = "Migrate, collect static files, make the encoder, load content, build documents and links: what is needed."
    # They are CI's to run; here they would cost every start half a second.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what ``run`` passes on."""
        parser.add_argument("--no-content", action="store_true", help="do not load the first content")
        parser.add_argument("--demonstration", action="store_true", help="also load the demonstration set")
        parser.add_argument("--only", choices=["encoder"], help="do this step alone; it needs no database")
        parser.add_argument("--result-descriptor", type=int, help="write the result as JSON to this file descriptor")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the steps in order, then say what the starter needs to know."""
        # Wagtail logs each page that is loaded; the steps' own lines say enough.
        logging.disable(logging.INFO)
        steps = self._steps(
            content=not options["no_content"], demonstration=options["demonstration"], only=options["only"]
        )
        for key, title, call in steps:
            if options["only"] in (None, key):
                with step(title) as note:
                    note.text = call()
        if options["only"] is None:
            self._result(options["result_descriptor"])

    def _steps(self, *, content: bool, demonstration: bool, only: str | None) -> list[Step]:
        steps: list[Step] = [
            ("migrations", "migrations", migrate),
            ("static", "static files", collect_static),
            ("encoder", "encoder", lambda: make_encoder(needed=only == "encoder")),
        ]
        # Before anything is served: a database that was restored holds again what had been deleted.
        steps.append(("deletions", "deletions", lambda: run_command("intake_replay")))
        steps.append(("structure", "site structure", make_structure))
        steps.append(("roles", "roles in the admin", write_groups))
        if content:
            steps.append(("content", "content", lambda: run_command("load_content")))
        if demonstration:
            steps.append(("demonstration", "demonstration", lambda: run_command("load_content", demonstration=True)))
        steps += [
            ("documents", "search documents", lambda: run_command("search", "rebuild", "--if-needed")),
            ("links", "matches", lambda: run_command("search", "link", "--if-needed")),
        ]
        return steps

    def _result(self, descriptor: int | None) -> None:
        from coalition.accounts.setup import setup_link

        text = json.dumps({"setup_link": setup_link(base_url=settings.PUBLIC_URL)})
        if descriptor is None:
            self.stdout.write(text)
        else:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)


def run_command(name: str, *arguments: str, **options: Any) -> str:
    """Run a management command; return the last line of what it says, which becomes the step's."""
    said = StringIO()
    call_command(name, *arguments, stdout=said, **options)
    return next(iter(reversed(said.getvalue().strip().splitlines())), "")


def migrate() -> str:
    """Bring the database to this code's migrations; return how many were applied.

    Raises:
        CommandError: the database cannot be used, or is of a newer version.
    """
    try:
        executor = MigrationExecutor(connection)
    except OperationalError as error:
        raise CommandError(
            f"The database cannot be used ({str(error).strip().splitlines()[-1]}): mend DATABASE_URL or the database's "
            "users and rights."
        ) from error
    loader = executor.loader
    unknown = {
        (label, name)
        for label, name in loader.applied_migrations
        if (label, name) not in loader.disk_migrations and label not in RETIRED_APPS
    }
    if unknown:
        label, name = min(unknown)
        raise CommandError(
            f"The database is of a newer version: it has {len(unknown)} migrations that this code does not know "
            f"({label} {name}): update the code (git pull), or use another data folder."
        )
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        return "none to apply"
    call_command("migrate", interactive=False, verbosity=0)
    return f"{len(plan)} applied"


def collect_static() -> str:
    """Collect and compress static files when any of them changed; return what was done."""
    fingerprint = static_fingerprint()
    stamp = Path(settings.DATA_DIR) / STATIC_STAMP
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if manifest.exists() and stamp.exists() and stamp.read_text(encoding="ascii") == fingerprint:
        return "unchanged"
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    text_replace(stamp, fingerprint)
    return "collected"


def static_fingerprint() -> str:
    """Return what changes when any static file is added, removed or changed."""
    digest = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def make_structure() -> str:
    """Make the front page and the lists where they are missing; return which front page the site has."""
    from cms.home.structure import site_structure_create

    return str(site_structure_create().title)


def write_groups() -> str:
    """Give the admin's groups what the table of permissions grants; return which were changed."""
    from coalition.accounts.groups import groups_write

    return ", ".join(groups_write()) or "as in the table"


def make_encoder(*, needed: bool) -> str:
    """Make the encoder if it is not there; return a sentence. Without it the site works and finds less.

    Args:
        needed: whether to fail without it, as the test suite does.
    """
    try:
        from search.embeddings import prepare_encoder

        return prepare_encoder()
    except Exception as error:  # whatever it is, words and concepts still match
        if needed:
            raise
        return f"not made ({error}): stories are matched by words and concepts alone"
