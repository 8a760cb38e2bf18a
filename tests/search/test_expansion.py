"""What a text asks for: phrases, names of concepts, spellings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.expansion import Group, Synonyms, expand, fold

SYNONYMS = Synonyms(
    {"gps": ("Location tracking", "GPS", "rastreo"), "location tracking": ("Location tracking", "GPS", "rastreo")}, 2
)


@pytest.mark.django_db
def test_words_phrases_and_negations() -> None:
    found = expand('nurses "badge tracking" -warehouse', Synonyms())
    assert [(group.asked, group.negated) for group in found.groups] == [
        ("nurses", False),
        ('"badge tracking"', False),
        ("-warehouse", True),
    ]


@pytest.mark.django_db
def test_a_name_of_a_concept_brings_its_other_names() -> None:
    found = expand("nurses Location Tracking", SYNONYMS)
    assert found.groups[1] == Group("Location Tracking", ("Location Tracking", "Location tracking", "GPS", "rastreo"))


@pytest.mark.django_db
def test_accents_and_case_do_not_matter_for_names() -> None:
    assert fold("Reconocimiento  FACIAL á") == "reconocimiento facial a"


def test_a_misspelt_word_is_read_as_one_that_stands_somewhere(site: None) -> None:
    found = expand("hospitl", Synonyms())
    assert found.corrections == [("hospitl", "hospital")]
    assert found.understood == "hospital"


def test_a_word_that_stands_somewhere_is_left_alone(site: None) -> None:
    assert expand("mechanics", Synonyms()).corrections == []


@pytest.mark.django_db
@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    groups = expand(text.replace("\x00", ""), SYNONYMS).groups
    assert all(group.alternatives for group in groups)
