"""Plain text and sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.text import firm_key, plain, sentences


def test_blocks_end_paragraphs_and_entities_become_letters() -> None:
    assert plain("<p>One &amp; <b>two</b></p><ul><li>three</li><li>four</li></ul>") == "One & two\nthree\nfour"


def test_sentences_end_at_marks_and_line_breaks_but_not_at_abbreviations() -> None:
    text = "Dr. Diaz asked. “Why?” She said U.S. law helps! Then 300 became 20.\nNext line"
    assert sentences(text) == [
        "Dr. Diaz asked.",
        "“Why?”",
        "She said U.S. law helps!",
        "Then 300 became 20.",
        "Next line",
    ]


@given(st.text(max_size=300))
def test_no_word_is_lost(text: str) -> None:
    assert " ".join(sentences(text)).split() == text.split()


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Example Freight, Inc.", "example freight"),
        ("  the EXAMPLE   Freight Co., Ltd. ", "example freight"),
        ("Transportes Ejemplo S.A.", "transportes ejemplo"),
        ("Example Freight L.L.C.", "example freight"),
        ("Costco", "costco"),
        ("Company", "company"),
        ("", ""),
    ],
)
def test_a_firm_is_the_same_however_its_name_is_written(written: str, key: str) -> None:
    assert firm_key(written) == key


@given(st.text(max_size=60))
def test_the_key_of_a_firm_is_its_own_key_or_shorter(name: str) -> None:
    key = firm_key(name)
    assert key == key.casefold().strip(" ,")
    assert "." not in key
    assert len(firm_key(key)) <= len(key)
