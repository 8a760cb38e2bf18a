"""Diversification: at most two of the first five from one sector, filled from the rest."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from search.matching.diversification import FIRST, MOST_OF_ONE_SECTOR, diversify

ranked = st.lists(st.lists(st.sampled_from("ABCD"), max_size=2, unique=True), max_size=30)


@given(ranked)
def test_every_document_stays_once(sectors: list[list[str]]) -> None:
    assert sorted(diversify(sectors)) == list(range(len(sectors)))


@given(ranked)
def test_no_sector_takes_more_than_two_of_the_first_five_while_others_remain(sectors: list[list[str]]) -> None:
    order = diversify(sectors)
    first, rest = order[:FIRST], order[FIRST:]
    seen: Counter[str] = Counter(sector for position in first for sector in sectors[position])
    if seen and max(seen.values()) > MOST_OF_ONE_SECTOR:
        # It was filled: nothing that was left out could have taken a place without breaking the rule.
        taken: Counter[str] = Counter()
        allowed = []
        for position in range(len(sectors)):
            if len(allowed) < FIRST and all(taken[s] < MOST_OF_ONE_SECTOR for s in sectors[position]):
                allowed.append(position)
                taken.update(sectors[position])
        assert len(allowed) < FIRST
    assert rest == sorted(rest)


@given(ranked)
def test_the_best_stays_first(sectors: list[list[str]]) -> None:
    assert not sectors or diversify(sectors)[0] == 0


def test_the_third_of_a_sector_waits_behind_another_sector() -> None:
    assert diversify([["62"], ["62"], ["62"], ["48"], ["62"], ["51"], ["71"]]) == [0, 1, 3, 5, 6, 2, 4]
