"""What people type or paste, made into the HTML that is kept: nothing in it runs, loads, or follows a reader.

``nh3`` takes out what may not be there; what is left is read into blocks and written anew.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

import nh3
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from cms.prose.blocks import HEADINGS, LISTS, Block, Run, blocks_of, plain_text, to_html
from cms.prose.links import SCHEMES, link_clean
from cms.prose.marks import from_marks, to_marks

LONGEST = 60_000
_BOLD, _ITALIC = {"b", "strong"}, {"i", "em"}
_AS = {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h3", "h5": "h3", "h6": "h3"}
_TAGS = {"p", "div", "br", "ul", "ol", "li", "a", *_BOLD, *_ITALIC, *_AS, "blockquote", "section", "article", "tr"}
# Gone with everything inside them.
_WHOLE = {"script", "style", "iframe", "object", "noscript", "template", "title", "head", "svg", "math", "textarea"}
_RUNS = {"script", "iframe", "object", "embed", "applet", "form", "input", "button", "link", "meta", "svg", "math"}
_PICTURES = {"img", "picture", "source", "video", "audio", "canvas", "map"}
_LOOKS_LIKE_HTML = re.compile(
    r"<(!--|!doctype|/?(p|div|br|ul|ol|li|a|b|strong|i|em|h[1-6]|span|font|table|tbody|tr|td|th|img|script|style|iframe|"
    r"svg|object|embed|form|input|html|body|head|meta|link|blockquote|section|article|u|s|pre|code|o:p|video|audio|"
    r"math|noscript|template|title|textarea|button|center|hr)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Cleaned:
    """A text as it is kept, and in words what was taken out of it."""

    html: str
    removed: tuple[str | Promise, ...] = ()

    @property
    def sentence(self) -> str:
        """One sentence that says what was taken out; empty if nothing was."""
        if not self.removed:
            return ""
        return gettext("Taken out of the text: %(what)s.") % {"what": ", ".join(str(what) for what in self.removed)}


_SCRIPTS = gettext_lazy("scripts and forms")
_IMAGES = gettext_lazy("pictures (add one below the text)")
_STYLES = gettext_lazy("styles")
_COMMENTS = gettext_lazy("hidden comments")
_TRACKED = gettext_lazy("tracking in links")
_LINKS = gettext_lazy("links that lead to no web page, mail address or telephone")


def clean(text: str, *, headings: bool = True) -> Cleaned:
    """Return what somebody typed or pasted as the HTML that is kept.

    Args:
        text: plain text with or without marks, or HTML.
        headings: whether headings stay; else they become bold paragraphs.
    """
    text = text[:LONGEST].replace("\x00", "")
    notes: list[str | Promise] = []
    if is_html(text):
        notes = list(_noted(text))
        blocks = _parsed(text)
    else:
        blocks = from_marks(text)
        if any(link_clean(address)[1] for address in re.findall(r"(?:https?://|www\.)[^\s<>\"()]+", text)):
            notes = [_TRACKED]
    if not headings:
        blocks = _without_headings(blocks)
    return Cleaned(to_html(blocks), tuple(dict.fromkeys(notes)))


def is_html(text: str) -> bool:
    """Whether a text is meant as HTML."""
    return _LOOKS_LIKE_HTML.search(text) is not None


def blocks_in(html: str) -> tuple[Block, ...]:
    """Return the blocks of HTML, cleaned."""
    return _parsed(html)


def words_of(html: str) -> str:
    """Return only the words of HTML, a line for each paragraph and item."""
    return plain_text(_parsed(html))


def to_field(html: str) -> str:
    """Return kept HTML as one goes on typing in it; as HTML where marks could not say the same."""
    typed = to_marks(blocks_in(html))
    return typed if clean(typed).html == clean(html).html else html


def is_ours(html: str) -> bool:
    """Whether everything in kept HTML would stay: no link to a page or file of the site, nothing embedded."""
    reader = _Foreign()
    reader.feed(html)
    reader.close()
    return not reader.found


class _Foreign(HTMLParser):
    """Looks for what only the editors' admin can write."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that would not stay, or a link that would change."""
        known = {"p", "br", "h2", "h3", "li", "a", *LISTS, *_BOLD, *_ITALIC}
        href = dict(attrs).get("href") or ""
        if tag not in known or (tag == "a" and link_clean(href)[0] != href):
            self.found = True


