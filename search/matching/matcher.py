"""The matcher: a subject in, ranked and explained matches out. The one road for pages, free text and evaluation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from django.db.models import Q

from search.encoders.base import Vectors
from search.matching.candidates import Candidates, Measure, Measured, Scope
from search.matching.centre import centres
from search.matching.diversification import FIRST, diversify
from search.matching.explanation import as_reasons, most_specific, telling_pair, told_of
from search.matching.fusion import fuse, trusted, weights
from search.matching.measuring import measured
from search.matching.signals.vectors import passages
from search.matching.signals.weighing import Scores
from search.matching.subject import Subject, employers_of
from search.matching.trees import Tree
from search.models import Document, Judgement, Passage
from search.vectors import passages_read, vectors_read

# So many of the best are compared sentence by sentence, and so many are ranked at all.
MOST_COMPARED, MOST_RANKED = 100, 200
# What is read of those that are ranked; of those that are shown, all but their long texts.
RANKED_BY, LONG = ("kind", "sectors", "concepts", "url"), ("body", "words", "labels")
# What is shown is chosen from so many of the best, so that there are several industries among them.
MOST_CHOSEN_FROM = 60


@dataclass(frozen=True)
class Match:
    """One ranked document: score, what each signal said and contributed to it, and (if asked for) the reasons."""

    document: Document
    score: float
    parts: Mapping[str, float]
    reasons: Mapping[str, Any] = field(default_factory=dict)
    confirmed: bool = False
    values: Mapping[str, float] = field(default_factory=dict)


class Matcher:
    """Ranks documents against a subject. Make one a request or a run: it holds trees, weights and centre."""

    def __init__(
        self,
        tree: Tree,
        mix: dict[str, float] | None = None,
        *,
        measure: Measure = measured,
    ) -> None:
        self.tree = tree
        self.mix = weights() if mix is None else mix
        self.around = centres()
        self._measure = measure

    def measure(self, subject: Subject | Measured) -> Measured:
        """Return a subject beside the whole collection; one that is measured already as it is."""
        return self._measure(subject, self.tree) if isinstance(subject, Subject) else subject

    def rank(self, subject: Subject | Measured, scope: Scope, *, limit: int = MOST_RANKED) -> list[Match]:
        """Return the best candidates, best first, before diversification and without reasons.

        Of their documents only ``RANKED_BY`` is read.

        Args:
            subject: what to match; ``measure`` it first where several scopes are asked about.
            scope: which documents may be matched.
            limit: how many, at most.
        """
        beside = self.measure(subject)
        found = beside.candidates(scope)
        if not len(found):
            return []
        values = dict(found.signals)
        mix = trusted(self.mix, values, sentences=len(beside.subject.passages))
        scores, parts = fuse(values, mix)
        order = found.ordered(scores)
        first = order[:MOST_COMPARED]
        compared = found.at(first)
        fine = self.compared(beside.subject, compared)
        if fine is not None:
            fine_scores, fine_parts = fuse(fine, mix)
            # Who was not compared sentence by sentence stands behind those who were.
            gap = fine_scores.min() - scores[order[len(first)]] if len(order) > len(first) else 0.0
            scores = scores + min(gap, 0.0)
            scores[first] = fine_scores
            parts = {name: parts.get(name, np.zeros(len(found))) for name in fine_parts}
            for name, part in fine_parts.items():
                parts[name][first] = part
            values["passages"] = np.zeros(len(found))
            values["passages"][first] = fine["passages"]
            order = np.concatenate([first[compared.ordered(fine_scores)], order[len(first) :]])
        order = order[:limit]
        ids = [int(pk) for pk in found.ids]
        documents = Document.objects.present().only(*RANKED_BY).in_bulk([ids[i] for i in order])
        return [
            Match(
                documents[ids[i]],
                float(scores[i]),
                {name: float(part[i]) for name, part in parts.items()},
                values={name: float(some[i]) for name, some in values.items()},
            )
            for i in order
            if ids[i] in documents
        ]

    def compared(self, subject: Subject, found: Candidates) -> dict[str, Scores] | None:
        """Return the signals of candidates with that of their sentences; None where sentences cannot be compared."""
        answers = passages(subject, [int(pk) for pk in found.ids], self.around)
        return None if answers is None else {**found.signals, "passages": answers}

    def explain(self, subject: Subject, matches: Sequence[Match]) -> list[Match]:
        """Return the matches with their reasons, and all of their documents but their long texts.

        One whose document is gone meanwhile is left out.
        """
        if not matches:
            return []
        ids = [match.document.pk for match in matches]
        documents = Document.objects.present().defer(*LONG).in_bulk(ids)
        texts: dict[int, list[str]] = {pk: [] for pk in ids}
        for pk, text in Passage.objects.filter(document__in=ids).order_by("position").values_list("document", "text"):
            texts[pk].append(text)
        mine_vectors = subject.passage_vectors
        stored, wholes = dict[int, tuple[str, Vectors]](), dict[int, Vectors]()
        if mine_vectors is not None:
            stored = passages_read(ids, dimensions=mine_vectors.shape[1])
            known, _languages, own = vectors_read(ids)
            wholes = dict(zip(known, own, strict=True))
        told = told_of(subject.passages, mine_vectors, subject.own, subject.language, self.around)
        mine = self.tree.closure(subject.concepts)
        explained = []
        for match in matches:
            document = documents.get(match.document.pk)
            if document is None:
                continue
            language, vectors = stored.get(document.pk, (document.language, None))
            theirs = told_of(texts[document.pk], vectors, wholes.get(document.pk), language, self.around)
            shared = set(mine) & self.tree.closure(frozenset(document.concepts))
            reasons = as_reasons(
                most_specific(shared, self.tree.parents),
                sorted(subject.products & set(document.products)),
                sorted(subject.vendors & set(document.vendors)),
                [document.card["employer"]] if subject.employers & employers_of(document) else [],
                telling_pair(told, theirs),
                match.parts,
                match.values,
            )
            explained.append(replace(match, document=document, reasons=reasons))
        return explained

    def match(self, subject: Subject | Measured, scope: Scope, *, limit: int = FIRST) -> list[Match]:
        """Return the best matches, editors' word first, diversified by sector, with their reasons.

        Args:
            subject: what to match.
            scope: which documents may be matched.
            limit: how many.
        """
        beside = self.measure(subject)
        return self.explain(beside.subject, self.chosen(beside, scope, limit=limit))

    def chosen(self, subject: Subject | Measured, scope: Scope, *, limit: int) -> list[Match]:
        """Return the best matches as ``match`` does, without reasons."""
        beside = self.measure(subject)
        ranked = with_judgements(beside.subject, self.rank(beside, scope, limit=MOST_CHOSEN_FROM))
        order = diversify([match.document.sectors for match in ranked], first=min(limit, FIRST))
        return [ranked[i] for i in order[:limit]]


def with_judgements(subject: Subject, ranked: list[Match]) -> list[Match]:
    """Return the ranking with dismissed matches gone and confirmed ones first. An editor's word beats the machine."""
    if subject.document_id is None:
        return ranked
    verdicts = judged(subject.document_id)
    if not verdicts:
        return ranked
    kept = [match for match in ranked if verdicts.get(match.document.pk) != Judgement.Verdict.DISMISSED]
    missing = {pk for pk, verdict in verdicts.items() if verdict == Judgement.Verdict.CONFIRMED}
    missing -= {match.document.pk for match in kept}
    kinds = {match.document.kind for match in kept}
    added = [
        Match(document, 0.0, {}, confirmed=True)
        for document in Document.objects.present().filter(pk__in=missing, kind__in=kinds)
    ]
    confirmed = [
        replace(match, confirmed=True)
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
