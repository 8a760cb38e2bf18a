"""Which language somebody writes in."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.languages import language_said

pytestmark = pytest.mark.django_db

PAIRS = json.loads((Path(__file__).parent / "encoders/pairs/spanish.json").read_text(encoding="utf-8"))["pairs"]


def test_every_made_up_story_is_told_in_its_language() -> None:
    assert {language_said(pair["english"]["text"], otherwise="?") for pair in PAIRS} == {"en"}
    assert {language_said(pair["other"]["text"], otherwise="?") for pair in PAIRS} == {"es"}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The app deactivated me overnight.", "en"),
        ("La aplicación me desactivó de un día para otro.", "es"),
        ("camera in the truck", "en"),
        ("cámara en el camión", "es"),
        ("ROBOT ROBOT", "?"),
        ("no me", "?"),
        ("", "?"),
    ],
)
def test_the_language_with_most_small_words_is_meant(text: str, language: str) -> None:
    assert language_said(text, otherwise="?") == language


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200).filter(lambda text: "\x00" not in text))
def test_whatever_is_written_it_is_a_language_of_the_site_or_the_other(text: str) -> None:
    assert language_said(text, otherwise="?") in {"en", "es", "?"}
