"""``manage.py intake_replay``: after a restore, deletes again what had been deleted."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from coalition.intake.erasing import ledger_replay


class Command(BaseCommand):
    """Replays the deletion ledger; set-up does it at every start, before the site opens."""

    help = "Delete again whatever the deletion ledger names: after a backup was restored."

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete, and say how much was there again.

        Raises:
            CommandError: the ledger was changed; what it still names has been deleted all the same.
        """
        again, is_whole = ledger_replay()
        self.stdout.write(f"{again} deleted again" if again else "nothing to delete again")
        if not is_whole:
            raise CommandError(
                "The deletion ledger was changed or cut: restore it from its own backup, then replay it again."
            )
