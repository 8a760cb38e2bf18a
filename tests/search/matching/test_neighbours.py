"""Neighbours are near in meaning and by their words, and a vector moves towards them and towards nothing else."""

from collections.abc import Iterator

import numpy as np
import pytest
from django.db import connection

from search.encoders.base import Vectors
from search.matching import vectorizing
from search.matching.evaluation.corpus import Corpus, corpus_load, shadow_tables
from search.matching.neighbours import MOST_NEIGHBOURS, nearness, neighbours_for, smooth_all, smoothed
from search.matching.subject import subject_of_text
from search.matching.vectorizing import smooth_collection
from search.matching.words import WordVectors
from search.vectors import unit


def no_words(texts: int) -> WordVectors:
    return WordVectors(
        np.zeros(texts + 1, dtype=np.int64), np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32), 0
    )


def test_a_vector_moves_towards_near_neighbours_and_not_towards_far_ones() -> None:
    own = unit(np.array([1.0, 0.0, 0.0], dtype=np.float32))
    near = unit(np.array([[1.0, 0.2, 0.0]], dtype=np.float32))
    far = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]], dtype=np.float32)
    assert smoothed(own, near, np.ones(1)) @ near[0] > own @ near[0]
    # The nearer, the more.
    assert smoothed(own, near, np.ones(1)) @ near[0] > smoothed(own, near, np.full(1, 0.3)) @ near[0] > own @ near[0]
    assert np.allclose(smoothed(own, far, np.array([0.0, -1.0])), own)


def test_words_make_nearer_and_places_as_far_as_they_say_what_words_say() -> None:
    vectors, every = np.full(4, 0.5), np.ones(4, dtype=bool)
    words = np.array([0.0, 0.1, 0.2, 0.9])
    alone = nearness(vectors, words, np.zeros(4), every)
    assert (np.diff(alone) > 0).all()
    assert abs(alone[0] - 0.5 / 3) < 1e-9
    # Places that put them in the same order count in full, those in the contrary one not at all.
    assert np.allclose(nearness(vectors, words, words, every), (0.5 + 2.5 * words) / 3.5)
    assert np.allclose(nearness(vectors, words, -words, every), alone)
    assert nearness(np.ones(4), np.ones(4), np.ones(4), every).max() <= 1


def test_where_words_cannot_tell_vectors_do_alone() -> None:
    vectors, words = np.array([0.5, 0.5, -0.2]), np.array([0.0, 0.9, 0.0])
    found = nearness(vectors, words, np.zeros(3), np.array([False, True, False]))
    assert np.allclose(found, [0.35, (0.5 + 1.8) / 3, -0.14])


def test_among_few_there_are_few_neighbours_and_one_alone_stays_what_it_is() -> None:
    assert [neighbours_for(number) for number in (0, 29, 30, 89, 150, 10_000)] == [0, 0, 1, 2, 5, MOST_NEIGHBOURS]
    one = unit(np.array([[1.0, 0.0]], dtype=np.float32))
    assert np.array_equal(smooth_all(one, one, ["en"], no_words(1), np.zeros((1, 0), dtype=np.float32)), one)


def test_neighbours_are_chosen_by_words_among_those_that_are_near_in_meaning() -> None:
    # Sixty texts that mean much the same; every second one has a word in common.
    drawn = np.random.default_rng(3)
    own = unit(np.eye(20, dtype=np.float32)[0] + 0.3 * drawn.standard_normal((60, 20)).astype(np.float32))
    kinds = np.arange(60, dtype=np.int32) % 2
    words = WordVectors(np.arange(61, dtype=np.int64), kinds, np.ones(60, dtype=np.float32), 2)
    found = smooth_all(own, own, ["en"] * 60, words, np.zeros((60, 0), dtype=np.float32))
    for text in range(60):
        same = [other for other in range(60) if other != text and kinds[other] == kinds[text]]
        cosines = own[same] @ own[text]
        nearest = np.argsort(-cosines)[:2]
        expected = smoothed(own[text], own[np.array(same)[nearest]], (cosines[nearest] + 2) / 3)
        assert np.allclose(found[text], expected, atol=1e-5)


def test_a_story_in_another_language_is_a_neighbour_by_its_meaning() -> None:
    # Sixty texts in two languages by turns, every text with the next one as near as nobody else.
    drawn = np.random.default_rng(4)
    told = unit(drawn.standard_normal((30, 20)).astype(np.float32))
    own = unit(np.repeat(told, 2, axis=0) + 0.1 * drawn.standard_normal((60, 20)).astype(np.float32))
    nothing = np.zeros((60, 0), dtype=np.float32)
    words = WordVectors(np.arange(61, dtype=np.int64), np.arange(60, dtype=np.int32), np.ones(60, np.float32), 60)
    across = smooth_all(own, own, ["en", "es"] * 30, words, nothing)
    within = smooth_all(own, own, ["en"] * 60, words, nothing)
    pairs = np.arange(60) ^ 1
    before = np.sum(own * own[pairs], axis=1)
    assert (np.sum(across * own[pairs], axis=1) > before).all()
    # In one language they would have shared words, if they told the same.
    assert (np.sum(across * own[pairs], axis=1) > np.sum(within * own[pairs], axis=1)).all()


@pytest.mark.usefixtures("site")
def test_a_very_large_collection_is_smoothed_by_the_index_and_comes_out_nearly_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    smooth_collection()
    compared = smooth_vectors()
    monkeypatch.setattr(vectorizing, "ALL_COMPARED", 0)
    smooth_collection()
    looked_up = smooth_vectors()
    assert compared.shape == looked_up.shape
    # Neighbours are looked for before and not after what all have in common is taken away: some are others.
    cosines = np.sum(compared * looked_up, axis=1)
    assert cosines.mean() > 0.99
    assert cosines.min() > 0.8


@pytest.fixture
def corpus() -> Iterator[Corpus]:
    """Tellings of three things, each with words of its own, in 120 texts."""
    things = {
        "scanner": "The scanner in the warehouse counts every parcel and every pause.",
        "roster": "The roster in the shop comes from a program and changes overnight.",
        "camera": "The camera in the cab watches the eyes of the driver.",
    }
    with shadow_tables():
        yield corpus_load(
            [
                {"id": f"{name} {number}", "text": f"{text} Told by number {number}."}
                for name, text in things.items()
                for number in range(40)
            ]
        )


@pytest.mark.django_db
def test_one_text_is_smoothed_as_the_whole_collection_is(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    together = smooth_vectors()
    monkeypatch.setattr(vectorizing, "ALL_COMPARED", 0)
    smooth_collection()
    assert np.sum(together * smooth_vectors(), axis=1).min() > 0.99


@pytest.mark.django_db
def test_a_text_of_ones_own_moves_towards_what_is_told_with_its_words(corpus: Corpus) -> None:
    told = subject_of_text("A scanner counts my pauses in the warehouse.")
    assert told.smooth is not None
    vectors = smooth_vectors()
    kinds = np.array([outside.split()[0] for outside in corpus.documents])
    near = vectors @ told.smooth
    assert near[kinds == "scanner"].min() > near[kinds != "scanner"].max()


def smooth_vectors() -> Vectors:
    with connection.cursor() as cursor:
        cursor.execute("SELECT smooth::real[] FROM search_vector ORDER BY document_id")
        return np.asarray([row[0] for row in cursor.fetchall()], dtype=np.float32)
