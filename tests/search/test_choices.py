"""Concepts as forms offer them."""

import pytest

from cms.taxonomy.schemes import Scheme
from search.choices import concept_choices
from search.vocabulary import Vocabulary

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("content")]


@pytest.mark.parametrize("scheme", [Scheme.INDUSTRY, Scheme.TECHNOLOGY, Scheme.HARM])
def test_every_concept_can_be_chosen_once_below_its_root_and_what_means_all_cannot(scheme: Scheme) -> None:
    vocabulary = Vocabulary.load("en")
    slugs = [slug for _root, choices in concept_choices(vocabulary, scheme) for slug, _label in choices]
    there = {term.slug for term in vocabulary.by_id.values() if term.scheme == scheme and not term.is_universal}
    assert sorted(slugs) == sorted(there)


def test_a_root_stands_first_for_all_of_it() -> None:
    groups = dict(concept_choices(Vocabulary.load("en"), Scheme.INDUSTRY))
    assert groups["Retail trade"][0] == ("retail-trade", "Retail trade: all of it")
    assert ("food-and-beverage-retailers", "Food and beverage retailers") in groups["Retail trade"]
