"""Diversification: a reader sees several industries, not one industry five times."""

from collections import Counter
from collections.abc import Sequence

FIRST = 5
MOST_OF_ONE_SECTOR = 2


def diversify(sectors: Sequence[Sequence[str]], *, first: int = FIRST, most: int = MOST_OF_ONE_SECTOR) -> list[int]:
    """Return positions in the order in which to show them: at most ``most`` of the first ``first`` from one sector.

    Args:
        sectors: the sectors of each ranked document, best first. One without a sector counts against none.
        first: how many places are diversified.
        most: how many of them one sector may take.

    Returns:
        A permutation of the positions: diversified places first (filled from the best left over when too few sectors
        remain), the others in their old order.
    """
    taken: list[int] = []
    seen: Counter[str] = Counter()
    for position, own in enumerate(sectors):
        if len(taken) == first:
            break
        if all(seen[sector] < most for sector in own):
            taken.append(position)
            seen.update(own)
    for position in range(len(sectors)):
        if len(taken) >= first:
            break
        if position not in taken:
            taken.append(position)
    chosen = set(taken)
    return taken + [position for position in range(len(sectors)) if position not in chosen]
