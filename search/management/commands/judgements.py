"""``manage.py judgements export``: what editors said about links, as test data for any matcher."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from search.matching.evaluation.judgements import judgement_qrels, public_corpus


class Command(BaseCommand):
    """Export editors' judgements, or the documents they are about."""

    help = "Print editors' judgements as TREC qrels (confirmed 1, dismissed 0), or the public documents as JSON lines."

    def add_arguments(self, parser: CommandParser) -> None:
        """One verb, and what of it."""
        parser.add_argument("verb", choices=["export"])
        parser.add_argument("--format", choices=["qrels"], default="qrels", help="of the judgements")
        parser.add_argument(
            "--corpus",
            action="store_true",
            help="print the public documents instead: id, title, text, industry, concepts; ids as in the qrels",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print."""
        if options["corpus"]:
            for row in public_corpus():
                self.stdout.write(json.dumps(row, ensure_ascii=False))
        else:
            for line in judgement_qrels():
                self.stdout.write(line)
