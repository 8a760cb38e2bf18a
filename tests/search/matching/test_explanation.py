"""Of two texts, the sentences are shown that are alike and tell what the texts are about."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.encoders.base import Vectors
from search.matching.centre import Centres
from search.matching.explanation import LEAST_SIMILARITY, Told, telling_pair, told_of
from search.vectors import unit

NOWHERE = Centres({})
LONG = "somebody tells something about that which happened there"


def sentences(count: int) -> list[str]:
    return [f"{LONG} number {number}" for number in range(count)]


def told(*vectors: list[float], whole: list[float], texts: list[str] | None = None) -> Told:
    rows = unit(np.array(vectors, dtype=np.float32))
    return told_of(texts or sentences(len(vectors)), rows, unit(np.array(whole, dtype=np.float32)), "en", NOWHERE)


def test_what_speaks_for_both_texts_goes_before_what_is_most_alike() -> None:
    # Along the first axis is what both are about; along the second an aside that both happen to make.
    mine = told([0.8, 0, 0.6], [0, 1, 0], whole=[1, 0, 0])
    theirs = told([0, 1, 0.2], [0.8, 0, -0.2], whole=[1, 0, 0.1])
    found = telling_pair(mine, theirs)
    assert found is not None
    assert (found.mine, found.theirs) == (mine.sentences[0], theirs.sentences[1])
    # How near any two come is said as it is: of the asides.
    assert found.similarity == pytest.approx(1 / np.sqrt(1.04), abs=1e-5)


def test_a_few_short_words_are_shown_only_where_there_is_nothing_else() -> None:
    short = ["Nobody did, that night.", "They knew."]
    alike: list[list[float]] = [[1, 0.2], [1, 0]]
    mine = told([0.6, 0.8], [1, 0], whole=[1, 0], texts=[LONG, short[0]])
    found = telling_pair(mine, told(*alike, whole=[1, 0], texts=[LONG, short[1]]))
    assert found is not None
    assert (found.mine, found.theirs) == (LONG, LONG)
    found = telling_pair(mine, told(*alike, whole=[1, 0], texts=short))
    assert found is not None
    assert (found.mine, found.theirs) == (LONG, short[0])


def test_without_vectors_words_tell_and_where_nothing_is_alike_nothing_is_shown() -> None:
    mine, theirs = (
        Told(["The scanner counts every pause of mine.", LONG]),
        Told(["A scanner counts each pause we make."]),
    )
    found = telling_pair(mine, theirs)
    assert found is not None
    assert (found.mine, found.theirs) == (mine.sentences[0], theirs.sentences[0])
    assert telling_pair(Told(["Rain fell."]), theirs) is None
    assert telling_pair(Told([]), theirs) is None
    assert telling_pair(mine, Told([])) is None
    across = told([1, 0], whole=[1, 0])
    assert telling_pair(across, told([LEAST_SIMILARITY - 0.01, 1], whole=[1, 0])) is None
    assert telling_pair(across, told([LEAST_SIMILARITY + 0.03, 1], whole=[1, 0])) is not None


def test_vectors_of_another_state_of_the_text_say_nothing() -> None:
    two = np.eye(2, dtype=np.float32)
    assert told_of([LONG], two, two[0], "en", NOWHERE) == Told([LONG])
    assert told_of([LONG], two[:1], None, "en", NOWHERE) == Told([LONG])
    kept = told_of([LONG, LONG], two, two[0], "en", NOWHERE)
    assert kept.vectors is two


def vectors(count: int, seed: int) -> Vectors:
    return unit(np.random.default_rng(seed).normal(size=(count + 1, 8)).astype(np.float32))


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**32))
def test_both_sides_say_the_same_of_each_other(here: int, there: int, seed: int) -> None:
    mine, theirs = vectors(here, seed), vectors(there, seed + 1)
    one = told_of(sentences(here), mine[:-1], mine[-1], "en", NOWHERE)
    other = told_of(sentences(there), theirs[:-1], theirs[-1], "en", NOWHERE)
    found, back = telling_pair(one, other), telling_pair(other, one)
    closest = float((mine[:-1] @ theirs[:-1].T).max())
    if closest < LEAST_SIMILARITY - 1e-6:
        assert found is back is None
    elif closest > LEAST_SIMILARITY + 1e-6:
        assert found is not None
        assert back is not None
        assert (found.mine, found.theirs) == (back.theirs, back.mine)
        assert found.similarity == pytest.approx(closest, abs=1e-5)
