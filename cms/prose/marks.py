"""The text as people type it: an empty line, ``- `` for a list, ``**bold**``, ``*italic*``, ``[words](address)``.

Whoever knows none of this types plain text, and it stays what it is.
"""

import re
from collections.abc import Iterable, Iterator

from cms.prose.blocks import Block, Line, Run, blocks_of
from cms.prose.links import link_clean

_BULLET = re.compile(r"^\s{0,3}[-•–]\s+(?=\S)")
_NUMBER = re.compile(r"^\s{0,3}\d{1,3}[.)]\s+(?=\S)")
_HEADING = re.compile(r"^(#{2,3})\s+(?=\S)")
_INLINE = re.compile(
    r"\\(?P<literal>[\\*\[\]()#.\-•–])"
    r"|\[(?P<words>[^\[\]\n]{1,500})\]\((?P<address>[^()\s]+(?:\([^()\s]*\)[^()\s]*)*)\)"
    r"|(?P<stars>\*\*\*|\*\*|\*)(?=\S)(?P<inner>(?:\\.|(?!(?P=stars)).){1,400}?)(?<=\S)(?P=stars)(?!\*)"
    r"|(?P<bare>\b(?:https?://|www\.)[^\s<>\"]+)",
    re.DOTALL,
)
_TRAILING = ".,;:!?'”’»*"


def from_marks(text: str) -> tuple[Block, ...]:
    """Return typed text as blocks."""
    found: list[tuple[str, list[list[Run]]]] = []
    for paragraph in re.split(r"\n[^\S\n]*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        lines: list[str] = []
        for line in paragraph.split("\n"):
            kind, rest = _kind(line)
            if kind == "p":
                lines.append(line)
                continue
            if lines:
                found.append(("p", [list(_runs("\n".join(lines)))]))
                lines = []
            found.append((kind, [list(_runs(rest))]))
        if lines:
            found.append(("p", [list(_runs("\n".join(lines)))]))
    return blocks_of(found)


def _kind(line: str) -> tuple[str, str]:
    for kind, pattern in (("ul", _BULLET), ("ol", _NUMBER)):
        if match := pattern.match(line):
            return kind, line[match.end() :]
    if match := _HEADING.match(line):
        return f"h{len(match[1])}", line[match.end() :]
    return "p", line


def _runs(text: str, bold: bool = False, italic: bool = False, href: str = "") -> Iterator[Run]:
    at = 0
    for match in _INLINE.finditer(text):
        yield Run(text[at : match.start()], bold, italic, href)
        at = match.end()
        if match["literal"]:
            yield Run(match["literal"], bold, italic, href)
        elif match["words"]:
            address, _tracked = link_clean(match["address"])
            yield from _runs(match["words"], bold, italic, address or href)
        elif match["inner"]:
            stars = len(match["stars"])
            yield from _runs(match["inner"], bold or stars > 1, italic or stars != 2, href)
        else:
            yield from _bare(match["bare"], bold, italic, href)
    yield Run(text[at:], bold, italic, href)


def _bare(found: str, bold: bool, italic: bool, href: str) -> Iterator[Run]:
    """Return an address in the text as a link, without the punctuation behind it."""
    address = found.rstrip(_TRAILING)
    if address.endswith(")") and address.count("(") < address.count(")"):
        address = address[:-1]
    target, _tracked = link_clean(address if "://" in address else f"https://{address}")
    yield Run(address, bold, italic, href or target)
    yield Run(found[len(address) :], bold, italic, href)


def to_marks(blocks: Iterable[Block]) -> str:
    """Return blocks as text that one can go on typing in."""
    parts = []
    for block in blocks:
        if block.kind == "ul":
            parts.append("\n".join(f"- {_typed(line)}" for line in block.items))
        elif block.kind == "ol":
            parts.append("\n".join(f"{i}. {_typed(line)}" for i, line in enumerate(block.items, 1)))
        elif block.kind == "p":
            # At the beginning of a line, a dash, a number or a number sign would be a mark.
            parts.append("\n".join(_guarded(line) for line in _typed(block.items[0]).split("\n")))
        else:
            parts.append(f"{'#' * int(block.kind[1])} {_typed(block.items[0])}")
    return "\n\n".join(parts)


def _guarded(line: str) -> str:
    if _BULLET.match(line) or _HEADING.match(line):
        return f"\\{line}"
    if _NUMBER.match(line):
        return re.sub(r"[.)]", r"\\\g<0>", line, count=1)
    return line


def _typed(line: Line) -> str:
    out = []
    for run in line:
        if run.href and run.href in (run.text, f"https://{run.text}") and not (run.bold or run.italic):
            out.append(run.text)
            continue
        text = re.sub(r"[\\*\[\]]", r"\\\g<0>", run.text)
        stars = "**" * run.bold + "*" * run.italic
        text = f"{stars}{text}{stars}"
        out.append(f"[{text}]({run.href})" if run.href else text)
    return "".join(out)
