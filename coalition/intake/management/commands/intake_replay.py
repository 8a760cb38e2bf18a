"""``manage.py intake_replay``: after a restore, deletes again what had been deleted."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from coalition.intake.erasing import ledger_replay
from coalition.intake.ledger import ledger_join


class Command(BaseCommand):
    """Replays the deletion ledger; set-up does it at every start, before the site opens."""

    help = "Delete again whatever the deletion ledger names: after a backup was restored."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take other ledgers."""
        parser.add_argument(
            "--also", type=Path, action="append", default=[], help="another ledger, whose lines are taken over first"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete, and say how much was there again.

        Raises:
            CommandError: the ledger was changed; what it still names has been deleted all the same.
        """
        for path in options["also"]:
            ledger_join(path)
        again, is_whole = ledger_replay()
        self.stdout.write(f"{again} deleted again" if again else "nothing to delete again")
        if not is_whole:
            raise CommandError(
                "The deletion ledger was changed or cut: restore it from its own backup, then replay it again."
            )
