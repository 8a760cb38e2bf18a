"""``manage.py load_content``: the first content, or the demonstration set, into the site; or the latter out of it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cms.content.loading import content_load, demonstration_remove
from cms.content.reading import DEMONSTRATION, FIRST, ContentError


class Command(BaseCommand):
    """Load a content set. Running it again updates what the files changed, and never what an editor changed."""

    help = "Load the first content (or the demonstration set); never overwrites what an editor has edited since."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say which set."""
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--demonstration", action="store_true", help="load the made-up demonstration set as well")
        which.add_argument("--remove-demonstration", action="store_true", help="delete all of the demonstration set")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load or remove, and say what was done."""
        if options["remove_demonstration"]:
            self.stdout.write(f"Removed {demonstration_remove()} demonstration objects.")
            return
        try:
            report = content_load(content_set=FIRST)
            self.stdout.write(f"First content: {report}.")
            if options["demonstration"]:
                report = content_load(content_set=DEMONSTRATION)
                self.stdout.write(f"Demonstration set: {report}.")
        except ContentError as error:
            raise CommandError(str(error)) from error
        for name in report.kept:
            self.stdout.write(f"  left as an editor changed it: {name}")
