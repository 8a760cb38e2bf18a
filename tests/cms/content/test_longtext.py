"""Long texts of the data files become safe rich text."""

from hypothesis import given
from hypothesis import strategies as st

from cms.content.longtext import rich_text, stream
from search.text import plain


def test_paragraphs_lists_headings_and_inline_marks() -> None:
    assert rich_text(["One **two** *three* [four](https://example.org/a).", "- a\n- b", "## Five"]) == (
        '<p>One <b>two</b> <i>three</i> <a href="https://example.org/a">four</a>.</p>'
        "<ul><li>a</li><li>b</li></ul><h2>Five</h2>"
    )


def test_a_quotation_is_a_block_of_its_own() -> None:
    blocks = stream(["Before.", {"quote": "Words  said.", "speaker": "Tara"}, "After."])
    assert [block["type"] for block in blocks] == ["paragraph", "quote", "paragraph"]
    assert blocks[1]["value"] == {"text": "Words said.", "speaker": "Tara", "role": "", "source": ""}


@given(st.text(st.characters(codec="utf-8", exclude_characters="*[]#-"), max_size=80))
def test_no_markup_gets_through_and_no_word_gets_lost(text: str) -> None:
    html = rich_text([text])
    assert "<script" not in html
    assert plain(html).split() == text.split()
