"""The concept trees, as the matcher reads them."""

from dataclasses import dataclass

from search.matching.signals.weighing import SITUATION
from search.vocabulary import Vocabulary


@dataclass(frozen=True)
class Tree:
    """The concept trees as matching reads them: the value above each value, and how many lie above it."""

    parents: dict[str, str | None]
    depths: dict[str, int]

    def closure(self, values: frozenset[str]) -> frozenset[str]:
        """Return values that say something about the situation, with everything above them."""
        found: set[str] = set()
        for value in values:
            if value.partition(":")[0] not in SITUATION:
                continue
            current: str | None = value
            while current is not None and current not in found:
                found.add(current)
                current = self.parents.get(current)
        return frozenset(found)


EMPTY_TREE = Tree({}, {})


def tree_of(vocabulary: Vocabulary) -> Tree:
    """Return the value above each concept's value, and how many lie above it."""
    parents: dict[str, str | None] = {}
    depths: dict[str, int] = {}
    for term in vocabulary.by_id.values():
        parent = vocabulary.by_id.get(term.broader_id) if term.broader_id else None
        parents[term.value] = parent.value if parent else None
        depths[term.value] = term.depth
    return Tree(parents, depths)
