"""``manage.py search``: the state of documents, links and indexes, and what brings them up to date."""

import contextlib
import json
import time
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from search.documents import documents_refresh
from search.engines.base import EngineUnavailable
from search.engines.elasticsearch import is_set
from search.locks import Lock, held
from search.matching.links import outbox_drain, unlinked
from search.models import Document, IndexState, Link
from search.outbox import outbox_empty, unsent, waits_since
from search.sweeping import differing_pages, gone_documents_bury, projection_hash, searchable_pages
from search.tasks import sweep

Report = dict[str, Any]
# Seconds between two lines on how far a rebuild has come.
_EVERY = 10.0


class Command(BaseCommand):
    """See to documents, links and indexes."""

    help = "Show the state of search, rebuild it, compare it with the pages, work through what waits, or go back."

    def add_arguments(self, parser: CommandParser) -> None:
        """One verb, and how."""
        parser.add_argument(
            "verb",
            choices=["status", "rebuild", "link", "verify", "drain", "rollback", "sweep"],
            help="status: what is there; rebuild: write every document anew, and build Elasticsearch's index anew; "
            "verify: find and mend differences; link: compute the vectors and links that wait; drain: tell "
            "Elasticsearch what it has not heard, then link; rollback: have the index before the last rebuild answer "
            "again; sweep: what the beat does every hour",
        )
        parser.add_argument("--if-needed", action="store_true", help="rebuild only what is missing or differs")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it.

        Raises:
            CommandError: Elasticsearch cannot do its part now; the message says why.
        """
        try:
            report: Report = getattr(self, f"_{options['verb']}")(options)
        except EngineUnavailable as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(report) if options["json"] else _sentence(report))

    def _status(self, options: dict[str, Any]) -> Report:
        report: Report = {
            "documents": Document.objects.present().count(),
            "tombstones": Document.objects.filter(is_gone=True).count(),
            "links": Link.objects.count(),
            "waiting_for_links": unlinked().count(),
        }
        if is_set():
            from search.engines.elasticsearch.health import health
            from search.engines.elasticsearch.indexes import indexes_describe

            since = [moment for is_gone in (True, False) if (moment := waits_since(is_gone=is_gone))]
            waited = (timezone.now() - min(since)).total_seconds() if since else 0.0
            is_well, sentence = health()
            report |= {"waiting_to_be_sent": unsent().count(), "seconds_waited": round(waited)}
            report |= {"is_well": is_well, "elasticsearch": sentence}
            with contextlib.suppress(EngineUnavailable):
                report["indexes"] = indexes_describe()
        return report

    def _rebuild(self, options: dict[str, Any]) -> Report:
        report = _documents_rebuild(if_needed=options["if_needed"])
        if is_set():
            try:
                report |= self._index_rebuild(options)
            except EngineUnavailable as unavailable:
                # The site starts without: PostgreSQL answers until there is an index.
                if not options["if_needed"]:
                    raise
                self.stderr.write(f"Elasticsearch's index was not built. {unavailable}")
        return report

    def _index_rebuild(self, options: dict[str, Any]) -> Report:
        from search.engines.elasticsearch.building import index_build, is_current

        if options["if_needed"] and is_current():
            return {}
        return {"index": index_build(progress=None if options["json"] else self._progress())}

    def _progress(self) -> Callable[[int, int], None]:
        """Return what says now and then how far a build has come."""
        said = time.monotonic()

        def say(done: int, total: int) -> None:
            nonlocal said
            if time.monotonic() - said > _EVERY:
                said = time.monotonic()
                self.stdout.write(f"{done} of {total} documents")

        return say

    def _verify(self, options: dict[str, Any]) -> Report:
        report: Report = {"mended": sweep(), "documents": Document.objects.present().count()}
        if is_set():
            from search.engines.elasticsearch.comparing import indexes_verify

            report["in_indexes"] = dict(indexes_verify())
        return report

    def _drain(self, options: dict[str, Any]) -> Report:
        sent, unavailable = 0, None
        try:
            sent = outbox_empty()
        except EngineUnavailable as error:
            # Links do not wait for it.
            unavailable = error
        linked = _link_what_waits()
        if unavailable is not None:
            raise unavailable
        # Who is linked has a vector now, if that was new.
        return {"sent": sent + outbox_empty(), "linked": linked} if is_set() else {"linked": linked}

    def _link(self, options: dict[str, Any]) -> Report:
        return {"linked": _link_what_waits()}

    def _rollback(self, options: dict[str, Any]) -> Report:
        if not is_set():
            raise CommandError("No Elasticsearch is set: there is no index to go back to.")
        from search.engines.elasticsearch.indexes import index_rollback

        return {"index": index_rollback()}

    def _sweep(self, options: dict[str, Any]) -> Report:
        return {"mended": sweep()}


def _link_what_waits() -> int:
    """Link what waits, after whoever is at it already."""
    with held(Lock.LINKING, wait=True):
        return outbox_drain()


def _documents_rebuild(*, if_needed: bool) -> Report:
    code = projection_hash()
    if if_needed and IndexState.objects.filter(name="documents", value=code).exists():
        return {"documents": Document.objects.present().count()}
    buried = gone_documents_bury()
    ids = differing_pages() if if_needed else (page.pk for page in searchable_pages())
    written = documents_refresh(page_ids=list(ids))
    IndexState.objects.update_or_create(name="documents", defaults={"value": code})
    return {"written": written, "buried": buried}


def _sentence(report: Report) -> str:
    """Return a report as people read it: one line, and one for each index."""
    parts: list[str] = []
    lines: list[str] = []
    for name, value in report.items():
        if isinstance(value, list):
            lines += [", ".join(f"{key}: {part}" for key, part in one.items()) for one in value]
        elif isinstance(value, dict):
            parts += [f"{key}: {part}" for key, part in value.items()]
        else:
            parts.append(f"{name.replace('_', ' ')}: {value}")
    return "\n".join([", ".join(parts), *lines])
