"""The picture of an organization and its allies: the closer and thicker, the more they share. A table says the same."""

import math
from dataclasses import dataclass

from coalition.allies.finding import Ally

# More would hide each other.
MOST_DRAWN = 24
SIZE = 640
_NEAR, _FAR = 140.0, 285.0


@dataclass(frozen=True)
class Node:
    """An ally in the picture: its number in the table, where it stands, and how thick its line is."""

    number: int
    ally: Ally
    x: int
    y: int
    thickness: int


@dataclass(frozen=True)
class Network:
    """The picture: the organization itself in the middle, allies around it, those of one sector side by side."""

    nodes: list[Node]
    size: int = SIZE
    middle: int = SIZE // 2


def network_of(allies: list[Ally]) -> Network:
    """Return the picture of allies.

    Args:
        allies: closest first; the numbers follow this order.
    """
    drawn = list(enumerate(allies[:MOST_DRAWN], start=1))
    around = sorted(drawn, key=lambda entry: ((entry[1].kin.document.sectors or [""])[0], entry[0]))
    nodes = []
    for place, (number, ally) in enumerate(around):
        angle = 2 * math.pi * place / len(around) - math.pi / 2
        distance = _FAR - (_FAR - _NEAR) * (ally.strength - 1) / 4
        x, y = (round(SIZE / 2 + distance * part) for part in (math.cos(angle), math.sin(angle)))
        nodes.append(Node(number, ally, x, y, 1 + ally.strength))
    return Network(sorted(nodes, key=lambda node: node.number))
