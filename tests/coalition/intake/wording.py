"""What a page says, as lines that can be read and compared: headings, sentences, ways on, forms and what is in them."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, NavigableString, Tag

KEPT = Path(__file__).parent / "wording"
# Set it to write down what the pages say now, and read the difference before it is committed.
WRITE = "COALITION_WRITE_WORDING"
# Lists of concepts are the vocabulary's, which grows without these pages: what is ticked is shown of them.
_VOCABULARY = {"industry", "technology", "harm", "occupation", "place"}
_BLOCKS = {"p", "li", "dt", "dd", "td", "th", "summary", "legend", "label", "caption", "blockquote", "pre", "div"}
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_HASH = re.compile(r"\b[0-9a-f]{64}\b")
_SHORT = re.compile(r"· [0-9a-f]{8}\b")


@contextmanager
def book(name: str, language: str) -> Iterator[Callable[[str, Any], None]]:
    """Give a function that takes answers in, each with a heading; then compare all with what is written down.

    Raises:
        AssertionError: they say something else, or nothing is written down.
    """
    said: list[str] = []
    yield lambda heading, response: said.append(f"===== {heading} =====\n{lines(response)}")
    text, path = "\n".join(said), KEPT / f"{name}.{language}.txt"
    if os.environ.get(WRITE):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"Nothing is written down as {path.name}: set {WRITE}, and read it."
    assert text.split("\n") == path.read_text(encoding="utf-8").split("\n")


def lines(response: Any) -> str:
    """Return what an answer says: its status, where it leads, its title and what is in ``main``."""
    out = [" ".join(filter(None, [str(response.status_code), response.headers.get("Location")]))]
    if response.headers.get("Content-Type", "").startswith("text/html") and response.content:
        soup = BeautifulSoup(response.content.decode(), "html.parser")
        for code in soup.select('li[translate="no"]'):
            code.string = "(a word)"
        out.append(_words(soup.title))
        main = soup.main
        assert main is not None, out
        _walk(main, out)
    said = "\n".join(line.rstrip() for line in out if line.strip())
    return _SHORT.sub("· (id)", _HASH.sub("(hash)", _UUID.sub("(id)", said))) + "\n"


def _walk(tag: Tag, out: list[str]) -> None:
    """Add the lines of what is in a tag."""
    if _is_line(tag):
        out.append(_mark(tag) + _words(tag))
        return
    for child in tag.children:
        if isinstance(child, NavigableString):
            out.append(" ".join(child.split()))
        elif isinstance(child, Tag):
            _element(child, out)


def _element(tag: Tag, out: list[str]) -> None:
    if tag.name == "form":
        out.append(f"form {tag.get('method')} {tag.get('action', '')}")
        _walk(tag, out)
        out.append("form ends")
    elif tag.name in ("input", "textarea", "select", "button"):
        out.append(_field(tag))
    elif tag.name == "fieldset" and (names := _ticked_by(tag)) <= _VOCABULARY and names:
        labels = [tag.select_one(f'label[for="{box.get("id")}"]') for box in tag.select("input[checked]")]
        ticked = ", ".join(_words(label) for label in labels)
        out.append(f"{_words(tag.legend)}: a list of {', '.join(names)}; ticked: {ticked or 'none'}")
    elif tag.name not in ("script", "style", "svg"):
        _walk(tag, out)


def _ticked_by(tag: Tag) -> set[str]:
    """Return the names of what can be ticked in a tag."""
    return {str(box.get("name")) for box in tag.select("input[type=checkbox]")}


def _is_line(tag: Tag) -> bool:
    is_text = bool(re.fullmatch(r"h[1-6]|a", tag.name)) or tag.name in _BLOCKS
    inner = tag.find([*_BLOCKS, "form", "input", "textarea", "select", "button", "ul", "ol", "table", "h2", "h3"])
    return is_text and inner is None


def _mark(tag: Tag) -> str:
    marks = {"li": "- ", "dt": "? ", "dd": "= ", "label": "label: ", "legend": "legend: ", "th": "| ", "td": "| "}
    return "#" * int(tag.name[1]) + " " if re.fullmatch(r"h[1-6]", tag.name) else marks.get(tag.name, "")


def _words(tag: Tag | None) -> str:
    """Return a tag's words in a line, with where its links lead."""
    if tag is None:
        return ""
    words = []
    for node in tag.descendants:
        if isinstance(node, NavigableString) and node.find_parent(["script", "style", "svg"]) is None:
            words.append(str(node))
            link = node.find_parent("a")
            if link is not None and node is list(link.strings)[-1]:
                words.append(f" <{link.get('href')}> ")
        elif isinstance(node, Tag) and node.name == "img":
            words.append(f"[{node.get('alt')}]")
    if tag.name == "a" and tag.find_parent("a") is None and not any("<" in word for word in words):
        words.append(f" <{tag.get('href')}>")
    return " ".join("".join(words).split())


def _field(tag: Tag) -> str:
    """Return a field's kind, name and value, and what is asked of it."""
    if tag.name == "button":
        return f"[{_words(tag)}] {tag.get('name', '')}={tag.get('value', '')}"
    if tag.name == "select":
        chosen = [option.get_text() for option in tag.select("option[selected]")]
        return f"select {tag.get('name')}: {', '.join(chosen)} of {len(tag.select('option'))}"
    kind = tag.name if tag.name == "textarea" else str(tag.get("type"))
    if tag.get("name") == "csrfmiddlewaretoken":
        return "(token)" if tag.get("value") else "(no token)"
    value = tag.get_text().strip() if tag.name == "textarea" else tag.get("value", "")
    asked = [
        name
        for name in ("checked", "required", "multiple", "accept", "maxlength", "autocomplete")
        if tag.has_attr(name)
    ]
    return f"{kind} {tag.get('name')}={value!r} {' '.join(asked)}"
