"""Whatever is typed or pasted: what is kept runs nothing, loads nothing, follows nobody, and stays as it is."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.prose.cleaning import clean, to_field
from cms.prose.links import link_clean

KEPT = {"p", "b", "i", "a", "ul", "ol", "li", "h2", "h3", "br"}
ENTITIES = ["&lt;script&gt;", "&#x3c;b&#x3e;", "&amp;amp;", "&nbsp;", "javascript&colon;alert(1)"]
PIECES = [
    "<p>", "</p>", "<div style='x'>", "</div>", "<b>", "</b>", "<strong>", "</strong>", "<i>", "</i>", "<em>", "</em>",
    "<ul>", "</ul>", "<ol>", "</ol>", "<li>", "</li>", "<h1>", "</h1>", "<h3>", "</h3>", "<br>", "<br/>", "<table>",
    "<tr>", "<td>", "</td>", "</tr>", "</table>", "<script>alert(1)</script>", "<style>p{}</style>", "<!-- x -->",
    "<img src=x onerror=alert(1)>", "<a href='javascript:alert(1)'>", "<a href='https://x.org/?utm_source=a&b=c'>",
    "<a href=' HTTPS://x.org '>", "<a href='//evil.org'>", "<a href='data:text/html,x'>", "</a>", "<svg onload=a>",
    "<math><mi//xlink:href='data:x'>", "<iframe src=//x>", "words", " ", "\n", "\n\n", "- ", "1. ", "## ", "*", "**",
    "[", "](https://x.org/a_(b))", "https://x.org/?fbclid=1", "\\", "&", "<", ">", '"', "\u00a0", "•", *ENTITIES,
]  # fmt: skip
texts = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=30).map("".join))


class Seen(HTMLParser):
    """What stands in some HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.comments = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_comment(self, data: str) -> None:
        self.comments += 1


@given(texts)
def test_nothing_forbidden_is_ever_kept(text: str) -> None:
    seen = Seen(clean(text).html)
    assert seen.tags <= KEPT
    assert seen.comments == 0
    for tag, name, value in seen.attributes:
        assert (tag, name) == ("a", "href")
        assert re.match(r"(https?://|mailto:|tel:)", value)
        assert "utm_" not in value
        assert "fbclid" not in value


@given(texts)
def test_cleaning_what_is_clean_changes_nothing(text: str) -> None:
    once = clean(text)
    again = clean(once.html)
    assert again.html == once.html
    assert again.removed == ()


@given(texts)
def test_what_is_shown_to_be_edited_says_the_same(text: str) -> None:
    html = clean(text).html
    assert clean(to_field(html)).html == html


@given(st.text(max_size=300))
def test_an_address_may_stand_or_is_empty(text: str) -> None:
    for address in (text, f"https://{text}", f"javascript:{text}", f"https://x.org/?utm_source={text}"):
        found, _tracked = link_clean(address)
        assert not found or re.match(r"(https?://|mailto:|tel:)", found)
        assert link_clean(found) == (found, False)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("One.\n\nTwo.", "<p>One.</p><p>Two.</p>"),
        ("One\ntwo", "<p>One<br/>two</p>"),
        ("We won:\n- pay\n- notice", "<p>We won:</p><ul><li>pay</li><li>notice</li></ul>"),
        ("1. first\n2) second", "<ol><li>first</li><li>second</li></ol>"),
        ("## Next\nMeet.", "<h2>Next</h2><p>Meet.</p>"),
        ("**Won** and *soon*", "<p><b>Won</b> and <i>soon</i></p>"),
        ("5 * 3 * 2 < 31 & I <3 you", "<p>5 * 3 * 2 &lt; 31 &amp; I &lt;3 you</p>"),
        ("See https://x.org/a.", '<p>See <a href="https://x.org/a">https://x.org/a</a>.</p>'),
        ("www.x.org!", '<p><a href="https://www.x.org">www.x.org</a>!</p>'),
        ("[the letter](https://x.org/a_(b))", '<p><a href="https://x.org/a_(b)">the letter</a></p>'),
        ("[x](javascript:alert(1))", "<p>x</p>"),
        ("   ", ""),
    ],
)
def test_typed_text(typed: str, kept: str) -> None:
    assert clean(typed).html == kept


def test_a_pasted_text_keeps_its_words_bold_lists_and_links_and_says_what_went() -> None:
    cleaned = clean(
        '<meta charset="utf-8"><div style="color:red"><h1>We won</h1><p onclick="x()">The <strong>board</strong> voted '
        '<em>yes</em>.<img src="https://pixel.example/1.gif" width="1"></p><!-- hidden --><ul><li><p>Pay</p></li>'
        "<li>Notice<ul><li>sixty days</li></ul></li></ul><script>alert(1)</script>"
        '<a href="https://x.org/?id=3&amp;utm_source=mail&amp;fbclid=9">Read</a> '
        '<a href="javascript:x()">here</a></div>'
    )
    assert cleaned.html == (
        "<h2>We won</h2><p>The <b>board</b> voted <i>yes</i>.</p>"
        "<ul><li>Pay</li><li>Notice</li><li>sixty days</li></ul>"
        '<p><a href="https://x.org/?id=3">Read</a> here</p>'
    )
    assert cleaned.sentence == (
        "Taken out of the text: scripts and forms, styles, pictures (add one below the text), hidden comments, "
        "tracking in links, links that lead to no web page, mail address or telephone."
    )


def test_headings_become_bold_where_a_field_has_none() -> None:
    assert clean("<h2>Won</h2><p>All.</p>", headings=False).html == "<p><b>Won</b></p><p>All.</p>"


def test_a_kept_text_is_shown_with_marks() -> None:
    html = '<h2>Next</h2><p>The <b>board</b>, <i>soon</i>:</p><ul><li><a href="https://x.org">here</a></li></ul>'
    assert to_field(html) == "## Next\n\nThe **board**, *soon*:\n\n- [here](https://x.org)"
