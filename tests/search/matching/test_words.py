"""Words of texts as vectors: the same cosine whether all are in memory or one is looked up."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.matching.evaluation.corpus import Corpus, corpus_load, shadow_tables
from search.matching.latent import known_of, rarities_read
from search.matching.words import WordVectors, said, word_vectors, words_of, words_shared

TOLD = [
    "The scanner counts the minutes that we stand still.",
    "A scanner counts each parcel, and the scanner beeps.",
    "The badge knows when a nurse stands still.",
    "Zyzzyva.",
    "",
]


@pytest.fixture
def corpus(settings: object) -> Iterator[Corpus]:
    """Enough texts for the collection to know their words, the first of which are ``TOLD``."""
    settings.ENCODER = "none"  # type: ignore[attr-defined]
    more = [f"The {word} of parcel {number}" for number in range(50) for word in ("badge", "nurse")]
    with shadow_tables():
        yield corpus_load([{"id": str(number), "text": text} for number, text in enumerate([*TOLD, *more])])


@pytest.mark.django_db
def test_words_are_read_with_how_often_they_stand(corpus: Corpus) -> None:
    ids = [corpus.documents[str(number)].pk for number in range(len(TOLD))]
    found = dict(words_of(ids))
    assert found[ids[1]]["scanner"] == 2.0
    assert found[ids[0]]["scanner"] == 1.0
    assert ids[4] not in found
    whose, numbers, frequencies = words_shared(("scanner", "badg"), ids)
    shared = sorted(zip(whose.tolist(), numbers.tolist(), frequencies.tolist(), strict=True))
    assert shared == [(ids[0], 0, 1.0), (ids[1], 0, 2.0), (ids[2], 1, 1.0)]
    assert [len(part) for part in words_shared(("qwxzk",), ids)] == [0, 0, 0]


@pytest.mark.django_db
def test_two_texts_are_as_alike_as_their_weighed_words(corpus: Corpus) -> None:
    ids = [corpus.documents[str(number)].pk for number in range(len(TOLD))]
    rarities = rarities_read()
    counts = dict(words_of(ids))
    found = word_vectors(ids, rarities).cosines(0, np.arange(1, len(ids)))

    def spread(pk: int) -> np.ndarray:
        weights = {w: float(said(np.array(n))) * rarities[w] for w, n in counts.get(pk, {}).items() if w in rarities}
        return np.array([weights.get(word, 0.0) for word in sorted(rarities)])

    for other, cosine in zip(ids[1:], found, strict=True):
        mine, theirs = spread(ids[0]), spread(other)
        length = float(np.linalg.norm(mine) * np.linalg.norm(theirs))
        assert abs(cosine - (mine @ theirs / length if length else 0.0)) < 1e-6
    # They share a scanner that counts; one of no word that others have, and one of no word at all, are like nothing.
    assert found[0] > 0.1
    assert found[2:].tolist() == [0.0, 0.0]


@pytest.mark.django_db
def test_the_collection_knows_the_words_that_stand_in_several_texts(corpus: Corpus) -> None:
    known = known_of({"scanner": 2.0, "zyzzyva": 1.0, "badg": 1.0})
    assert known.words == ("badg", "scanner")
    assert known.rarities[0] < known.rarities[1]
    assert np.allclose(known.weights, known.rarities * [1, 1 + np.log(2)])
    assert known_of({}).words == known_of({"qwxzk": 1.0}).words == ()


@given(st.lists(st.dictionaries(st.integers(0, 6), st.floats(0.1, 5), max_size=5), min_size=1, max_size=6))
def test_cosines_are_those_of_the_full_vectors(texts: list[dict[int, float]]) -> None:
    full = np.zeros((len(texts), 7))
    for row, text in enumerate(texts):
        for number, value in text.items():
            full[row, number] = value
        full[row] /= max(np.linalg.norm(full[row]), 1e-12)
    rows, numbers = np.nonzero(full)
    begins = np.searchsorted(rows, np.arange(len(texts) + 1))
    found = WordVectors(begins, numbers.astype(np.int32), full[rows, numbers].astype(np.float32), 7)
    others = np.arange(len(texts))[::-1].copy()
    for text in range(len(texts)):
        assert np.allclose(found.cosines(text, others), full[others] @ full[text], atol=1e-5)
