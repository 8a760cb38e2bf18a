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


@given(st.integers(2, 20).flatmap(pair))
def test_what_is_taken_from_another_signal_is_trusted_by_what_they_have_in_common(
    signals: tuple[np.ndarray, np.ndarray],
) -> None:
    words, places = signals
    by = trust({"lexical": words, "latent": places, "semantic": places}, sentences=3)
    assert by["lexical"] == by["semantic"] == 1.0
    assert 0 <= by["latent"] <= 1 + 1e-9
    if words.std() > 1e-3 and places.std() > 1e-3:
        common = float(np.corrcoef(words, places)[0, 1])
        assert abs(by["latent"] - max(common, 0) ** 2) < 1e-6


def test_the_same_order_is_trusted_in_full_and_the_contrary_or_none_not_at_all() -> None:
    words = np.array([1.0, 2.0, 3.0, 7.0])
    assert abs(trust({"lexical": words, "latent": 2 * words + 1}, sentences=9)["latent"] - 1) < 1e-9
    assert trust({"lexical": words, "latent": -words}, sentences=9)["latent"] == 0
    assert trust({"lexical": words, "latent": np.ones(4)}, sentences=9)["latent"] == 0
    assert trust({"latent": words}, sentences=9)["latent"] == 1.0
    mix = {"lexical": 0.3, "latent": 0.8, "named": 0.4, "passages": 0.4}
    found = trusted(mix, {"lexical": words, "latent": -words}, sentences=2)
    assert found == {"lexical": 0.3, "latent": 0.0, "named": 0.4, "passages": 0.2}


@pytest.mark.parametrize(("sentences", "expected"), [(0, 0.0), (1, 0.0), (2, 0.5), (3, 1.0), (10, 1.0)])
def test_sentences_are_trusted_where_they_are_more_than_the_whole_once_more(sentences: int, expected: float) -> None:
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
