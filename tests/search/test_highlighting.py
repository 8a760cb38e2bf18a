"""The words that were looked for are marked in the texts of hits."""

import pytest

from search.expansion import Synonyms, expand
from search.highlighting import MARK_END, MARK_START, Marked, marked_documents
from tests import factories

pytestmark = pytest.mark.usefixtures("site")


def marks(text: str) -> str:
    return text.replace(MARK_START, "[").replace(MARK_END, "]")


def shown(words: str, **texts: str) -> Marked:
    page = factories.story(texts.pop("title", "Plain"), **texts)
    _document, found = marked_documents([page.public_id], expand(words, Synonyms()), fields=[])[page.public_id]
    return Marked(marks(found.title), marks(found.standfirst), marks(found.excerpt))


def test_any_form_of_a_word_is_marked_where_it_stands() -> None:
    found = shown("zeppelins", title="The zeppelin", standfirst="Zeppelin pilots.", text="It left the hangar.")
    assert found == Marked("The [zeppelin]", "[Zeppelin] pilots.", "")


def test_a_word_of_the_body_brings_a_piece_of_it() -> None:
    assert shown("hangar", text="It left the hangar and came back.").excerpt == "left the [hangar] and came back"


def test_without_words_nothing_is_marked() -> None:
    page = factories.story("Plain")
    document, found = marked_documents([page.public_id], expand("the", Synonyms()), fields=["url"])[page.public_id]
    assert (found, document.title) == (Marked("Plain", document.standfirst), "Plain")
    assert marked_documents([], expand("plain", Synonyms()), fields=[]) == {}


def test_in_a_headline_each_word_of_a_phrase_is_marked_wherever_it_stands() -> None:
    found = shown(
        '"silver zeppelin"', title="Silver mines", standfirst="No word of it.", text="A silver zeppelin left."
    )
    assert found == Marked("[Silver] mines", "No word of it.", "[silver] [zeppelin] left")
