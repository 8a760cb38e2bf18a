"""Concepts in the order of their tree."""

from collections import defaultdict
from collections.abc import Iterable

from cms.taxonomy.models import Concept


def in_tree_order(concepts: Iterable[Concept]) -> list[Concept]:
    """Return concepts, each followed by what belongs to it, with ``tree_depth`` set on each.

    Args:
        concepts: any concepts; one whose wider concept is not among them counts as a root.
    """
    everything = list(concepts)
    ids = {concept.pk for concept in everything}
    children: dict[int | None, list[Concept]] = defaultdict(list)
    for concept in everything:
        children[concept.broader_id if concept.broader_id in ids else None].append(concept)
    ordered: list[Concept] = []

    def visit(concept: Concept, depth: int) -> None:
        concept.tree_depth = depth
        ordered.append(concept)
        for child in children[concept.pk]:
            visit(child, depth + 1)

    for root in children[None]:
        visit(root, 0)
    return ordered
