"""Candidates from Elasticsearch: it finds them among very many, and no process keeps columns in memory for it.

Its index lags a moment behind the database, and may hold what has changed since. So what it finds is looked up in the
database, which says whether it is meant; and what was published a moment ago is a candidate without being found.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django.db import connection

from search.engines.elasticsearch.likeness import Standing, Wanted, likest, values_carried, words_standing
from search.engines.snapshots import public_id_halves
from search.matching.candidates import PER_SOURCE, Candidates, Scope, best
from search.matching.signals import stored
from search.matching.signals.weighing import Scores, concept_weight, names_of, strongest_words
from search.matching.subject import Subject
from search.matching.trees import Tree

# Of the newest so many, those are looked at that the index may not have yet: it shows what it got after half a second.
NEWEST, UNSEEN_SECONDS = 50, 5


@dataclass(frozen=True)
class MeasuredByIndex:
    """A subject beside the index of Elasticsearch."""

    subject: Subject
    tree: Tree
    standing: Standing
    carried: Mapping[str, int]

    @cached_property
    def mine(self) -> frozenset[str]:
        """Return the concepts of the subject, with everything above them."""
        return self.tree.closure(self.subject.concepts)

    @cached_property
    def wanted(self) -> Wanted:
        """Return what Elasticsearch looks for."""
        words = strongest_words(self.subject.terms, self.standing.containing, documents=self.standing.documents)
        values = {
            value: concept_weight(value, count, self.tree.depths, documents=self.standing.documents)
            for value in sorted(self.mine)
            if (count := self.carried.get(value, 0))
        }
        return Wanted(dict(words), values, names_of(self.subject), self.subject.own)

    def candidates(self, scope: Scope) -> Candidates:
        """Return the candidates of a scope, and what each signal but that of sentences says of them.

        Raises:
            EngineUnavailable: Elasticsearch cannot answer now.
        """
        found, sharing = likest(
            self.wanted, kinds=scope.kinds, without_subsectors=scope.exclude_subsectors, limit=PER_SOURCE
        )
        unseen = _unseen()
        rows = stored.stored_read(
            f"{scope.sql()} AND (d.public_id = ANY(%(found)s) OR d.id = ANY(%(unseen)s))",
            {**scope.parameters(), "found": [*found, *sharing], "unseen": unseen},
        )
        signals: dict[str, Scores] = {}
        if self.mine:
            # Elasticsearch tells who shares most; who shares most of what it carries itself is told here.
            shared = stored.concepts(
                self.mine, self.tree.depths, rows, carried=self.carried, documents=self.standing.documents
            )
            kept = rows.among(found, unseen)
            kept[best(shared, rows.among(sharing, ()))] = True
            rows, signals["concepts"] = rows.at(kept), shared[kept]
        words = list(self.wanted.words.items())
        signals["lexical"] = stored.lexical(words, rows, mean_length=self.standing.mean_length)
        if self.wanted.names:
            signals["named"] = stored.named(self.subject, rows)
        high, low = public_id_halves(b"".join(one.bytes for one in rows.public_ids)).T
        return Candidates(rows.ids, high, low, signals).with_vectors(self.subject)


def measure_by_index(subject: Subject, tree: Tree) -> MeasuredByIndex:
    """Return a subject with what the index says of its words, and of what its concepts weigh.

    Raises:
        EngineUnavailable: Elasticsearch cannot answer now.
    """
    documents, carried = values_carried()
    standing = words_standing(sorted(subject.terms)).among(documents)
    return MeasuredByIndex(subject, tree, standing, carried)


def _unseen() -> list[int]:
    """Return the ids of documents that Elasticsearch may not show yet, of those that were written last."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM (SELECT * FROM search_document ORDER BY version DESC LIMIT %s) newest WHERE NOT is_gone "
            "AND (sent_revision < revision OR revised_at > now() - make_interval(secs => %s))",
            [NEWEST, UNSEEN_SECONDS],
        )
        return [pk for (pk,) in cursor.fetchall()]
