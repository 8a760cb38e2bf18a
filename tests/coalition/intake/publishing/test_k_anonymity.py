"""Coarsening: pure, so tried with whatever hypothesis thinks of. The promise itself is tests/safety/test_20."""

from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from coalition.intake.publishing.k_anonymity import Attributes, Tree, coarsen, shares

TREE = Tree(
    {
        "place:us": None,
        "place:nv": "place:us",
        "place:ca": "place:us",
        "place:la": "place:ca",
        "place:reno": "place:nv",
        "industry:62": None,
        "industry:622": "industry:62",
        "industry:6221": "industry:622",
        "industry:48": None,
        "industry:484": "industry:48",
        "occupation:31": None,
        "occupation:aide": "occupation:31",
    }
)


def closed(own: Attributes) -> Attributes:
    """As one that is published: with everything above its concepts."""
    return replace(
        own,
        places=TREE.closed(own.places),
        industries=TREE.closed(own.industries),
        occupations=TREE.closed(own.occupations),
    )


def some(*values: str, most: int = 2) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(values), max_size=most)


attributes = st.builds(
    Attributes,
    employer=st.sampled_from(["", "Grand Hotel", "grand hotel", "Other"]),
    places=some("place:us", "place:nv", "place:ca", "place:la", "place:reno"),
    industries=some("industry:62", "industry:622", "industry:6221", "industry:484"),
    occupations=some("occupation:31", "occupation:aide", most=1),
    year=st.sampled_from([2025, 2026]),
    month=st.sampled_from([None, 3, 4]),
)


def is_at_top(left: Attributes) -> bool:
    return (
        left.employer == ""
        and left.places <= {"place:us", "place:nv", "place:ca"}
        and left.industries <= {"industry:62", "industry:48"}
        and not left.occupations
        and left.month is None
    )


def above(values: Iterable[str]) -> frozenset[str]:
    return TREE.closed(values)


@given(attributes, st.lists(attributes, max_size=6))
def test_enough_share_it_or_it_is_at_its_top_and_it_says_nothing_that_was_not_said(
    own: Attributes, others: list[Attributes]
) -> None:
    published = [closed(each) for each in others]
    left = coarsen(own, published, TREE)
    assert left.shared == 1 + sum(shares(each, left.attributes) for each in published)
    assert left.shared >= 3 or is_at_top(left.attributes)
    assert left.attributes.employer in ("", own.employer)
    assert left.attributes.places <= above(own.places)
    assert left.attributes.industries <= above(own.industries)
    assert left.attributes.occupations <= above(own.occupations)
    assert left.attributes.year == own.year
    assert left.attributes.month in (None, own.month)


@given(attributes, st.lists(attributes, max_size=5))
def test_what_is_coarse_enough_is_left_alone(own: Attributes, others: list[Attributes]) -> None:
    published = [closed(each) for each in others]
    once = coarsen(own, published, TREE).attributes
    assert coarsen(once, published, TREE).attributes == once


@given(attributes, st.lists(attributes, min_size=1, max_size=5))
def test_with_a_neighbour_fewer_it_never_gets_finer_than_it_was(own: Attributes, others: list[Attributes]) -> None:
    published = [closed(each) for each in others]
    before = coarsen(own, published, TREE).attributes
    after = coarsen(before, published[1:], TREE).attributes
    assert shares(closed(before), after)


def test_alone_it_goes_to_the_top() -> None:
    own = Attributes(
        "Grand Hotel",
        frozenset({"place:la"}),
        frozenset({"industry:6221"}),
        frozenset({"occupation:aide"}),
        2026,
        3,
    )
    left = coarsen(own, [], TREE)
    assert left.attributes == Attributes(
        "", frozenset({"place:ca"}), frozenset({"industry:62"}), frozenset(), 2026, None
    )
    assert left.shared == 1


def test_the_employer_goes_first() -> None:
    own = Attributes("Grand Hotel", frozenset({"place:nv"}), year=2026)
    others = [closed(Attributes("", frozenset({"place:reno"}), year=2026))] * 2
    assert coarsen(own, others, TREE).attributes == replace(own, employer="")
    same = [replace(each, employer="GRAND HOTEL") for each in others]
    assert coarsen(own, same, TREE).attributes == own
