"""Long texts of the data files: a list of paragraphs, bullet lists, headings and quotations."""

import re
from html import escape
from typing import Any

_LINK = re.compile(r"\[([^\]]+)\]\((https?://[^\s)]+|/[^\s)]*)\)")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_ITALIC = re.compile(r"(?<!\*)\*(?!\*)(.+?)\*")

LongText = list[Any] | str | None


def _inline(text: str) -> str:
    html = escape(" ".join(text.split()), quote=False)
    html = _LINK.sub(lambda match: f'<a href="{escape(match.group(2))}">{match.group(1)}</a>', html)
    return _ITALIC.sub(r"<i>\1</i>", _BOLD.sub(r"<b>\1</b>", html))


def _paragraph(text: str) -> str:
    lines = [line for line in text.strip().split("\n") if line.strip()]
    if lines and all(line.lstrip().startswith("- ") for line in lines):
        return "<ul>" + "".join(f"<li>{_inline(line.lstrip()[2:])}</li>" for line in lines) + "</ul>"
    if text.startswith("## "):
        return f"<h2>{_inline(text[3:])}</h2>"
    return f"<p>{_inline(text)}</p>"


def _parts(value: LongText) -> list[Any]:
    return [] if not value else [value] if isinstance(value, str) else list(value)


def rich_text(value: LongText) -> str:
    """Return a long text as the HTML of a rich text field; a quotation becomes an attributed paragraph."""
    html = []
    for part in _parts(value):
        if isinstance(part, dict):
            html.append(f"<p>“{_inline(part['quote'])}” — {_inline(part['speaker'])}</p>")
        else:
            html.append(_paragraph(part))
    return "".join(html)


def stream(value: LongText) -> list[dict[str, Any]]:
    """Return a long text as the raw value of a body: consecutive paragraphs in one block, each quotation in its own."""
    blocks: list[dict[str, Any]] = []
    html = ""
    for part in _parts(value):
        if isinstance(part, dict):
            if html:
                blocks.append({"type": "paragraph", "value": html})
                html = ""
            quotation = {
                "text": " ".join(part["quote"].split()),
                "speaker": part["speaker"],
                "role": part.get("role", ""),
                "source": part.get("source", ""),
            }
            blocks.append({"type": "quote", "value": quotation})
        else:
            html += _paragraph(part)
    if html:
        blocks.append({"type": "paragraph", "value": html})
    return blocks
