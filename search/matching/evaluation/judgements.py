"""Editors' judgements as test data: TREC qrels, and the public documents that they are about as a corpus.

Together they are what ``manage.py evaluate_matching --corpus --qrels`` reads.
"""

from collections.abc import Iterator
from typing import Any

from search.matching.signals.weighing import SITUATION
from search.matching.subject import whole_text
from search.models import Document, Judgement

GRADES = {Judgement.Verdict.CONFIRMED.value: 1, Judgement.Verdict.DISMISSED.value: 0}


def judgement_qrels() -> Iterator[str]:
    """Return a line for each judgement and direction: query, 0, document, grade. Of what is public only, in order."""
    rows = Judgement.objects.filter(first__is_gone=False, second__is_gone=False)
    lines = []
    for first, second, verdict in rows.values_list("first__public_id", "second__public_id", "verdict"):
        lines.append(f"{first} 0 {second} {GRADES[verdict]}")
        lines.append(f"{second} 0 {first} {GRADES[verdict]}")
    yield from sorted(lines)


def public_corpus() -> Iterator[dict[str, Any]]:
    """Return every public document: ``id``, ``title``, ``text``, ``industry`` (its subsectors), ``concepts``.

    The concepts are those that say something about the situation, with everything above them, as the matcher compares
    them: a corpus has no tree of its own.
    """
    documents = (
        Document.objects.present()
        .order_by("public_id")
        .only("public_id", "title", "standfirst", "body", "subsectors", "facets")
    )
    for document in documents.iterator():
        yield {
            "id": str(document.public_id),
            "title": document.title,
            "text": whole_text("", document.standfirst, document.body),
            "industry": document.subsectors,
            "concepts": [value for value in document.facets if value.partition(":")[0] in SITUATION],
        }
