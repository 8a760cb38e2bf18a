"""Plain text: out of rich text, and into sentences."""

import html
import re

_BREAKS = re.compile(r"</?(?:p|li|ul|ol|h[1-6]|blockquote|br|div|tr|td|hr)\b[^>]*>", re.IGNORECASE)
_TAGS = re.compile(r"<[^>]+>")
# A sentence ends at . ! ? … (with closing quotes or brackets) before white space and something that can begin one.
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’»)\]]*\s+(?=[\"“‘«(\[¿¡]*[A-ZÀ-ÖØ-Þ0-9])")
_ABBREVIATION = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|No|vs|etc|e\.g|i\.e|U\.S|a\.m|p\.m|Sr|Sra|Dra|Jr)\.$")

# What tells how a firm is incorporated, not who it is.
_LEGAL_FORM = re.compile(
    r"[\s,]+(?:inc|llc|llp|lp|ltd|plc|corp|corporation|company|co|gmbh|ag|bv|nv|sarl|sa|sas|spa|srl)$"
)


def plain(markup: str) -> str:
    """Return the words of rich text; block elements end a paragraph (a line break)."""
    text = html.unescape(_TAGS.sub("", _BREAKS.sub("\n", markup)))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def sentences(text: str) -> list[str]:
    """Return the sentences of a plain text, in order; a line break always ends one."""
    found: list[str] = []
    for line in text.split("\n"):
        start = 0
        for end in _SENTENCE_END.finditer(line):
            piece = line[start : end.end()].strip()
            if _ABBREVIATION.search(piece):
                continue
            found.append(piece)
            start = end.end()
        rest = line[start:].strip()
        if rest:
            found.append(rest)
    return found


def firm_key(name: str) -> str:
    """Return what is the same for all ways of writing a firm's name: no capitals, no legal form, no article.

    Args:
        name: as an author wrote it; empty for none.
    """
    key = " ".join(name.casefold().replace(".", "").split()).removeprefix("the ")
    while (shorter := _LEGAL_FORM.sub("", key)) != key:
        key = shorter
    return key.strip(" ,")