def _without_headings(blocks: Iterable[Block]) -> tuple[Block, ...]:
    return blocks_of(
        ("p", [[Run(run.text, True, run.italic, run.href) for run in block.items[0]]])
        if block.kind in HEADINGS
        else (block.kind, block.items)
        for block in blocks
    )


def _parsed(html: str) -> tuple[Block, ...]:
    safe = nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags=_WHOLE,
        attributes={"a": {"href"}},
        url_schemes=set(SCHEMES),
        strip_comments=True,
        link_rel=None,
    )
    reader = _Reader()
    reader.feed(safe)
    reader.close()
    return blocks_of(reader.blocks())


class _Reader(HTMLParser):
    """Reads cleaned HTML into kinds with their items."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._found: list[tuple[str, list[list[Run]]]] = []
        self._runs: list[Run] = []
        self._kind = "p"
        self._lists: list[str] = []
        self._bold = self._italic = 0
        self._href = ""

    def blocks(self) -> list[tuple[str, list[list[Run]]]]:
        """Return what was read."""
        self._end()
        return self._found

    def _end(self) -> None:
        if self._runs:
            self._found.append((self._kind, [self._runs]))
        self._runs = []
        self._kind = self._lists[-1] if self._lists else "p"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a block or a formatting."""
        if tag == "br":
            self._runs.append(Run("\n"))
        elif tag == "a":
            self._href = link_clean(dict(attrs).get("href") or "")[0]
        elif tag in _BOLD:
            self._bold += 1
        elif tag in _ITALIC:
            self._italic += 1
        elif tag in LISTS:
            self._end()
            self._lists.append(tag)
            self._kind = tag
        elif self._lists and tag != "li":
            # Paragraphs within an item are lines of it.
            self._runs += [Run("\n")] if self._runs else []
        else:
            self._end()
            self._kind = self._lists[-1] if self._lists else _AS.get(tag, "p")

    def handle_endtag(self, tag: str) -> None:
        """End a block or a formatting."""
        if tag == "a":
            self._href = ""
        elif tag in _BOLD:
            self._bold = max(0, self._bold - 1)
        elif tag in _ITALIC:
            self._italic = max(0, self._italic - 1)
        elif tag in LISTS:
            if self._lists:
                self._lists.pop()
            self._end()
        elif tag != "br" and (tag == "li" or not self._lists):
            self._end()

    def handle_data(self, data: str) -> None:
        """Add words. A line break of the source is a space."""
        words = re.sub(r"\s+", " ", data)
        self._runs.append(Run(words, self._bold > 0, self._italic > 0, self._href))


def _noted(html: str) -> Iterator[str | Promise]:
    """Return what is in a pasted text that will not stay, as far as its writer may miss it."""
    reader = _Notes()
    reader.feed(html)
    reader.close()
    return iter(reader.notes)


class _Notes(HTMLParser):
    """Looks for what will be taken out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.notes: list[str | Promise] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag stands for."""
        if tag in _RUNS or any(name.startswith("on") for name, _value in attrs):
            self.notes.append(_SCRIPTS)
        if tag in _PICTURES:
            self.notes.append(_IMAGES)
        if tag == "style" or any(name in ("style", "bgcolor", "color") for name, _value in attrs):
            self.notes.append(_STYLES)
        href = dict(attrs).get("href")
        if tag == "a" and href:
            address, tracked = link_clean(href)
            if not address:
                self.notes.append(_LINKS)
            if tracked:
                self.notes.append(_TRACKED)

    def handle_comment(self, data: str) -> None:
        """Note a comment."""
        self.notes.append(_COMMENTS)


__all__ = ["Cleaned", "blocks_in", "clean", "is_html", "is_ours", "to_field", "words_of"]
