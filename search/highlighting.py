"""Marks the words that were looked for in the texts of hits: the same whichever engine found them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from search.engines.postgres import tsquery
from search.expansion import ExpandedText

# Around marked words, until a text is escaped and drawn.
MARK_START, MARK_END = "\x02", "\x03"
_MARKS = f'StartSel="{MARK_START}", StopSel="{MARK_END}"'
_WHOLE = f"HighlightAll=true, {_MARKS}"
_PIECES = f'MaxFragments=2, MaxWords=30, MinWords=12, FragmentDelimiter=" … ", {_MARKS}'


@dataclass(frozen=True)
class Marked:
    """A hit's texts, the words that were looked for between marks. The excerpt is empty where its body has none."""

    title: str
    standfirst: str
    excerpt: str = ""


def marked_texts(public_ids: Sequence[uuid.UUID], text: ExpandedText) -> dict[uuid.UUID, Marked]:
    """Return the marked texts of documents.

    Args:
        public_ids: of the hits on a page.
        text: what was looked for. The words as written are marked, and alternatives of one word: of a longer name,
            PostgreSQL would mark each word wherever it stands.
    """
    phrases = [
        phrase.words
        for group in text.wanted
        for phrase in group.phrases
        if phrase.weight == 1.0 or len(phrase.words) == 1
    ]
    if not phrases or not public_ids:
        return {}
    wanted = " | ".join(f"({tsquery(words)})" for words in phrases)
    in_body = " | ".join(f"({tsquery(words, weights='D')})" for words in phrases)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT public_id, ts_headline(config, title, wanted, %(whole)s),
                ts_headline(config, standfirst, wanted, %(whole)s),
                CASE WHEN words @@ %(in_body)s::tsquery THEN ts_headline(config, body, wanted, %(pieces)s) ELSE '' END
            FROM (
                SELECT *, CASE WHEN language = 'es' THEN 'coalition_es' ELSE 'coalition_en' END::regconfig AS config,
                    %(wanted)s::tsquery AS wanted
                FROM search_document WHERE public_id = ANY(%(ids)s) AND NOT is_gone
            ) d
            """,
            {"wanted": wanted, "in_body": in_body, "ids": list(public_ids), "whole": _WHOLE, "pieces": _PIECES},
        )
        return {row[0]: Marked(*row[1:]) for row in cursor.fetchall()}
