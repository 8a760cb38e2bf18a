"""Signals say what they claim to: sentences that answer each other, concepts by rarity, words without a centre."""

import numpy as np
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from search.embeddings import encoder
from search.engines.snapshots import columns
from search.matching.candidates import Scope, best
from search.matching.centre import Centres, centres
from search.matching.signals import everywhere
from search.matching.signals.vectors import passages
from search.matching.subject import subject_of_document, subject_of_text
from search.matching.trees import tree_of
from search.models import Document
from search.vectors import centre_of, unit
from search.vocabulary import Vocabulary

pytestmark = pytest.mark.usefixtures("site")


def story(slug: str) -> Document:
    return Document.objects.present().get(url=f"/stories/{slug}/")


def test_a_document_answers_its_own_sentences_best() -> None:
    subject = subject_of_document(Document.objects.present().filter(kind="story").order_by("pk").first())
    ids = list(Document.objects.present().filter(kind="story").values_list("pk", flat=True))
    scores = passages(subject, ids, centres())
    assert scores is not None
    assert ids[int(np.argmax(scores))] == subject.document_id
    assert abs(scores.max() - 1) < 1e-3


def test_sentences_answer_whatever_stands_around_them() -> None:
    told = "The scanner counts every minute I stand still. My manager prints the list on Fridays."
    subject = subject_of_text(told)
    assert subject.passage_vectors is not None
    assert len(subject.passage_vectors) == len(subject.passages) == 2
    ids = list(Document.objects.present().filter(kind="story").values_list("pk", flat=True))
    assert passages(subject, ids, centres()) is not None
    assert passages(subject, [], centres()) is None


def test_without_anything_in_common_there_is_no_concept_signal_and_the_same_concepts_are_the_most() -> None:
    tree = tree_of(Vocabulary.load("en"))
    found = columns()
    document = Document.objects.present().filter(kind="story").exclude(concepts=[]).order_by("pk").first()
    assert document is not None
    mine = tree.closure(frozenset(document.concepts))
    scores = everywhere.concepts(mine, tree.depths, found)
    (row,) = found.rows(np.array([document.pk]))
    assert abs(scores[row] - 1) < 1e-9
    assert scores.max() <= 1 + 1e-9
    assert not everywhere.concepts(frozenset({"technology:of-no-document"}), tree.depths, found).any()


def test_words_that_stand_nowhere_say_nothing() -> None:
    assert not everywhere.lexical(subject_of_text("Zyzzyva qwxzk."), columns()).any()


def test_a_scope_leaves_out_other_kinds_the_same_industry_and_itself() -> None:
    found = columns()
    subject = subject_of_document(Document.objects.present().filter(kind="story").order_by("pk").first())
    assert subject.document_id is not None
    scope = Scope(("story",), tuple(subject.subsectors), (subject.document_id,))
    meant = {int(pk) for pk in found.ids[scope.mask(found)]}
    expected = {
        d.pk
        for d in Document.objects.present().filter(kind="story").exclude(pk=subject.document_id)
        if not set(d.subsectors) & set(subject.subsectors)
    }
    assert meant == expected


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.integers(1, 10))
def test_the_best_are_those_with_the_highest_scores_above_nothing(scores: list[float], limit: int) -> None:
    values = np.array(scores)
    rows = best(values, np.ones(len(values), dtype=bool), limit=limit)
    assert sorted(values[rows]) == sorted(sorted(v for v in scores if v > 0)[-limit:])


def test_the_centre_is_that_of_all_documents() -> None:
    current = encoder()
    assert current is not None
    around = centres()
    assert set(around.by_language) == {"", *Document.objects.present().values_list("language", flat=True)}
    assert {one.shape for one in around.by_language.values()} == {(current.dimensions,)}
    assert 0 < around.documents <= Document.objects.count()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT v.own::real[], d.language FROM search_vector v JOIN search_document d ON d.id = document_id"
        )
        rows = cursor.fetchall()
    own = np.asarray([row[0] for row in rows], dtype=np.float32)
    apart = around.away_each(own, [row[1] for row in rows])
    assert np.allclose(np.linalg.norm(apart, axis=1), 1, atol=1e-5)
    # What all have in common is hardly in them any more.
    assert np.linalg.norm(apart.mean(axis=0)) < np.linalg.norm(own.mean(axis=0)) / 2
    assert Centres({}).away(own, "en") is own


def test_each_language_is_freed_of_what_it_has_in_common() -> None:
    english, spanish = np.array([1.0, 0.0, 0.0], np.float32), np.array([0.0, 1.0, 0.0], np.float32)
    around = Centres({"": (english + spanish) / 2, "en": english, "es": spanish})
    told = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5]], np.float32)
    apart = around.away_each(told, ["en", "es"])
    # Told alike, each in its own language.
    assert np.allclose(apart[0], apart[1])
    assert not np.allclose(*around.away_each(told, ["en", "en"]))


def test_few_texts_have_no_more_of_a_centre_than_they_can_tell() -> None:
    one = unit(np.array([[1.0, 0.0]], dtype=np.float32))
    assert np.allclose(centre_of(one), [1 / 21, 0])
    assert np.allclose(centre_of(one, among=np.array([0.0, 1.0], np.float32)), [1 / 21, 20 / 21])
