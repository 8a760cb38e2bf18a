"""What goes first when a story is made coarser, step by step, by known answers."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from coalition.intake.publishing.k_anonymity import Attributes, K, Tree, coarsen, shares

TREE = Tree(
    {
        "place:us": None,
        "place:ca": "place:us",
        "place:la": "place:ca",
        "place:quarter": "place:la",
        "industry:62": None,
        "industry:622": "industry:62",
        "industry:6221": "industry:622",
        "occupation:31": None,
        "occupation:aide": "occupation:31",
        # A mistake that an editor can make.
        "place:round": "place:about",
        "place:about": "place:round",
    }
)
OWN = Attributes(
    "Grand Hotel",
    frozenset({"place:la"}),
    frozenset({"industry:6221"}),
    frozenset({"occupation:aide"}),
    2026,
    3,
)


def closed(own: Attributes) -> Attributes:
    return replace(
        own,
        places=TREE.closed(own.places),
        industries=TREE.closed(own.industries),
        occupations=TREE.closed(own.occupations),
    )


def test_three_have_to_share_it() -> None:
    assert K == 3
    same = closed(OWN)
    assert coarsen(OWN, [same], TREE).attributes != OWN
    found = coarsen(OWN, [same, same], TREE)
    assert (found.attributes, found.shared) == (OWN, 3)
    assert coarsen(OWN, [same] * 4, TREE).shared == 5
    found = coarsen(OWN, [same], TREE, k=2)
    assert (found.attributes, found.shared) == (OWN, 2)


@pytest.mark.parametrize(
    ("differ", "left"),
    [
        # Where the others differ in one thing, that goes one step up and nothing else does.
        ({"employer": "Other"}, {"employer": ""}),
        ({"places": frozenset({"place:ca"})}, {"places": frozenset({"place:ca"})}),
        ({"month": 4}, {"month": None}),
        ({"month": None}, {"month": None}),
        ({"occupations": frozenset({"occupation:31"})}, {"occupations": frozenset({"occupation:31"})}),
        ({"occupations": frozenset()}, {"occupations": frozenset()}),
        ({"industries": frozenset({"industry:622"})}, {"industries": frozenset({"industry:622"})}),
        ({"industries": frozenset({"industry:62"})}, {"industries": frozenset({"industry:62"})}),
    ],
)
def test_the_finest_that_is_shared_is_left(differ: dict[str, object], left: dict[str, object]) -> None:
    others = [closed(replace(OWN, **differ))] * 2  # type: ignore[arg-type]
    found = coarsen(OWN, others, TREE)
    assert found.attributes == replace(OWN, **left)  # type: ignore[arg-type]
    assert found.shared == 3


_HIDDEN: dict[str, Callable[[Attributes], Attributes]] = {
    "employer": lambda each: replace(each, employer=""),
    "place": lambda each: replace(each, places=frozenset({"place:ca"})),
    "month": lambda each: replace(each, month=None),
    "occupation": lambda each: replace(each, occupations=frozenset({"occupation:31"})),
    "industry": lambda each: replace(each, industries=frozenset({"industry:622"})),
}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("employer", "place"),
        ("place", "month"),
        ("month", "occupation"),
        ("occupation", "industry"),
        ("employer", "industry"),
    ],
)
def test_of_two_that_would_do_the_earlier_goes(first: str, second: str) -> None:
    # Two share all but the one, two others all but the other: either step would be enough.
    others = [closed(_HIDDEN[first](OWN))] * 2 + [closed(_HIDDEN[second](OWN))] * 2
    assert coarsen(OWN, others, TREE).attributes == _HIDDEN[first](OWN)


def test_one_step_goes_before_two() -> None:
    two = replace(OWN, employer="", places=frozenset({"place:ca"}))
    others = [closed(two)] * 2 + [closed(_HIDDEN["industry"](OWN))] * 2
    assert coarsen(OWN, others, TREE).attributes == _HIDDEN["industry"](OWN)


def test_each_goes_as_far_as_its_own_top() -> None:
    own = Attributes(places=frozenset({"place:quarter", "place:ca", "place:us"}), industries=frozenset({"industry:62"}))
    assert coarsen(own, [], TREE).attributes == replace(own, places=frozenset({"place:ca", "place:us"}))
    others = [closed(replace(own, places=frozenset({"place:la", "place:us"})))] * 2
    assert coarsen(own, others, TREE).attributes.places == {"place:la", "place:ca", "place:us"}


def test_what_says_nothing_is_shared_by_all_and_left_alone() -> None:
    assert coarsen(Attributes(), [], TREE) == coarsen(Attributes(), [], TREE, k=9)
    assert coarsen(Attributes(), [], TREE).attributes == Attributes()
    assert coarsen(Attributes(), [closed(OWN)] * 3, TREE).shared == 4


def test_spaces_and_capitals_make_no_other_employer() -> None:
    others = [closed(replace(OWN, employer="  GRAND hotel "))] * 2
    assert coarsen(OWN, others, TREE).attributes == OWN
    assert not shares(closed(OWN), Attributes(employer="Grand"))


@pytest.mark.parametrize(
    ("left", "found"),
    [
        (Attributes(), True),
        (OWN, True),
        (Attributes(places=frozenset({"place:us"})), True),
        (Attributes(places=frozenset({"place:us", "place:quarter"})), False),
        (Attributes(industries=frozenset({"industry:62"})), True),
        (Attributes(industries=frozenset({"industry:48"})), False),
        (Attributes(occupations=frozenset({"occupation:31"})), True),
        (Attributes(occupations=frozenset({"occupation:29"})), False),
        (Attributes(year=2026), True),
        (Attributes(year=2025), False),
        (Attributes(month=3), True),
        (Attributes(month=4), False),
    ],
)
def test_what_finds_a_published_story(left: Attributes, found: bool) -> None:
    assert shares(closed(OWN), left) is found


def test_a_line_ends_even_where_it_goes_round() -> None:
    assert TREE.line("place:quarter") == ["place:quarter", "place:la", "place:ca", "place:us"]
    assert TREE.line("place:round") == ["place:round", "place:about"]
    assert TREE.line("place:unknown") == ["place:unknown"]
    assert TREE.closed(["place:la", "industry:622"]) == {
        "place:la",
        "place:ca",
        "place:us",
        "industry:622",
        "industry:62",
    }
