"""``manage.py alerts``: telling followers what is new, now instead of when the beat does."""

import json
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from coalition.alerts.digests import digests_make, entries_waiting
from coalition.alerts.matching import news_match_all, news_unmatched
from coalition.alerts.models import Digest
from coalition.mail.models import OutgoingMail


class Command(BaseCommand):
    """Makes what is due, or says how it stands."""

    help = "due: match what is new and make every digest that is due; status: how many digests there are, and waits."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what to do."""
        parser.add_argument("action", choices=["due", "status"])
        parser.add_argument("--now", default="", help="as if it were this moment (ISO 8601 with an offset)")
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it.

        Raises:
            CommandError: the moment cannot be read.
        """
        now = self._moment(options["now"])
        answer = self._due(now) if options["action"] == "due" else self._status()
        if options["json"]:
            self.stdout.write(json.dumps(answer))
            return
        for name, value in answer.items():
            self.stdout.write(f"{name.replace('_', ' ')}: {value}")

    @staticmethod
    def _moment(text: str) -> datetime:
        if not text:
            return timezone.now()
        try:
            moment = parse_datetime(text)
        except ValueError:
            moment = None
        if moment is None or timezone.is_naive(moment):
            raise CommandError(f"“{text}” is no moment. Write it like 2026-11-24T08:00:00+00:00.")
        return moment

    @staticmethod
    def _due(now: datetime) -> dict[str, Any]:
        return {"entries": news_match_all(), "digests": digests_make(now)}

    @staticmethod
    def _status() -> dict[str, Any]:
        mails = OutgoingMail.objects.filter(kind="digest").values_list("state").annotate(Count("pk")).order_by("state")
        return {
            "news_unmatched": news_unmatched().count(),
            "entries_waiting": entries_waiting().count(),
            "digests": Digest.objects.count(),
            "mails": dict(mails),
        }
