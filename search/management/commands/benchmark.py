"""``manage.py benchmark search|matching``: how quick either is on a corpus of any size."""

import json
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from search.benchmarking import bare, tables
from search.benchmarking.bulk import corpus_load
from search.benchmarking.linking import linking_measure
from search.benchmarking.matching import matching_measure
from search.benchmarking.measuring import measure, throughput, warm
from search.benchmarking.queries import Asker
from search.benchmarking.sentences import NarrativesError, Pool, pool_make
from search.embeddings import encoder
from search.engines.choosing import engine
from search.engines.snapshots import columns
from search.matching.by_columns import measure_by_columns
from search.matching.candidates import Measure
from search.matching.latent import latent_take
from search.matching.vectorizing import smooth_collection
from search.vocabulary import Vocabulary

# So many documents are not written one after another, but indexed when all are there; for search without vectors, and
# for matching with vectors that neighbours have not smoothed.
BULK_FROM = 200_000
# Before the time is taken, one question is asked for so many that are measured.
WARMING = 5
# How long, at most, a corpus is waited for after it was filled.
SETTLING_SECONDS = 600


class Command(BaseCommand):
    """Loads a corpus where no page can reach it, asks it a thousand questions, and says how long each kind took."""

    help = "Measure search on a corpus put together from real sentences. Nothing of it is ever on the site."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to measure, on what."""
        parser.add_argument("what", choices=["search", "matching"])
        parser.add_argument("--engine", choices=["postgres", "elasticsearch"], default="postgres")
        parser.add_argument("--documents", type=int, default=10_000)
        parser.add_argument("--narratives", type=Path, help="CSV with a column narrative, or one text a line; or .gz")
        parser.add_argument("--queries", type=int, default=1000)
        parser.add_argument("--publications", type=int, default=20, help="stories that are published (matching)")
        parser.add_argument("--no-vectors", action="store_true", help="leave vectors out, which take longest to load")
        parser.add_argument("--keep", action="store_true", help="keep the corpus for the next run")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, measure, and leave nothing behind unless asked to."""
        if options["documents"] < 100:
            raise CommandError("A corpus of fewer than a hundred documents says nothing: name more with --documents.")
        beside = options["engine"] == "elasticsearch"
        if beside and not settings.ELASTICSEARCH_URL:
            raise CommandError("Set ELASTICSEARCH_URL to the server that is to be measured.")
        settings.ELASTICSEARCH_URL = settings.ELASTICSEARCH_URL if beside else ""
        try:
            pool = pool_make(narratives=options["narratives"], cache=Path(settings.DATA_DIR) / "benchmark")
        except NarrativesError as error:
            raise CommandError(str(error)) from error
        if options["no_vectors"] or (options["documents"] > BULK_FROM and options["what"] == "search"):
            pool = Pool(pool.sentences, None)
        schema = tables.schema_name(options["documents"], what=options["what"], engine=options["engine"])
        # Each corpus that is kept has an index of its own.
        settings.ELASTICSEARCH_PREFIX = f"{settings.ELASTICSEARCH_PREFIX}-{schema.replace('_', '-')}"
        vocabulary = Vocabulary.load("en")
        try:
            report = self._report(pool, vocabulary, schema, options)
        finally:
            if not options["keep"]:
                self._clean(schema)
        if options["json"]:
            self.stdout.write(json.dumps(report))
        else:
            self._table(report)

    def _report(self, pool: Pool, vocabulary: Vocabulary, schema: str, options: dict[str, Any]) -> dict[str, Any]:
        report: dict[str, Any] = {"engine": options["engine"], "documents": options["documents"]}
        if not tables.schema_exists(schema):
            tables.schema_make(schema)
            with tables.looking_into(schema):
                if options["what"] == "matching":
                    self._learn(pool, vocabulary, schema, options)
                else:
                    report["loading"] = self._load(pool, vocabulary, schema, options["documents"])
        with tables.looking_into(schema):
            if options["engine"] == "elasticsearch":
                report["indexing"] = self._index(options["documents"])
                if report["indexing"]:
                    self._settle(schema)
            answering = engine()
            if answering.name != options["engine"]:
                raise CommandError(f"The engine does not answer: {answering.breaker and answering.breaker.cause}")
            if options["what"] == "search" or options["engine"] == "postgres":
                started = time.perf_counter()
                columns()
                report["columns_seconds"] = round(time.perf_counter() - started, 2)
            if options["what"] == "matching":
                report["kinds"] = {
                    "match": matching_measure(vocabulary, stories=options["queries"], measure=_measure(options))
                }
                if options["publications"]:
                    report["kinds"]["publication"] = linking_measure(
                        pool, vocabulary, schema=schema, publications=options["publications"]
                    )
                report["disk_megabytes"] = self._disk(schema)
                return report
            asker = Asker(pool)
            questions = asker.questions(options["queries"])
            ask = bare.elasticsearch if options["engine"] == "elasticsearch" else bare.postgres
            # Drawn after the others, and so other ones.
            warm(asker.questions(max(1, options["queries"] // WARMING)), ask)
            if options["engine"] == "elasticsearch":
                self._forget()
            report["kinds"] = measure(questions, answering, ask)
            report["eight_clients"] = throughput(questions)
        report["disk_megabytes"] = self._disk(schema)
        return report

    def _learn(self, pool: Pool, vocabulary: Vocabulary, schema: str, options: dict[str, Any]) -> None:
        """Load what matching reads, and learn the collection as the site does."""
        current, count = encoder(), options["documents"]
        name = current.name if current and pool.vectors is not None else ""
        corpus_load(pool, vocabulary, documents=count, schema=schema, encoder=name)
        latent_take()
        if name and count <= BULK_FROM:
            smooth_collection()
        # Elasticsearch has an index of its own; what is published asks the database who its neighbours are.
        asked = options["engine"] == "postgres" or options["publications"] > 0
        tables.schema_finish(schema, vectors=bool(name) and asked)

    def _load(self, pool: Pool, vocabulary: Vocabulary, schema: str, count: int) -> dict[str, float]:
        """Load what search reads, and return how quickly: all indexes included, making it up not."""
        current = encoder()
        name = current.name if current and pool.vectors is not None else ""
        started = time.perf_counter()
        making = corpus_load(pool, vocabulary, documents=count, schema=schema, encoder=name)
        tables.schema_finish(schema, vectors=bool(name))
        return {**_rate(count, time.perf_counter() - started - making), "making_seconds": round(making, 1)}

    def _forget(self) -> None:
        """Have Elasticsearch forget the counts that it keeps: a corpus may have been asked the same before."""
        from search.engines.elasticsearch.client import MANAGE_SECONDS, client
        from search.engines.elasticsearch.mapping import alias

        client(seconds=MANAGE_SECONDS).indices.clear_cache(index=alias(), request=True)

    def _index(self, count: int) -> dict[str, float]:
        from search.engines.elasticsearch.building import index_build
        from search.models import EngineIndex

        if EngineIndex.objects.filter(state=EngineIndex.State.SERVING).exists():
            return {}
        started = time.perf_counter()
        index_build()
        return _rate(count, time.perf_counter() - started)

    def _settle(self, schema: str) -> None:
        """Wait until what filling has set off is done, as on a site that was not filled a moment ago.

        PostgreSQL clears away the rows that were written again when they were sent, Elasticsearch merges segments.
        """
        from search.engines.elasticsearch.client import MANAGE_SECONDS, client
        from search.engines.elasticsearch.mapping import alias

        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM (ANALYZE) {schema}.search_document")
        until = time.monotonic() + SETTLING_SECONDS
        quiet = 0
        while quiet < 3 and time.monotonic() < until:
            stats = client(seconds=MANAGE_SECONDS).indices.stats(index=alias(), metric="merge")
            quiet = 0 if stats["_all"]["total"]["merges"]["current"] else quiet + 1
            time.sleep(1)

    def _disk(self, schema: str) -> dict[str, int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) / 1048576 FROM pg_class c "
                "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relkind = 'r'",
                [schema],
            )
            found = {"postgres": int(cursor.fetchone()[0])}
        if settings.ELASTICSEARCH_URL:
            from search.engines.elasticsearch.client import client
            from search.engines.elasticsearch.mapping import alias

            stats = client().indices.stats(index=alias(), metric="store")
            found["elasticsearch"] = int(stats["_all"]["total"]["store"]["size_in_bytes"]) // 2**20
        return found

    def _clean(self, schema: str) -> None:
        if settings.ELASTICSEARCH_URL and tables.schema_exists(schema):
            from search.engines.elasticsearch.indexes import index_drop
            from search.models import EngineIndex

            with tables.looking_into(schema):
                for name in list(EngineIndex.objects.values_list("name", flat=True)):
                    index_drop(name)
        tables.schema_drop(schema)

    def _table(self, report: dict[str, Any]) -> None:
        kinds = report.pop("kinds")
        self.stdout.write(", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in report.items()))
        self.stdout.write(f"{'milliseconds':<18}{'':<8}{'n':>5}{'p50':>9}{'p95':>9}{'p99':>9}")
        for kind, rows in kinds.items():
            for who, row in rows.items():
                if "p50" not in row:
                    self.stdout.write(f"{who}: {row}")
                    continue
                figures = f"{row['n']:>5}{row['p50']:>9}{row['p95']:>9}{row['p99']:>9}"
                self.stdout.write(f"{kind.replace('_', ' '):<18}{who:<8}{figures}")


def _rate(count: int, seconds: float) -> dict[str, float]:
    return {"seconds": round(seconds, 1), "documents_per_second": round(count / seconds, 1)}


def _measure(options: dict[str, Any]) -> Measure:
    """Return who finds candidates by the engine that is to be measured."""
    if options["engine"] == "postgres":
        return measure_by_columns
    from search.matching.by_index import measure_by_index

    return measure_by_index
