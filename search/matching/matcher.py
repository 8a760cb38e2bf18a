"""The matcher: a subject in, ranked and explained matches out. The one road for pages, free text and evaluation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from django.db.models import Q

from search.engines.columns import Columns, Rows
from search.engines.snapshots import columns
from search.matching import signals
from search.matching.candidates import Scope, best, nearest_candidates
from search.matching.centre import centres
from search.matching.diversification import FIRST, diversify
from search.matching.explanation import as_reasons, closest_pair, most_specific
from search.matching.fusion import fuse, weights
from search.matching.subject import Subject, employers_of
from search.models import Document, Judgement, Passage
from search.vectors import passages_read

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


@dataclass(frozen=True)
class Measured:
    """A subject beside the whole collection: what can be said of every document at once, whatever is looked for then.

    Who ranks several kinds of documents against one subject measures it once. ``whole`` has scores of every row of
    ``found``, by signal.
    """

    subject: Subject
    found: Columns
    whole: Mapping[str, signals.Scores]


class Matcher:
    """Ranks documents against a subject. Make one a request or a run: it holds trees, weights and centre."""

    def __init__(self, tree: Tree, mix: dict[str, float] | None = None) -> None:
        self.tree = tree
        self.mix = weights() if mix is None else mix
        self.around = centres()

    def measure(self, subject: Subject | Measured) -> Measured:
        """Return what the signals of whole texts say of every document; one that is measured already as it is."""
        if isinstance(subject, Measured):
            return subject
        found = columns()
        whole = {"lexical": signals.lexical(subject, found)}
        if mine := self.tree.closure(subject.concepts):
            whole["concepts"] = signals.concepts(mine, self.tree.depths, found)
        if subject.products or subject.vendors or subject.employers:
            whole["named"] = signals.named(subject, found)
        return Measured(subject, found, whole)

    def rank(self, subject: Subject | Measured, scope: Scope, *, limit: int = MOST_RANKED) -> list[Match]:
        """Return the best candidates, best first, before diversification and without reasons.

        Of their documents only ``RANKED_BY`` is read.

        Args:
            subject: what to match; ``measure`` it first where several scopes are asked about.
            scope: which documents may be matched.
            limit: how many, at most.
        """
        beside = self.measure(subject)
        found, rows, measured = self.candidates(beside, scope)
        if not len(rows):
            return []
        scores, parts = fuse(measured, self.mix)
        order = self._ordered(found, rows, scores)
        first = order[:MOST_COMPARED]
        fine = self.compared(beside.subject, found, rows[first], {name: some[first] for name, some in measured.items()})
        if fine is not None:
            fine_scores, fine_parts = fuse(fine, self.mix)
            # Who was not compared sentence by sentence stands behind those who were.
            gap = fine_scores.min() - scores[order[len(first)]] if len(order) > len(first) else 0.0
            scores = scores + min(gap, 0.0)
            scores[first] = fine_scores
            parts = {name: parts.get(name, np.zeros(len(rows))) for name in fine_parts}
            for name, part in fine_parts.items():
                parts[name][first] = part
            measured["passages"] = np.zeros(len(rows))
            measured["passages"][first] = fine["passages"]
            order = np.concatenate([first[self._ordered(found, rows[first], fine_scores)], order[len(first) :]])
        order = order[:limit]
        ids = [int(pk) for pk in found.ids[rows]]
        documents = Document.objects.present().only(*RANKED_BY).in_bulk([ids[i] for i in order])
        return [
            Match(
                documents[ids[i]],
                float(scores[i]),
                {name: float(part[i]) for name, part in parts.items()},
                values={name: float(some[i]) for name, some in measured.items()},
            )
            for i in order
            if ids[i] in documents
        ]

    def candidates(self, subject: Subject | Measured, scope: Scope) -> tuple[Columns, Rows, dict[str, signals.Scores]]:
        """Return the columns, the rows of the candidates, and what each signal but that of sentences says of them."""
        beside = self.measure(subject)
        subject, found, whole = beside.subject, beside.found, beside.whole
        mask = scope.mask(found)
        near = nearest_candidates(subject, scope, found.ids[mask])
        near_rows = found.rows(np.array(list(near), dtype=np.int64))
        rows = np.unique(np.concatenate([near_rows[near_rows >= 0], *(best(some, mask) for some in whole.values())]))
        measured = {name: some[rows] for name, some in whole.items()}
        ids = [int(pk) for pk in found.ids[rows]]
        for name, some in (
            ("semantic", signals.semantic(subject, ids, near)),
            ("latent", signals.latent(subject, ids)),
        ):
            if some is not None:
                measured[name] = some
        return found, rows, measured

    def compared(
        self, subject: Subject, found: Columns, rows: Rows, measured: dict[str, signals.Scores]
    ) -> dict[str, signals.Scores] | None:
        """Return the signals of candidates with that of their sentences; None where sentences cannot be compared."""
        answers = signals.passages(subject, [int(pk) for pk in found.ids[rows]], self.around)
        return None if answers is None else {**measured, "passages": answers}

    @staticmethod
    def _ordered(found: Columns, rows: Rows, scores: signals.Scores) -> Rows:
        """Return places in the order of scores; of equals, by public id."""
        return np.lexsort((found.low[rows], found.high[rows], -scores))

    def explain(self, subject: Subject, matches: Sequence[Match]) -> list[Match]:
        """Return the matches with their reasons, and all of their documents but their long texts.

        One whose document is gone meanwhile is left out.
        """
        if not matches:
            return []
        ids = [match.document.pk for match in matches]
        documents = Document.objects.present().defer(*LONG).in_bulk(ids)
        passages: dict[int, list[str]] = {pk: [] for pk in ids}
        for pk, text in Passage.objects.filter(document__in=ids).order_by("position").values_list("document", "text"):
            passages[pk].append(text)
        mine_vectors = subject.passage_vectors
        stored = passages_read(ids, dimensions=mine_vectors.shape[1]) if mine_vectors is not None else {}
        mine = self.tree.closure(subject.concepts)
        explained = []
        for match in matches:
            document = documents.get(match.document.pk)
            if document is None:
                continue
            theirs = passages[document.pk]
            _language, vectors = stored.get(document.pk, ("", None))
            if vectors is not None and len(vectors) != len(theirs):
                # The text has changed since.
                vectors = None
            shared = set(mine) & self.tree.closure(frozenset(document.concepts))
            reasons = as_reasons(
                most_specific(shared, self.tree.parents),
                sorted(subject.products & set(document.products)),
                sorted(subject.vendors & set(document.vendors)),
                [document.card["employer"]] if subject.employers & employers_of(document) else [],
                closest_pair(subject.passages, theirs, mine_vectors, vectors),
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
