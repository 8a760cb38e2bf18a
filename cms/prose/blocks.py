"""A text as blocks of formatted words: what stands between what people type or paste, and the HTML that is kept.

Two ways in (marks, HTML) and two out meet here. Everything in it is normal: equal texts are equal values.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

LISTS = ("ul", "ol")
HEADINGS = ("h2", "h3")
_SPACE = re.compile(r"[^\S\n]+")
# What no text needs: control characters, and marks that only steer the direction or width of others.
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u2060\ufeff\ufdd0-\ufdef\ud800-\udfff]")


@dataclass(frozen=True)
class Run:
    """Words of one formatting. A line break is a newline in ``text``; ``href`` is empty where there is no link."""

    text: str
    bold: bool = False
    italic: bool = False
    href: str = ""

    @property
    def form(self) -> tuple[bool, bool, str]:
        """How it is formatted."""
        return self.bold, self.italic, self.href


Line = tuple[Run, ...]


@dataclass(frozen=True)
class Block:
    """A paragraph (``p``), heading (``h2``, ``h3``) or list (``ul``, ``ol``) with its items; others have one."""

    kind: str
    items: tuple[Line, ...]


def line_of(runs: Iterable[Run]) -> Line:
    """Return the words as one line: white space collapsed and outside of formatting, equal neighbours joined."""
    pieces: list[Run] = []
    for run in runs:
        text = _SPACE.sub(" ", _UNSEEN.sub("", run.text.replace("\r\n", "\n").replace("\r", "\n")))
        bare = text.strip()
        if run.form == (False, False, "") or not bare:
            pieces.append(Run(text))
            continue
        start = text.index(bare)
        pieces += [Run(text[:start]), Run(bare, *run.form), Run(text[start + len(bare) :])]
    joined: list[Run] = []
    for piece in pieces:
        if not piece.text:
            continue
        if joined and joined[-1].form == piece.form:
            joined[-1] = Run(joined[-1].text + piece.text, *piece.form)
        else:
            joined.append(piece)
    return _spaced(joined)


def _spaced(runs: list[Run]) -> Line:
    """Return runs with no space beside another, beside a line break, or at either end."""
    out: list[Run] = []
    before = "\n"
    for i, run in enumerate(runs):
        text = re.sub(r" *\n *", "\n", re.sub(" +", " ", run.text))
        text = re.sub(r"\n{2,}", "\n", text)
        if before in " \n":
            text = text.lstrip(" \n" if before == "\n" else " ")
            if before == " " and text.startswith("\n") and out:
                out[-1] = Run(out[-1].text.rstrip(" "), *out[-1].form)
        following = runs[i + 1].text if i + 1 < len(runs) else "\n"
        if following.startswith("\n"):
            text = text.rstrip(" \n" if i + 1 == len(runs) else " ")
        if text:
            out.append(Run(text, *run.form))
            before = text[-1]
    while out and not out[-1].text.strip():
        out.pop()
    if out:
        out[-1] = Run(out[-1].text.rstrip(), *out[-1].form)
    return tuple(run for run in out if run.text)


def settled(runs: Iterable[Run]) -> Line:
    """Return the words as one line that stays the same when it is made a line again."""
    line = line_of(runs)
    for _round in range(8):
        again = line_of(line)
        if again == line:
            break
        line = again
    return line


def blocks_of(found: Iterable[tuple[str, Iterable[Iterable[Run]]]]) -> tuple[Block, ...]:
    """Return kinds with their items as blocks; what is empty is left out, lists that follow each other are one."""
    blocks: list[Block] = []
    for kind, items in found:
        lines = tuple(line for line in (settled(item) for item in items) if line)
        if not lines:
            continue
        if kind in LISTS and blocks and blocks[-1].kind == kind:
            blocks[-1] = Block(kind, blocks[-1].items + lines)
        else:
            blocks.append(Block(kind, lines))
    return tuple(blocks)


def to_html(blocks: Iterable[Block]) -> str:
    """Return the blocks as the HTML that is kept."""
    parts = []
    for block in blocks:
        if block.kind in LISTS:
            items = "".join(f"<li>{_line_html(line)}</li>" for line in block.items)
            parts.append(f"<{block.kind}>{items}</{block.kind}>")
        else:
            parts.append(f"<{block.kind}>{_line_html(block.items[0])}</{block.kind}>")
    return "".join(parts)


def _line_html(line: Line) -> str:
    out = []
    for run in line:
        html = escape(run.text, quote=False).replace("\n", "<br/>")
        html = f"<i>{html}</i>" if run.italic else html
        html = f"<b>{html}</b>" if run.bold else html
        out.append(f'<a href="{escape(run.href)}">{html}</a>' if run.href else html)
    return "".join(out)


def plain_text(blocks: Iterable[Block]) -> str:
    """Return the words alone, a line for each block or item."""
    return "\n".join("".join(run.text for run in line) for block in blocks for line in block.items)
