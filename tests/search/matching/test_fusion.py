"""Fusion: standardised signals, mixed by the weights of one file."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.matching.fusion import (
    SIGNALS,
    WEIGHTS_FILE,
    WeightsError,
    fuse,
    trust,
    trusted,
    weights,
    weights_read,
)


def pair(size: int) -> st.SearchStrategy[tuple[np.ndarray, np.ndarray]]:
    scores = st.lists(st.floats(-1e3, 1e3), min_size=size, max_size=size).map(np.array)
    return st.tuples(scores, scores)


def common(first: np.ndarray, second: np.ndarray) -> float:
    """Return how far two orders are the same, as numpy counts it."""
    return max(float(np.corrcoef(first, second)[0, 1]), 0.0)


@given(st.integers(2, 20).flatmap(pair))
def test_the_directions_are_trusted_by_what_they_have_in_common_with_the_words_they_come_from(
    signals: tuple[np.ndarray, np.ndarray],
) -> None:
    words, places = signals
    by = trust({"lexical": words, "latent": places, "named": places}, sentences=3)
    assert by["named"] == 1.0
    assert 0 <= by["latent"] <= 1 + 1e-9
    if words.std() > 1e-3 and places.std() > 1e-3:
        assert abs(by["latent"] - common(words, places) ** 2) < 1e-6


@pytest.mark.parametrize("name", ["semantic", "lexical"])
@given(signals=st.integers(2, 20).flatmap(pair))
def test_meaning_and_words_count_from_half_to_twice_by_how_far_the_directions_agree(
    name: str, signals: tuple[np.ndarray, np.ndarray]
) -> None:
    heard, places = signals
    by = trust({name: heard, "latent": places}, sentences=3)[name]
    assert 0.5 <= by <= 2 + 1e-9
    if heard.std() > 1e-3 and places.std() > 1e-3:
        assert abs(by - (1 + 3 * common(heard, places)) / 2) < 1e-5


def test_the_same_order_is_trusted_most_and_the_contrary_or_none_least() -> None:
    words = np.array([1.0, 2.0, 3.0, 7.0])
    same = trust({"lexical": words, "latent": 2 * words + 1}, sentences=9)
    assert abs(same["latent"] - 1) < 1e-9
    assert abs(same["lexical"] - 2) < 1e-9
    for places in (-words, np.ones(4)):
        by = trust({"lexical": words, "latent": places}, sentences=9)
        assert (by["lexical"], by["latent"]) == (0.5, 0.0)
    mix = {"lexical": 0.3, "latent": 0.8, "named": 0.4, "passages": 0.4}
    found = trusted(mix, {"lexical": words, "latent": -words}, sentences=6)
    assert found == {"lexical": 0.15, "latent": 0.0, "named": 0.4, "passages": 0.4}


def test_where_there_are_no_directions_everything_counts_once() -> None:
    words = np.array([1.0, 2.0, 3.0, 7.0])
    assert trust({"lexical": words, "semantic": -words}, sentences=9) == {"lexical": 1, "semantic": 1, "passages": 1}
    assert trust({"latent": words}, sentences=9)["latent"] == 1.0


@pytest.mark.parametrize(("sentences", "expected"), [(0, 0.0), (1, 0.0), (2, 0.2), (6, 1.0), (30, 1.0)])
def test_sentences_are_trusted_by_how_much_more_they_tell_than_the_whole(sentences: int, expected: float) -> None:
    assert trust({}, sentences=sentences) == {"passages": expected}


def test_what_each_signal_contributed_adds_up_to_the_score() -> None:
    signals = {"lexical": np.array([1.0, 2.0, 9.0]), "semantic": np.array([0.3, 0.1, 0.2])}
    total, parts = fuse(signals, {"lexical": 0.25, "semantic": 0.75})
    assert np.allclose(total, parts["lexical"] + parts["semantic"])


def test_the_weights_file_names_its_origin_and_date() -> None:
    kept = json.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))
    assert set(kept) >= {"origin", "date", "weights"}
    assert weights() == kept["weights"]
    assert set(kept["weights"]) == SIGNALS
    assert len(SIGNALS) <= 6


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("no JSON", "not a JSON object"),
        ("[]", "not a JSON object"),
        ('{"weights": 1}', "not a JSON object"),
        ('{"weights": {"lexical": "much"}}', "not a JSON object"),
        ('{"weights": {"telepathy": 1}}', "no signal called telepathy"),
    ],
)
def test_a_file_of_weights_that_is_none_is_refused_in_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "weights.json"
    path.write_text(text)
    with pytest.raises(WeightsError, match=sentence):
        weights_read(path)
    path.write_text('{"weights": {"lexical": 1, "named": 0.5}}')
    assert weights_read(path) == {"lexical": 1.0, "named": 0.5}
