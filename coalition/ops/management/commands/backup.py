"""``manage.py backup``: make a key, make backups, try one, restore one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from coalition.ops.backups.keys import identity_make, identity_read
from coalition.ops.backups.layout import KEYS
from coalition.ops.backups.making import backup_make
from coalition.ops.backups.restoring import backup_check, backup_restore
from coalition.ops.refusal import Refusal


class Command(BaseCommand):
    """Keep the site from being lost."""

    help = "Make the backups' key, make a backup, open one to its end, or restore one into an empty site."
    # An empty database is what a backup is restored into.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """One verb, and what it needs."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        key = verbs.add_parser("key", help="make the key that opens backups, and print it: it is kept nowhere else")
        key.add_argument("--again", action="store_true", help="another one; older backups still need the old one")
        make = verbs.add_parser("make", help="make a backup")
        make.add_argument(
            "--to", type=Path, help="the folder for backups (COALITION_BACKUPS; backups in the data folder)"
        )
        make.add_argument("--keep", type=int, default=0, help="keep only so many, the newest")
        for verb, text in (
            ("check", "open a backup to its last byte, and say what it holds"),
            ("restore", "restore one into an empty site, then delete again what was deleted since"),
        ):
            sub = verbs.add_parser(verb, help=text)
            sub.add_argument("backup", type=Path, help="the backup's folder")
            sub.add_argument("--key", type=Path, required=True, help="the file with the key that “backup key” printed")
        sub.add_argument(
            "--keys", type=Path, help=f"the sealed file with the site's own keys ({KEYS}), where it is kept"
        )
        sub.add_argument(
            "--without-keys", action="store_true", help="go on without it: what was told in confidence stays unreadable"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it.

        Raises:
            CommandError: it cannot be done; one sentence says why and what to do.
        """
        verbs: dict[str, Callable[[dict[str, Any]], None]] = {
            "key": self._key,
            "make": self._make,
            "check": self._check,
            "restore": self._restore,
        }
        try:
            verbs[options["verb"]](options)
        except Refusal as refusal:
            raise CommandError("\n".join([str(refusal), *refusal.details.splitlines()])) from None
        except OSError as error:
            raise CommandError(f"{error.filename or 'The backup'}: {error.strerror}.") from None

    def _key(self, options: dict[str, Any]) -> None:
        identity = identity_make(again=options["again"])
        self.stdout.write(f"# The key of this site's backups. Whoever has it can read them.\n{identity}")
        self.stderr.write(
            "Write these two lines down, or into a file that is not on this machine: they are kept nowhere else, and "
            "without them no backup can be opened."
        )

    def _make(self, options: dict[str, Any]) -> None:
        made = backup_make(to=options["to"] or Path(settings.BACKUPS), keep=options["keep"], now=timezone.now())
        self.stdout.write(
            f"{made}\nThe site's own keys are beside it, sealed as well: keep {made.parent / KEYS} in another place."
        )

    def _check(self, options: dict[str, Any]) -> None:
        found = backup_check(options["backup"], identity_read(options["key"]))
        self.stdout.write(f"It opens: {found['tables']} tables, {found['files']} files.")

    def _restore(self, options: dict[str, Any]) -> None:
        keys = options["keys"] or options["backup"].parent / KEYS
        if options["without_keys"]:
            keys = None
        elif not keys.is_file():
            raise Refusal(
                f"{keys} is not there: name the sealed file with the site's own keys with --keys, or go on without "
                "with --without-keys. Then nobody can read what was told in confidence."
            )
        found = backup_restore(options["backup"], identity_read(options["key"]), keys=keys)
        self.stdout.write(
            f"Restored: {found['tables']} tables, {found['files']} files. Start the site: python3 -m coalition run\n"
            "Mail that had waited is listed in the admin (Settings, Outgoing mail): it may have gone out already."
        )
