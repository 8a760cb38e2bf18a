"""``manage.py evaluate_matching``: how good the site's matcher is, on the sources' pairs or any judged corpus."""

import dataclasses
import json
import random
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from search.matching.evaluation.corpus import Corpus, CorpusError, corpus_load, read_corpus, read_qrels, shadow_tables
from search.matching.evaluation.measures import Figure, measure
from search.matching.evaluation.pairs import pairs_evaluate
from search.matching.evaluation.runs import Runs
from search.matching.fusion import weights
from search.matching.matcher import EMPTY_TREE, Matcher
from search.matching.trees import tree_of
from search.models import Document
from search.vocabulary import Vocabulary


class Command(BaseCommand):
    """Measure matching."""

    help = "Measure the matcher: nDCG@10, P@5, MRR and recall@50, beside random, BM25, the encoder and their fusion."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say on what."""
        parser.add_argument(
            "--corpus", type=Path, help="JSON lines: id, and optionally title, text, industry, concepts"
        )
        parser.add_argument("--qrels", type=Path, help="TREC qrels for the corpus")
        parser.add_argument("--queries", type=int, help="measure only so many queries, drawn with a fixed seed")
        parser.add_argument("--cache", type=Path, help="a .npz file that keeps the corpus's vectors between runs")
        parser.add_argument("--ablate", action="store_true", help="also measure without each signal")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure and print."""
        if bool(options["corpus"]) != bool(options["qrels"]):
            raise CommandError("Give --corpus and --qrels together, or neither for the sources' own pairs.")
        try:
            report = self._corpus(options) if options["corpus"] else self._pairs()
        except (CorpusError, OSError) as error:
            raise CommandError(str(error)) from error
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

    def _corpus(self, options: dict[str, Any]) -> dict[str, Any]:
        qrels = read_qrels(options["qrels"])
        with shadow_tables():
            corpus = corpus_load(list(read_corpus(options["corpus"])), cache=options["cache"])
            known = {
                query: {document: grade for document, grade in grades.items() if document in corpus.documents}
                for query, grades in qrels.items()
                if query in corpus.documents
            }
            queries = sorted(query for query, grades in known.items() if any(grade > 0 for grade in grades.values()))
            if options["queries"] and options["queries"] < len(queries):
                queries = sorted(random.Random(1).sample(queries, options["queries"]))  # noqa: S311
            judged = {query: known[query] for query in queries}
            report = self._measured(corpus, judged, baselines=True, mix=None)
            report |= {"documents": len(corpus.documents), "queries": len(queries), "weights": weights()}
            if options["ablate"]:
                report["without"] = {
                    name: self._measured(corpus, judged, baselines=False, mix={**weights(), name: 0.0})["ranker"]
                    for name in weights()
                }
        return report

    @staticmethod
    def _measured(
        corpus: Corpus, qrels: dict[str, dict[str, int]], *, baselines: bool, mix: dict[str, float] | None
    ) -> dict[str, Any]:
        runs = Runs(corpus, Matcher(EMPTY_TREE, mix=mix)).collect(list(qrels), baselines=baselines)
        return {name: _figures(measure(qrels, run)) for name, run in runs.items()}

    def _print(self, report: dict[str, Any]) -> None:
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


def _figures(measured: dict[str, Figure]) -> dict[str, Any]:
    return {
        **{name: round(figure.mean, 4) for name, figure in measured.items()},
        "interval": {name: [round(figure.low, 4), round(figure.high, 4)] for name, figure in measured.items()},
    }
