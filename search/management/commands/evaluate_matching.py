"""``manage.py evaluate_matching``: how good the site's matcher is, on the sources' pairs or any judged corpus."""

import dataclasses
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from search.embeddings import encoder, encoder_status
from search.matching.by_columns import measure_by_columns
from search.matching.evaluation.corpus import Corpus, CorpusError, corpus_load, read_corpus, read_qrels, shadow_tables
from search.matching.evaluation.fitting import Examples, examples_collect, fit
from search.matching.evaluation.injuries import injuries_read
from search.matching.evaluation.measures import Figure, measure
from search.matching.evaluation.pairs import pairs_evaluate
from search.matching.evaluation.runs import Runs
from search.matching.evaluation.taught import taught_parts
from search.matching.fusion import WEIGHTS_FILE, WeightsError, weights, weights_read
from search.matching.matcher import Matcher
from search.matching.trees import EMPTY_TREE, tree_of
from search.models import Document
from search.vocabulary import Vocabulary


@dataclass(frozen=True)
class Source:
    """A judged collection: what it is called, and what reads its rows and judgements."""

    name: str
    read: Callable[[], tuple[list[dict[str, Any]], dict[str, dict[str, int]]]]
    # All judgements there are, where more are known than are asked about.
    known: Callable[[], dict[str, dict[str, int]]]


class Command(BaseCommand):
    """Measure matching."""

    help = "Measure the matcher: nDCG@10, P@5, MRR and recall@50, beside random, BM25, the encoder and their fusion."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say on what."""
        parser.add_argument(
            "--corpus",
            type=Path,
            action="append",
            default=[],
            help="JSON lines: id, and optionally title, text, industry, concepts; more than one for more collections",
        )
        parser.add_argument("--qrels", type=Path, action="append", default=[], help="TREC qrels, one for each corpus")
        parser.add_argument(
            "--injuries", type=Path, help="a CSV of severe injury reports (OSHA), judged by event and source of injury"
        )
        parser.add_argument("--queries", type=int, help="measure only so many queries, drawn with a fixed seed")
        parser.add_argument("--cache", type=Path, help="a folder that keeps vectors between runs")
        parser.add_argument("--ablate", action="store_true", help="also measure without each signal")
        parser.add_argument(
            "--fit", action="store_true", help="fit the weights, and write them where they win on queries not seen"
        )
        parser.add_argument(
            "--taught",
            action="store_true",
            help="also measure (and fit) with what other judgements teach: the queries in five parts, each when every "
            "pair is confirmed that touches none of them",
        )
        parser.add_argument("--weights", type=Path, default=WEIGHTS_FILE, help="where a fit is written")
        parser.add_argument(
            "--start", type=Path, default=WEIGHTS_FILE, help="the weights that a fit begins from, and has to beat"
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure and print."""
        if len(options["corpus"]) != len(options["qrels"]):
            raise CommandError("Give --corpus and --qrels together, or neither for the sources' own pairs.")
        model = encoder()
        if model is None:
            _works, why = encoder_status()
            self.stderr.write(f"{why} Vectors count for nothing in these figures.")
        try:
            start = weights_read(options["start"])
            sources = [
                Source(corpus.stem, partial(_files, corpus, qrels), partial(read_qrels, qrels))
                for corpus, qrels in zip(options["corpus"], options["qrels"], strict=True)
            ]
            if options["injuries"]:
                path = options["injuries"]
                sources.append(Source("injuries", partial(injuries_read, path), partial(_all_injuries, path)))
            if options["fit"] and not sources:
                raise CommandError("Give --corpus and --qrels, or --injuries: weights are never fitted to the pairs.")
            report = self._collections(sources, start, options) if sources else self._pairs()
        except (CorpusError, WeightsError, OSError) as error:
            raise CommandError(str(error)) from error
        report["model"] = model.name if model else None
        if options["json"]:
            self.stdout.write(json.dumps(report, indent=2, ensure_ascii=False))
        else:
            self._print(report)

    def _pairs(self) -> dict[str, Any]:
        matcher = Matcher(tree_of(Vocabulary.load("en")))
        report: dict[str, Any] = {"documents": Document.objects.present().count(), "pairs": {}}
        for name, text_only in (("with_concepts", False), ("text_alone", True)):
            results, qrels, run = pairs_evaluate(matcher, text_only=text_only)
            report["pairs"][name] = [dataclasses.asdict(result) for result in results]
            report["ranker" if name == "with_concepts" else "ranker_text_alone"] = _figures(measure(qrels, run))
        return report

    def _collections(self, sources: list[Source], start: dict[str, float], options: dict[str, Any]) -> dict[str, Any]:
        """Measure each collection. The report of a single one stands by itself, those of several below "corpora"."""
        reports, examples = {}, []
        for source in sources:
            rows, qrels = source.read()
            cache = options["cache"]
            if cache is not None:
                cache.mkdir(parents=True, exist_ok=True)
            with shadow_tables():
                corpus = corpus_load(rows, cache=cache / f"{source.name}.npz" if cache is not None else None)
                judged = _drawn(corpus, qrels, options["queries"])
                reports[source.name] = self._corpus(corpus, judged, ablate=options["ablate"])
                names = sorted(weights()) if options["fit"] else []
                if options["taught"]:
                    figures, seen = _taught(source, corpus, judged, names)
                    reports[source.name]["taught"] = figures
                    examples.append(seen)
                elif names:
                    examples.append(examples_collect(source.name, corpus, judged, _matcher(), names))
        report = {"corpora": reports} if len(reports) > 1 else next(iter(reports.values()))
        if options["fit"]:
            report["fit"] = _fitted(examples, start, options["weights"])
        return report

    def _corpus(self, corpus: Corpus, judged: dict[str, dict[str, int]], *, ablate: bool) -> dict[str, Any]:
        report = self._measured(corpus, judged, baselines=True, mix=None)
        report |= {"documents": len(corpus.documents), "queries": len(judged), "weights": weights()}
        if ablate:
            report["without"] = {
                name: self._measured(corpus, judged, baselines=False, mix={**weights(), name: 0.0})["ranker"]
                for name in weights()
            }
        return report

    @staticmethod
    def _measured(
        corpus: Corpus, qrels: dict[str, dict[str, int]], *, baselines: bool, mix: dict[str, float] | None
    ) -> dict[str, Any]:
        runs = Runs(corpus, _matcher(mix)).collect(list(qrels), baselines=baselines)
        return {name: _figures(measure(qrels, run)) for name, run in runs.items()}

    def _print(self, report: dict[str, Any]) -> None:
        for name, one in report.get("corpora", {}).items():
            self.stdout.write(name)
            self._print(one)
        for name, results in report.get("pairs", {}).items():
            self.stdout.write(name.replace("_", " "))
            for result in results:
                self.stdout.write(f"  {result['rank'] or 'not found':>9}  {result['direction']:<12} {result['name']}")
        for name, figures in report.items():
            if isinstance(figures, dict) and "nDCG@10" in figures:
                shown = "  ".join(f"{key} {value:.3f}" for key, value in figures.items() if isinstance(value, float))
                low, high = figures["interval"]["nDCG@10"]
                self.stdout.write(f"{name:>20}: {shown}  (nDCG@10 95 %: {low:.3f} to {high:.3f})")
        for name, figures in report.get("without", {}).items():
            self.stdout.write(f"{'without ' + name:>20}: nDCG@10 {figures['nDCG@10']:.3f}")
        if fitted := report.get("fit"):
            self.stdout.write(f"fit: {fitted['weights']}")
            for name, before in fitted["held_out_before"].items():
                self.stdout.write(
                    f"  {name}, held out: nDCG@10 {before:.4f} before, {fitted['held_out'][name]:.4f} after"
                )
            self.stdout.write(fitted["sentence"])


