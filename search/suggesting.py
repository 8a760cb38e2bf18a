"""What somebody may have meant to type: words that go on from the last one, names of concepts, likelier spellings.

What is suggested comes from the site's own vocabulary and dictionary; what each would find, from the engine that
answers, so that nothing is offered that finds nothing, and a page that is gone leaves the suggestions at once.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from search.engines.base import Engine
from search.expansion import ExpandedText, Synonyms, expand_all, fold, likely_spellings
from search.query import SearchQuery
from search.vocabulary import Vocabulary

MOST_SUGGESTIONS = 6
# So many candidates are counted; the shorter and the more common come first.
_MOST_CANDIDATES = 8
_LEAST_LETTERS = 2
_MOST_WORDS = 40
# A likelier spelling is offered to whoever finds at most so few, and finds so many times more by it.
_FEW, _TIMES = 3, 3


@dataclass(frozen=True)
class Suggestion:
    """Something to search for instead, and exactly how many documents that finds."""

    label: str
    query: SearchQuery
    count: int


def completions(query: SearchQuery, engine: Engine, synonyms: Synonyms, vocabulary: Vocabulary) -> list[Suggestion]:
    """Return ways to go on from the last word of a query's text, the most found first.

    A name of a concept takes the word's place as a choice of its facet; another word takes it as a word.

    Args:
        query: whose text is completed; its facets and dates stay.
        engine: that counts.
        synonyms: the names of concepts.
        vocabulary: with labels in the reader's language.
    """
    words = query.text.split()
    if not words or query.text.endswith('"'):
        return []
    head, last = " ".join(words[:-1]), fold(words[-1])
    if len(last) < _LEAST_LETTERS or last.startswith("-"):
        return []
    candidates = _concepts(query, head, words, synonyms, vocabulary)
    candidates += [
        (f"{head} {word}".strip(), query.with_text(f"{head} {word}".strip()))
        for word in _words(last)
        if word not in synonyms.names and word != last
    ]
    return _counted(candidates, engine, synonyms)


def corrections(query: SearchQuery, text: ExpandedText, total: int, engine: Engine) -> list[Suggestion]:
    """Return likelier spellings of a query that finds few: "did you mean".

    Args:
        query: what was asked.
        text: its text, expanded. A word that stands nowhere has been read as one that does already.
        total: how many it found.
        engine: that counts.
    """
    if total > _FEW:
        return []
    written = [g.written for g in text.wanted if not g.quoted and not g.corrected and len(g.alternatives) == 1]
    likely = likely_spellings(set(written), stand_somewhere=True)
    candidates = []
    for word, others in likely.items():
        for other in others:
            understood = " ".join(other if group.written == word else group.asked for group in text.groups)
            candidates.append((understood, query.with_text(understood)))
    found = _counted(candidates, engine, Synonyms())
    return [suggestion for suggestion in found if suggestion.count >= _TIMES * max(total, 1)]


def _concepts(
    query: SearchQuery, head: str, words: list[str], synonyms: Synonyms, vocabulary: Vocabulary
) -> list[tuple[str, SearchQuery]]:
    """Return concepts whose name begins like the text, or in a word of whose name the last word goes on.

    The shorter names come first; each concept comes once, by the name that fits.
    """
    whole, last = fold(" ".join(words)), fold(words[-1])
    found: dict[tuple[str, str], tuple[str, str]] = {}
    first = bisect_left(synonyms.words, last)
    for word in synonyms.words[first : first + _MOST_WORDS]:
        if not word.startswith(last):
            break
        for name in synonyms.by_word[word]:
            for scheme, slug, written in synonyms.concepts[name]:
                if scheme not in query.fixed and slug not in query.facets.get(scheme, ()):
                    label = vocabulary.label(f"{scheme}:{slug}")
                    # By another name it is shown with that, so that one sees why.
                    shown = label if last in fold(label) else f"{written}: {label}"
                    found.setdefault((scheme, slug), (shown, "" if name.startswith(whole) else head))
    best = sorted(found.items(), key=lambda row: (len(row[1][0].split()), len(row[1][0]), row[1][0]))
    return [
        (f"{rest} {label}".strip(), query.with_text(rest).with_value(scheme, slug))
        for (scheme, slug), (label, rest) in best[:_MOST_CANDIDATES]
    ]


def _words(prefix: str) -> list[str]:
    """Return words of the dictionary that go on from a prefix, one of each stem: the most common first.

    How common is taken from the postings' first few: enough to tell a common word from a rare one.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT word FROM (
                SELECT DISTINCT ON (w.lexeme) w.word,
                    (SELECT count(*) FROM (SELECT 1 FROM search_posting p WHERE p.lexeme = w.lexeme LIMIT 200) f)
                        AS documents
                FROM (
                    SELECT word, lexeme FROM search_word
                    WHERE word >= %(prefix)s AND word < %(end)s AND word LIKE %(pattern)s
                    ORDER BY length(word), word LIMIT 60
                ) w
                ORDER BY w.lexeme, length(w.word), w.word
            ) found WHERE documents > 0 ORDER BY documents DESC, word LIMIT %(limit)s
            """,
            {
                "prefix": prefix,
                "end": prefix + "\U0010ffff",
                "pattern": prefix.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%",
                "limit": _MOST_CANDIDATES,
            },
        )
        return [row[0] for row in cursor.fetchall()]


def _counted(candidates: Iterable[tuple[str, SearchQuery]], engine: Engine, synonyms: Synonyms) -> list[Suggestion]:
    """Return the candidates that find something, with how many; the most found first."""
    asked = list(candidates)
    texts = expand_all([query.text for _label, query in asked], synonyms)
    totals = engine.totals([(query, text) for (_label, query), text in zip(asked, texts, strict=True)]) if asked else []
    found = [Suggestion(label, query, total) for (label, query), total in zip(asked, totals, strict=True) if total]
    return sorted(found, key=lambda suggestion: (-suggestion.count, suggestion.label))[:MOST_SUGGESTIONS]
