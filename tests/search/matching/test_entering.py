"""What stored links tell of a newcomer is what ranking it with the others would have said."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.matching.entering import LEEWAY, foretold, may_enter
from search.matching.fusion import fuse
from search.models import Link

NAMES = ("lexical", "semantic", "named")
MIX = {"lexical": 0.3, "semantic": 0.5, "named": 0.4}
numbers = st.floats(-5, 5).map(lambda number: round(number, 2))
tables = st.lists(st.tuples(numbers, numbers, numbers), min_size=4, max_size=12)


def ranked(table: list[tuple[float, ...]]) -> tuple[list[dict[str, float]], list[Link]]:
    """Return what each signal says of each document, and a link to each as a ranking of all makes it."""
    values = [dict(zip(NAMES, row, strict=True)) for row in table]
    scores, parts = fuse({name: np.array([row[name] for row in values]) for name in NAMES}, MIX)
    links = [
        Link(
            score=float(scores[place]),
            reasons={"values": row, "parts": {name: float(part[place]) for name, part in parts.items()}},
        )
        for place, row in enumerate(values)
    ]
    return values, links


@given(tables)
def test_the_score_of_another_follows_from_those_that_are_linked(table: list[tuple[float, ...]]) -> None:
    values, links = ranked(table)
    others = links[1:]
    found = foretold(others, values[0])
    varies = {name: len({link.reasons["values"][name] for link in others}) > 1 for name in NAMES}
    if found is None:
        assert not all(varies.values())
    elif all(varies.values()):
        assert found == pytest.approx(links[0].score, abs=1e-4)


@given(tables)
def test_whoever_would_be_among_them_may_enter(table: list[tuple[float, ...]]) -> None:
    values, links = ranked(table)
    best, *rest = sorted(range(len(table)), key=lambda place: -links[place].score)
    assert may_enter([links[place] for place in rest], values[best], limit=len(rest))


def test_whoever_is_far_behind_may_not_and_where_there_is_room_everybody_may() -> None:
    _values, links = ranked([(1.0, 1.0, 0.0), (0.9, 1.1, 1.0), (0.2, 0.1, 0.0), (-3.0, -3.0, 0.0)])
    last = {"lexical": -3.0, "semantic": -3.0, "named": 0.0}
    assert not may_enter(links[:3], last, limit=3)
    assert may_enter(links[:3], last, limit=4)
    assert may_enter([], last, limit=0)
    edge = links[2].score - LEEWAY
    assert foretold(links[:3], last) < edge


def test_links_that_tell_nothing_rule_nobody_out() -> None:
    _values, links = ranked([(1.0, 1.0, 0.0), (0.9, 1.1, 0.0), (0.2, 0.1, 0.0)])
    before = [Link(score=1.0, reasons={"parts": {"lexical": 1.0}}) for _ in range(3)]
    assert may_enter(before, {"lexical": -9.0}, limit=3)
    # None of them has a product in common: what one would count for is not known.
    assert may_enter(links, {"lexical": -9.0, "semantic": -9.0, "named": 1.0}, limit=3)
    # What an editor confirmed has no score, and is no measure.
    confirmed = Link(score=0.0, reasons={"parts": {}, "values": {}})
    assert not may_enter([*links, confirmed], {"lexical": -9.0, "semantic": -9.0}, limit=4)
