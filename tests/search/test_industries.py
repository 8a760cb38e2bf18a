"""Whose industry somebody speaks of."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.expansion import Synonyms
from search.industries import industry_said
from search.vocabulary import Vocabulary

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("content")]


def said(text: str) -> str:
    """Return the NAICS number of the industry, empty where there is none."""
    term = industry_said(text, Vocabulary.load("en"), Synonyms.load())
    return term.notation if term else ""


@pytest.mark.parametrize(
    ("text", "notation"),
    [
        ("Our hospital gave every nurse a badge.", "622"),
        ("They gave us badges. I clean rooms at a big hotel.", "721"),
        ("The scanner in the warehouse tracks each minute.", "493"),
        ("Everybody at our Call Center is scored.", "561"),
        ("En nuestro almacén nos cuentan los minutos.", "493"),
        ("Trabajo en una clínica y me graban.", "621"),
        ("I am a hospital nurse, and I’m timed.", "622"),
        ("I work for a bank.", "522"),
        ("Soy cocinera de restaurante.", "722"),
        # Whose it is, before where something is; of two that are one's own, the first.
        ("Robots in hotels were bad enough. Now our hospital has them.", "622"),
        ("Our bank bought my hospital.", "522"),
        # A sector with a part of the same name: the part.
        ("They put sensors on the lines of our utilities.", "221"),
        ("My school watches us.", "611"),
    ],
)
def test_it_is_told_from_where_somebody_says_they_work(text: str, notation: str) -> None:
    assert said(text) == notation


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The app sets my hours.",
        # Named in passing, or another word that is written alike.
        "They mail us about it, and delivery gets faster. I get mail about my score.",
        "It trains on what I type, and they dock the pay.",
        # About all industries is no industry.
        "It happens in every industry.",
    ],
)
def test_nothing_is_told_where_nobody_says_so(text: str) -> None:
    assert said(text) == ""


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(st.sampled_from(["our", "at", "the", "hospital", "call", "center", "¿", ".", "A’-b", "our hotel"]))
)
def test_whatever_is_written_it_is_an_industry_or_none(words: list[str]) -> None:
    assert said(" ".join(words)) in {"", "622", "561", "721"}
