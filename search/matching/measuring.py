"""Which of the two finds candidates: Elasticsearch where it answers searches, the database otherwise."""

from dataclasses import dataclass
from functools import cached_property

from search.engines.choosing import engine
from search.matching.by_columns import measure_by_columns
from search.matching.candidates import Candidates, Measured, Scope
from search.matching.subject import Subject
from search.matching.trees import Tree


@dataclass(frozen=True)
class MeasuredByEither:
    """A subject beside the index of Elasticsearch, or beside the columns, when that does not answer after all."""

    subject: Subject
    tree: Tree
    index: Measured

    @cached_property
    def columns(self) -> Measured:
        """Return the subject beside the columns."""
        return measure_by_columns(self.subject, self.tree)

    def candidates(self, scope: Scope) -> Candidates:
        """Return the candidates of a scope, and what each signal but that of sentences says of them."""
        found = engine().ask_beside(lambda _engine: self.index.candidates(scope))
        return self.columns.candidates(scope) if found is None else found


def measured(subject: Subject, tree: Tree) -> Measured:
    """Return a subject beside the whole collection."""
    index = engine().ask_beside(lambda _engine: _by_index(subject, tree))
    return measure_by_columns(subject, tree) if index is None else MeasuredByEither(subject, tree, index)


def _by_index(subject: Subject, tree: Tree) -> Measured:
    # Sites without Elasticsearch need not load its library.
    from search.matching.by_index import measure_by_index

    return measure_by_index(subject, tree)
