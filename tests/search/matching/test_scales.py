"""Scores of different scales are made alike, row by row, and two orders are compared."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from search.matching.scales import in_common, standardised

numbers = st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=20).map(np.array)
rows = arrays(float, st.tuples(st.integers(1, 4), st.integers(2, 9)), elements=st.floats(-1e3, 1e3))


@given(numbers)
def test_standardised_scores_have_mean_zero_and_spread_one_or_are_all_zero(scores: np.ndarray) -> None:
    found = standardised(scores)
    assert abs(found.mean()) < 1e-6
    assert not found.any() or abs(found.std() - 1) < 1e-6


@given(numbers, st.floats(0.1, 50), st.floats(-50, 50))
def test_the_scale_of_a_signal_does_not_matter(scores: np.ndarray, factor: float, shift: float) -> None:
    if scores.std() > 1e-3:
        assert np.allclose(standardised(scores), standardised(scores * factor + shift), atol=1e-4)


@given(rows)
def test_each_row_is_standardised_by_itself(scores: np.ndarray) -> None:
    assert np.allclose(standardised(scores), np.stack([standardised(row) for row in scores]))


@given(rows, st.randoms(use_true_random=False))
def test_what_two_have_in_common_is_their_correlation_or_nothing(first: np.ndarray, random: object) -> None:
    second = first[:, ::-1] + 1
    found = in_common(first, second)
    assert found.shape == (len(first),)
    for row, other, common in zip(first, second, found, strict=True):
        if row.std() > 1e-3:
            assert abs(common - max(np.corrcoef(row, other)[0, 1], 0)) < 1e-6
    assert not in_common(first, np.ones_like(first)).any()
