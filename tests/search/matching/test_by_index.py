"""Whoever finds the candidates, the database or Elasticsearch: what the signals say is the same, and so are matches."""

from collections.abc import Iterator

import numpy as np
import pytest
from django.utils import timezone
from pytest_django import DjangoDbBlocker, Settings

from search.embeddings import encoder
from search.engines.base import EngineUnavailable
from search.engines.elasticsearch.likeness import values_carried, words_standing
from search.engines.postings import postings
from search.engines.snapshots import columns
from search.matching.by_columns import MeasuredByColumns, measure_by_columns
from search.matching.by_index import MeasuredByIndex, measure_by_index
from search.matching.candidates import Scope
from search.matching.links import scope_for
from search.matching.matcher import Matcher
from search.matching.measuring import MeasuredByEither, measured
from search.matching.subject import Subject, subject_of_document, subject_of_text
from search.matching.trees import EMPTY_TREE, Tree, tree_of
from search.models import Document, Kind
from search.vocabulary import Vocabulary
from tests.search.engines.conftest import elasticsearch_url, patient
from tests.search.engines.corpora import Both, corpus_indexed
from tests.search.matching.candidates import LONG_AGO, by_id

__all__ = ["elasticsearch_url", "patient"]
STORIES = 40


@pytest.fixture(scope="module")
def both(content: None, elasticsearch_url: str, django_db_blocker: DjangoDbBlocker) -> Iterator[Both]:
    """A thousand documents with vectors of the site's encoder, by name, and their index."""
    model = encoder()
    assert model is not None
    with django_db_blocker.unblock(), corpus_indexed(elasticsearch_url, what="matching", encoder=model.name) as loaded:
        # What was loaded is new; the corpus is to be an old one.
        Document.objects.update(revised_at=timezone.now() - LONG_AGO)
        yield loaded


@pytest.fixture
def stories(both: Both, db: None, settings: Settings, elasticsearch_url: str, patient: None) -> list[Subject]:
    settings.ELASTICSEARCH_URL, settings.ELASTICSEARCH_PREFIX = elasticsearch_url, both.prefix
    documents = Document.objects.present().filter(kind=Kind.STORY).order_by("public_id")[:STORIES]
    return [subject_of_document(document) for document in documents]


@pytest.fixture
def tree() -> Tree:
    return tree_of(Vocabulary.load("en"))


def across(subject: Subject) -> Scope:
    return scope_for(Kind.STORY, other_industries=True, subject=subject)


def test_signals_say_the_same_of_a_candidate_whoever_found_it(stories: list[Subject], tree: Tree) -> None:
    shared, missed = 0, 0
    for subject in stories:
        one, other = measure_by_columns(subject, tree), measure_by_index(subject, tree)
        ours, theirs = one.candidates(across(subject)), other.candidates(across(subject))
        assert ours.signals.keys() == theirs.signals.keys() == {"lexical", "concepts", "semantic"}
        both_found = sorted(set(ours.ids.tolist()) & set(theirs.ids.tolist()))
        shared += len(both_found)
        missed += len(ours) - len(both_found)
        for name in ours.signals:
            here, there = by_id(ours, name), by_id(theirs, name)
            np.testing.assert_allclose(
                [there[pk] for pk in both_found], [here[pk] for pk in both_found], rtol=1e-5, atol=1e-6, err_msg=name
            )
    assert len(stories) == STORIES
    # Equals at an edge are chosen otherwise, and the texts' own vectors are compared instead of smoothed ones.
    assert missed / (shared + missed) < 0.1


def test_the_first_ten_are_the_same(stories: list[Subject], tree: Tree) -> None:
    alike = []
    for subject in stories:
        first = [
            {match.document.pk for match in Matcher(tree, measure=way).rank(subject, across(subject), limit=10)}
            for way in (measure_by_columns, measure_by_index)
        ]
        assert len(first[0]) == 10
        alike.append(len(first[0] & first[1]) / 10)
    assert np.mean(alike) >= 0.95


def test_how_common_words_and_values_are_is_told_alike(stories: list[Subject]) -> None:
    found = columns()
    documents, carried = values_carried()
    assert documents == found.documents
    assert carried == {
        value: count
        for value, count in zip(found.values, found.carried().tolist(), strict=True)
        if not value.startswith("subsector:")
    }
    subject = stories[0]
    standing = words_standing([*subject.terms, "zyzzyva"])
    assert standing.documents == found.documents
    np.testing.assert_allclose(standing.mean_length, found.mean_length, rtol=1e-5)
    half = standing.among(standing.documents // 2)
    assert half.documents == standing.documents // 2
    assert half.containing == {word: count / 2 for word, count in standing.containing.items()}
    told = {word: len(rows) for word, (rows, _often) in postings(found, sorted(subject.terms)).items()}
    assert {word: int(count) for word, count in standing.containing.items() if count} == told


def test_where_elasticsearch_answers_it_finds_the_candidates(stories: list[Subject], tree: Tree) -> None:
    subject = stories[0]
    beside = measured(subject, tree)
    assert isinstance(beside, MeasuredByEither)
    assert isinstance(beside.index, MeasuredByIndex)
    mine, theirs = beside.candidates(across(subject)), beside.index.candidates(across(subject))
    assert mine.ids.tolist() == theirs.ids.tolist()


def test_where_it_does_not_answer_the_database_does(stories: list[Subject], tree: Tree, settings: Settings) -> None:
    subject = stories[0]
    beside = measured(subject, tree)
    expected = measure_by_columns(subject, tree).candidates(across(subject)).ids.tolist()
    # It goes away between a look and the next.
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:9"
    with pytest.raises(EngineUnavailable):
        measure_by_index(subject, tree)
    assert beside.candidates(across(subject)).ids.tolist() == expected
    assert isinstance(measured(subject, tree), MeasuredByColumns)
    settings.ELASTICSEARCH_URL = ""
    assert isinstance(measured(subject, tree), MeasuredByColumns)


def test_a_text_of_ones_own_is_matched_as_well(stories: list[Subject], both: Both, tree: Tree) -> None:
    subject = subject_of_text(" ".join(both.pool.sentences[:3]))
    scope = Scope((Kind.STORY, Kind.CAMPAIGN))
    found = measure_by_index(subject, tree).candidates(scope)
    kinds = set(Document.objects.filter(pk__in=found.ids.tolist()).values_list("kind", flat=True))
    assert kinds == {Kind.STORY, Kind.CAMPAIGN}
    assert "concepts" not in found.signals


def test_of_nothing_known_nothing_is_found(stories: list[Subject]) -> None:
    subject = Subject(None, "en", {"zyzzyva": 1.0}, [])
    assert not len(measure_by_index(subject, EMPTY_TREE).candidates(Scope((Kind.STORY,))))
    nothing = Subject(None, "en", {}, [])
    assert not len(measure_by_index(nothing, EMPTY_TREE).candidates(Scope((Kind.STORY,))))
