"""Marks the words that were looked for in the texts of hits: the same whichever engine found them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from search.engines.postgres import tsquery
from search.expansion import ExpandedText
from search.models import Document

# Around marked words, until a text is escaped and drawn.
MARK_START, MARK_END = "\x02", "\x03"
_MARKS = f'StartSel="{MARK_START}", StopSel="{MARK_END}"'
_WHOLE = f"HighlightAll=true, {_MARKS}"
_TEXTS = ("title", "standfirst", "excerpt")
_PIECES = f'MaxFragments=2, MaxWords=30, MinWords=12, FragmentDelimiter=" … ", {_MARKS}'


@dataclass(frozen=True)
class Marked:
    """A hit's texts, the words that were looked for between marks. The excerpt is empty where its body has none."""

    title: str
    standfirst: str
    excerpt: str = ""


def marked_documents(
    public_ids: Sequence[uuid.UUID], text: ExpandedText, *, fields: Sequence[str]
) -> dict[uuid.UUID, tuple[Document, Marked]]:
    """Return the documents that are there, and their texts with marks, in one query.

    Args:
        public_ids: of the hits on a page.
        text: what was looked for. The words as written are marked, and alternatives of one word: of a longer name,
            PostgreSQL would mark each word wherever it stands.
        fields: of the documents, to be read besides ``public_id``, title and standfirst.
    """
    if not public_ids:
        return {}
    phrases = [
        phrase.words
        for group in text.wanted
        for phrase in group.phrases
        if phrase.weight == 1.0 or len(phrase.words) == 1
    ]
    columns = ", ".join(dict.fromkeys(["id", "public_id", "title", "standfirst", *fields]))
    if not phrases:
        plain = f"SELECT {columns} FROM search_document WHERE public_id = ANY(%s) AND NOT is_gone"
        return {
            document.public_id: (document, Marked(document.title, document.standfirst))
            for document in Document.objects.raw(plain, [list(public_ids)])
        }
    found = Document.objects.raw(
        f"""
        SELECT {columns},
            CASE WHEN words @@ %(in_title)s::tsquery THEN ts_headline(config, title, wanted, %(whole)s) ELSE title END
                AS marked_title,
            CASE WHEN words @@ %(in_standfirst)s::tsquery THEN ts_headline(config, standfirst, wanted, %(whole)s)
                ELSE standfirst END AS marked_standfirst,
            CASE WHEN words @@ %(in_body)s::tsquery THEN ts_headline(config, body, wanted, %(pieces)s) ELSE '' END
                AS marked_excerpt
        FROM (
            SELECT *, CASE WHEN language = 'es' THEN 'coalition_es' ELSE 'coalition_en' END::regconfig AS config,
                %(wanted)s::tsquery AS wanted
            FROM search_document WHERE public_id = ANY(%(ids)s) AND NOT is_gone
        ) d
        """,
        {
            "wanted": " | ".join(f"({tsquery(words)})" for words in phrases),
            # In whole texts PostgreSQL marks each word of a phrase wherever it stands.
            "in_title": " | ".join(tsquery([word], weights="A") for words in phrases for word in words),
            "in_standfirst": " | ".join(tsquery([word], weights="B") for words in phrases for word in words),
            "in_body": " | ".join(f"({tsquery(words, weights='D')})" for words in phrases),
            "ids": list(public_ids),
            "whole": _WHOLE,
            "pieces": _PIECES,
        },
    )
    return {
        document.public_id: (document, Marked(*(vars(document)[f"marked_{name}"] for name in _TEXTS)))
        for document in found
    }
