"""Runs: the site's own matcher over judged queries, beside random, BM25, the encoder alone, and both fused by rank."""

import random
from collections.abc import Callable, Mapping, Sequence

from django.db import connection

from search.engines.snapshots import columns
from search.matching.by_columns import nearest_candidates
from search.matching.candidates import Scope, best
from search.matching.diversification import diversify
from search.matching.evaluation.corpus import Corpus
from search.matching.matcher import Match, Matcher
from search.matching.signals.everywhere import lexical
from search.matching.subject import Subject, subject_of_document
from search.models import Document, Kind

# Reciprocal-rank fusion's constant (Cormack, Clarke & Büttcher, 2009).
RRF_K = 60
DEPTH = 200


def by_order(ranked: Sequence[str]) -> dict[str, float]:
    """Return scores that keep an order."""
    return {document: float(len(ranked) - place) for place, document in enumerate(ranked)}


def subject_scope(document: Document) -> Scope:
    """Return what may be matched to a document of a corpus: everything that shares no industry with it."""
    return Scope(kinds=(Kind.STORY,), exclude_subsectors=tuple(document.subsectors), exclude_ids=(document.pk,))


class Runs:
    """Ranks every query of a corpus in each way. The matcher is the site's own."""

    def __init__(self, corpus: Corpus, matcher: Matcher, *, seed: int = 1) -> None:
        self.corpus = corpus
        self.matcher = matcher
        self.outside = corpus.outside()
        self.random = random.Random(seed)  # noqa: S311  a baseline, not a secret

    def collect(
        self, queries: Sequence[str], *, baselines: bool = True, progress: Callable[[int, int], None] | None = None
    ) -> dict[str, dict[str, dict[str, float]]]:
        """Return run name → query → document → score."""
        names = ["ranker", "ranker_diversified", *(["random", "bm25", "encoder", "rrf"] if baselines else [])]
        runs: dict[str, dict[str, dict[str, float]]] = {name: {} for name in names}
        for number, query in enumerate(queries, start=1):
            document = self.corpus.documents[query]
            subject, scope = subject_of_document(document), subject_scope(document)
            ranked = self.matcher.rank(subject, scope)
            runs["ranker"][query] = self._named(ranked)
            order = diversify([match.document.sectors for match in ranked])
            runs["ranker_diversified"][query] = self._named([ranked[i] for i in order])
            if baselines:
                for name, scores in self._baselines(subject, scope).items():
                    runs[name][query] = scores
            if progress is not None:
                progress(number, len(queries))
        return runs

    def _named(self, matches: Sequence[Match]) -> dict[str, float]:
        return by_order([self.outside[match.document.pk] for match in matches[:DEPTH]])

    def _baselines(self, subject: Subject, scope: Scope) -> dict[str, dict[str, float]]:
        found = columns()
        scores = lexical(subject, found)
        mask = scope.mask(found)
        words = {int(found.ids[row]): float(scores[row]) for row in best(scores, mask, limit=DEPTH)}
        meaning = nearest_candidates(subject, scope, found.ids[mask], limit=DEPTH)
        fused: dict[int, float] = {}
        for listed in (words, meaning):
            for place, pk in enumerate(sorted(listed, key=lambda pk: -listed[pk]), start=1):
                fused[pk] = fused.get(pk, 0.0) + 1 / (RRF_K + place)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT d.id FROM search_document d WHERE {scope.sql()}", scope.parameters())
            eligible = [row[0] for row in cursor.fetchall()]
        chance = self.random.sample(eligible, min(DEPTH, len(eligible)))
        return {
            "random": by_order([self.outside[pk] for pk in chance]),
            "bm25": self._scores(words),
            "encoder": self._scores(meaning),
            "rrf": self._scores(fused),
        }

    def _scores(self, scores: Mapping[int, float]) -> dict[str, float]:
        return {self.outside[pk]: score for pk, score in scores.items()}
