"""``manage.py search``: the state of the index, and what brings it up to date."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from search.documents import documents_refresh
from search.matching.links import outbox_drain, unlinked
from search.models import Document, IndexState, Link
from search.sweeping import differing_pages, gone_documents_bury, projection_hash, searchable_pages
from search.tasks import sweep


class Command(BaseCommand):
    """See to documents and links."""

    help = "Show the state of the search index, rebuild it, compare it with the pages, or work through what waits."

    def add_arguments(self, parser: CommandParser) -> None:
        """One verb, and how."""
        parser.add_argument(
            "verb",
            choices=["status", "rebuild", "link", "verify", "drain", "sweep"],
            help="status: what is there; rebuild: write every document anew; verify: find and mend differences; "
            "link, drain: compute the vectors and links that wait; sweep: what the beat does every hour",
        )
        parser.add_argument("--if-needed", action="store_true", help="rebuild only what is missing or differs")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it."""
        report: dict[str, int] = getattr(self, f"_{options['verb']}")(options)
        if options["json"]:
            self.stdout.write(json.dumps(report))
        else:
            self.stdout.write(", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in report.items()))

    def _status(self, options: dict[str, Any]) -> dict[str, int]:
        return {
            "documents": Document.objects.present().count(),
            "tombstones": Document.objects.filter(is_gone=True).count(),
            "links": Link.objects.count(),
            "waiting_for_links": unlinked().count(),
        }

    def _rebuild(self, options: dict[str, Any]) -> dict[str, int]:
        code = projection_hash()
        state = IndexState.objects.filter(name="documents", value=code)
        if options["if_needed"] and state.exists():
            return {"documents": Document.objects.present().count()}
        buried = gone_documents_bury()
        ids = differing_pages() if options["if_needed"] else (page.pk for page in searchable_pages())
        written = documents_refresh(page_ids=list(ids))
        IndexState.objects.update_or_create(name="documents", defaults={"value": code})
        return {"written": written, "buried": buried}

    def _link(self, options: dict[str, Any]) -> dict[str, int]:
        return self._drain(options)

    def _verify(self, options: dict[str, Any]) -> dict[str, int]:
        return {"mended": sweep(), "documents": Document.objects.present().count()}

    def _sweep(self, options: dict[str, Any]) -> dict[str, int]:
        return {"mended": sweep()}

    def _drain(self, options: dict[str, Any]) -> dict[str, int]:
        return {"linked": outbox_drain()}
