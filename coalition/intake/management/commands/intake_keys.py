"""``manage.py intake_keys``: the keys that seal what people tell."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser

from coalition.intake.keys import keyring
from coalition.intake.rotating import key_add, keys_drop_old, reseal, sealed_by_key
from coalition.intake.sealing import SealBrokenError


class Command(BaseCommand):
    """Shows, rotates and drops keys; never prints one."""

    help = "Show how much each key seals, rotate the keys, or drop those that seal nothing any more."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what is to be done."""
        parser.add_argument("do", choices=["status", "rotate", "drop-old"])

    def handle(self, *args: Any, do: str, **options: Any) -> None:
        """Do it, and say what came of it.

        Raises:
            CommandError: the keys cannot be read or written, or older ones are still needed.
        """
        try:
            {"status": self._status, "rotate": self._rotate, "drop-old": self._drop}[do]()
        except (ImproperlyConfigured, SealBrokenError) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                f"The file of keys cannot be written ({error.strerror}): put a new key first in it by hand, "
                "then rotate again."
            ) from error

    def _status(self) -> None:
        *counts, lost = sealed_by_key()
        for name, count in zip(keyring().names(), counts, strict=True):
            self.stdout.write(f"{name}: seals {count}")
        self.stdout.write(f"no key opens: {lost}")

    def _rotate(self) -> None:
        # A rotation that was stopped, or begun by hand, is ended before another one begins.
        if not sum(sealed_by_key()[1:-1]):
            key_add()
        self.stdout.write(f"sealed anew: {reseal()}")

    def _drop(self) -> None:
        self.stdout.write(f"dropped: {keys_drop_old()}")
