"""The concept trees, as the matcher reads them."""

from search.matching.matcher import Tree
from search.vocabulary import Vocabulary


def tree_of(vocabulary: Vocabulary) -> Tree:
    """Return the value above each concept's value, and how many lie above it."""
    parents: dict[str, str | None] = {}
    depths: dict[str, int] = {}
    for term in vocabulary.by_id.values():
        parent = vocabulary.by_id.get(term.broader_id) if term.broader_id else None
        parents[term.value] = parent.value if parent else None
        depths[term.value] = term.depth
    return Tree(parents, depths)
