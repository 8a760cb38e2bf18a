"""Plain text and sentences."""

from hypothesis import given
from hypothesis import strategies as st

from search.text import plain, sentences


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
