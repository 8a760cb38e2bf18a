"""The sources' own pairs: each must find the other among the first few, with concepts and by text alone."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

from search.matching.evaluation.measures import Qrels, Run
from search.matching.links import scope_for
from search.matching.matcher import Matcher
from search.matching.subject import Subject, subject_of_document
from search.models import Document, Kind

FILE = Path(__file__).parent / "source_pairs.json"


@dataclass(frozen=True)
class PairResult:
    """One pair in one direction: the best rank at which the other was found (1 is first), None when not at all."""

    name: str
    direction: str
    rank: int | None


def by_slug() -> dict[str, Document]:
    """Return present documents by the last part of their address."""
    return {
        document.url.rstrip("/").rsplit("/", 1)[-1]: document for document in Document.objects.present().defer("words")
    }


def text_alone(subject: Subject) -> Subject:
    """Return a subject without anything an editor tagged."""
    return replace(subject, concepts=frozenset(), products=frozenset(), vendors=frozenset(), employers=frozenset())


def pairs_evaluate(matcher: Matcher, *, text_only: bool) -> tuple[list[PairResult], Qrels, Run]:
    """Rank both sides of every pair.

    Returns:
        A result for each pair and direction, and the judgements and run among stories that follow from them.
    """
    documents = by_slug()
    results: list[PairResult] = []
    qrels: dict[str, dict[str, int]] = {}
    run: dict[str, dict[str, float]] = {}
    for pair in json.loads(FILE.read_text(encoding="utf-8"))["pairs"]:
        other_kind = pair.get("other_kind", Kind.STORY.value)
        sides = (
            ("one → other", pair["one"], pair["other"], other_kind),
            ("other → one", pair["other"], pair["one"], "story"),
        )
        for direction, queries, wanted, kind in sides:
            ranks = []
            for slug in queries:
                if slug not in documents:
                    continue
                ranked = _ranked(matcher, documents[slug], kind, text_only=text_only)
                found = [place for place, name in enumerate(ranked, start=1) if name in wanted]
                ranks.extend(found[:1])
                if kind == other_kind == Kind.STORY:
                    qrels.setdefault(slug, {}).update(
                        {
                            name: 1
                            for name in wanted
                            if name in documents and _matchable(documents[slug], documents[name])
                        }
                    )
                    run[slug] = {name: float(len(ranked) - place) for place, name in enumerate(ranked)}
            results.append(PairResult(pair["name"], direction, min(ranks, default=None)))
    return results, qrels, run


def _matchable(one: Document, other: Document) -> bool:
    return not set(one.subsectors) & set(other.subsectors)


def _ranked(matcher: Matcher, document: Document, kind: str, *, text_only: bool) -> list[str]:
    subject = subject_of_document(document)
    if text_only:
        subject = text_alone(subject)
    scope = scope_for(kind, other_industries=kind == Kind.STORY and document.kind == Kind.STORY, subject=subject)
    return [match.document.url.rstrip("/").rsplit("/", 1)[-1] for match in matcher.rank(subject, scope)]
