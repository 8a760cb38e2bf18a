"""The matcher: a subject in, ranked and explained matches out. The one road for pages, free text and evaluation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from search.matching import signals
from search.matching.candidates import (
    Collection,
    Scope,
    collection,
    concept_candidates,
    lexical_candidates,
    nearest_candidates,
    weighted_terms,
)
from search.matching.diversification import FIRST, diversify
from search.matching.explanation import as_reasons, closest_pair, most_specific, passage_vectors
from search.matching.fusion import fuse
from search.matching.subject import Subject
from search.models import Document, Judgement


@dataclass(frozen=True)
class Match:
    """One ranked document: score, what each signal contributed, and (if asked for) the reasons."""

    document: Document
    score: float
    parts: Mapping[str, float]
    reasons: Mapping[str, Any] = field(default_factory=dict)
    confirmed: bool = False


@dataclass(frozen=True)
class Tree:
    """The concept trees as matching reads them: the value above each value, and how many lie above it."""

    parents: dict[str, str | None]
    depths: dict[str, int]

    def closure(self, values: frozenset[str]) -> frozenset[str]:
        """Return values that say something about the situation, with everything above them."""
        found: set[str] = set()
        for value in values:
            if value.partition(":")[0] not in signals.SITUATION:
                continue
            current: str | None = value
            while current is not None and current not in found:
                found.add(current)
                current = self.parents.get(current)
        return frozenset(found)


EMPTY_TREE = Tree({}, {})


class Matcher:
    """Ranks documents against a subject. Make one a request or a run: it holds collection figures and the trees."""

    def __init__(self, tree: Tree, whole: Collection | None = None, mix: dict[str, float] | None = None) -> None:
        self.tree = tree
        self.whole = whole or collection()
        self.mix = mix

    def rank(self, subject: Subject, scope: Scope) -> list[Match]:
        """Return every candidate, best first, before diversification and without reasons."""
        terms = weighted_terms(subject, self.whole)
        ids = sorted(
            {
                *lexical_candidates(terms, self.whole, scope),
                *nearest_candidates(subject, scope),
                *concept_candidates(subject, scope),
            }
        )
        if not ids:
            return []
        by_id = Document.objects.defer("body", "words", "labels").in_bulk(ids)
        ids = [pk for pk in ids if pk in by_id]
        documents = [by_id[pk] for pk in ids]
        measured = self._signals(subject, terms, documents)
        scores, parts = fuse(measured, self.mix)
        order = sorted(range(len(ids)), key=lambda i: (-scores[i], str(documents[i].public_id)))
        return [
            Match(documents[i], float(scores[i]), {name: float(part[i]) for name, part in parts.items()}) for i in order
        ]

    def _signals(
        self, subject: Subject, terms: dict[str, float], documents: Sequence[Document]
    ) -> dict[str, signals.Scores]:
        ids = [document.pk for document in documents]
        measured = {"lexical": signals.lexical(terms, ids, self.whole)}
        semantic = signals.semantic(subject, ids)
        if semantic is not None:
            measured["semantic"] = semantic
        mine = self.tree.closure(subject.concepts)
        if mine:
            theirs = [self.tree.closure(frozenset(document.concepts)) for document in documents]
            weights = signals.concept_weights(set(mine).union(*theirs), self.tree.depths, self.whole)
            measured["concepts"] = signals.concepts(mine, theirs, weights)
        products = signals.products(subject, documents)
        if products is not None:
            measured["products"] = products
        return measured

    def explain(self, subject: Subject, matches: Sequence[Match]) -> list[Match]:
        """Return the matches with their reasons."""
        if not matches:
            return []
        ids = [match.document.pk for match in matches]
        documents = {
            document.pk: [passage.text for passage in document.passages.all()]
            for document in Document.objects.filter(pk__in=ids).only("pk").prefetch_related("passages")
        }
        texts = [text for pk in ids for text in documents[pk]]
        all_vectors = passage_vectors([*subject.passages, *texts])
        mine_vectors = all_vectors[: len(subject.passages)] if all_vectors is not None else None
        mine = self.tree.closure(subject.concepts)
        explained, at = [], len(subject.passages)
        for match in matches:
            theirs = documents[match.document.pk]
            vectors = all_vectors[at : at + len(theirs)] if all_vectors is not None else None
            at += len(theirs)
            shared = set(mine) & self.tree.closure(frozenset(match.document.concepts))
            reasons = as_reasons(
                most_specific(shared, self.tree.parents),
                sorted(subject.products & set(match.document.products)),
                sorted(subject.vendors & set(match.document.vendors)),
                closest_pair(subject.passages, theirs, mine_vectors, vectors),
                dict(match.parts),
            )
            explained.append(Match(match.document, match.score, match.parts, reasons, match.confirmed))
        return explained

    def match(self, subject: Subject, scope: Scope, *, limit: int = FIRST) -> list[Match]:
        """Return the best matches, editors' word first, diversified by sector, with their reasons.

        Args:
            subject: what to match.
            scope: which documents may be matched.
            limit: how many.
        """
        ranked = with_judgements(subject, self.rank(subject, scope))
        order = diversify([match.document.sectors for match in ranked], first=min(limit, FIRST))
        return self.explain(subject, [ranked[i] for i in order[:limit]])


def with_judgements(subject: Subject, ranked: list[Match]) -> list[Match]:
    """Return the ranking with dismissed matches gone and confirmed ones first. An editor's word beats the machine."""
    if subject.document_id is None:
        return ranked
    verdicts = judged(subject.document_id)
    kept = [match for match in ranked if verdicts.get(match.document.pk) != Judgement.Verdict.DISMISSED]
    missing = {pk for pk, verdict in verdicts.items() if verdict == Judgement.Verdict.CONFIRMED}
    missing -= {match.document.pk for match in kept}
    kinds = {match.document.kind for match in kept}
    added = [
        Match(document, 0.0, {}, confirmed=True)
        for document in Document.objects.present().filter(pk__in=missing, kind__in=kinds)
    ]
    confirmed = [
        Match(match.document, match.score, match.parts, confirmed=True)
        for match in kept
        if verdicts.get(match.document.pk) == Judgement.Verdict.CONFIRMED
    ]
    rest = [match for match in kept if verdicts.get(match.document.pk) != Judgement.Verdict.CONFIRMED]
    return [*confirmed, *added, *rest]


def judged(document_id: int) -> dict[int, str]:
    """Return editors' verdicts on a document: the other document's id → verdict."""
    rows = Judgement.objects.filter(Q(first_id=document_id) | Q(second_id=document_id))
    return {
        (second if first == document_id else first): str(verdict)
        for first, second, verdict in rows.values_list("first_id", "second_id", "verdict")
    }