def _matcher(mix: dict[str, float] | None = None) -> Matcher:
    """Return the site's matcher on a corpus, which has no concept trees and is in no index of Elasticsearch."""
    return Matcher(EMPTY_TREE, mix=mix, measure=measure_by_columns)


def _taught(
    source: Source, corpus: Corpus, judged: dict[str, dict[str, int]], names: list[str]
) -> tuple[dict[str, Any], Examples]:
    """Return how the matcher does when it is taught by other judgements, and what it saw then of the signals named."""
    run: dict[str, dict[str, float]] = {}
    seen = Examples(source.name, tuple(names))
    for queries in taught_parts(corpus, list(judged), source.known()):
        run |= Runs(corpus, _matcher()).collect(queries, baselines=False)["ranker"]
        if names:
            seen += examples_collect(source.name, corpus, judged, _matcher(), names, queries=queries)
    return _figures(measure(judged, run)), seen


def _all_injuries(path: Path) -> dict[str, dict[str, int]]:
    return injuries_read(path, queries=None)[1]


def _files(corpus: Path, qrels: Path) -> tuple[list[dict[str, Any]], dict[str, dict[str, int]]]:
    return list(read_corpus(corpus)), read_qrels(qrels)


def _drawn(corpus: Corpus, qrels: dict[str, dict[str, int]], count: int | None) -> dict[str, dict[str, int]]:
    """Return the judgements that a corpus has documents for, of so many queries at most."""
    known = {
        query: {document: grade for document, grade in grades.items() if document in corpus.documents}
        for query, grades in qrels.items()
        if query in corpus.documents
    }
    queries = sorted(query for query, grades in known.items() if any(grade > 0 for grade in grades.values()))
    if count and count < len(queries):
        queries = sorted(random.Random(1).sample(queries, count))  # noqa: S311
    return {query: known[query] for query in queries}


def _fitted(examples: list[Examples], start: dict[str, float], path: Path) -> dict[str, Any]:
    """Fit the weights, write them if they win, and return what is to be said of it."""
    found = fit(examples, start)
    low, high = found.interval
    figures = {name: round(after, 4) for name, after in found.after.items()}
    collections = ", ".join(f"{one.name} ({len(one.signals)} queries)" for one in examples)
    origin = (
        f"Fitted by coordinate ascent on nDCG@10 to {collections}; on queries left out {100 * found.gain:+.1f} % "
        f"against the weights that it began from, {json.dumps(start)} (95 %: {100 * low:+.1f} to {100 * high:+.1f}), "
        f"nDCG@10 {figures}. What varies in no collection keeps its weight."
    )
    if found.wins:
        today = timezone.localdate().isoformat()
        path.write_text(json.dumps({"origin": origin, "date": today, "weights": found.weights}, indent=2) + "\n")
    return {
        "weights": found.weights,
        "held_out_before": {name: round(before, 4) for name, before in found.before.items()},
        "held_out": figures,
        "gain": round(found.gain, 4),
        "interval": [round(low, 4), round(high, 4)],
        "adopted": found.wins,
        "sentence": f"Written to {path.name}."
        if found.wins
        else "Not better than before by more than chance: not written.",
    }


def _figures(measured: dict[str, Figure]) -> dict[str, Any]:
    return {
        **{name: round(figure.mean, 4) for name, figure in measured.items()},
        "interval": {name: [round(figure.low, 4), round(figure.high, 4)] for name, figure in measured.items()},
    }
