"""What somebody may have meant to type: words that go on from the last one, names of concepts, likelier spellings.

What is suggested comes from the site's own vocabulary and dictionary; what each would find, from the engine that
answers, so that nothing is offered that finds nothing, and a page that is gone leaves the suggestions at once.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import connection

from search.engines.base import Engine
from search.expansion import ExpandedText, Synonyms, expand_all, fold, likely_spellings
from search.query import SearchQuery
from search.vocabulary import Vocabulary

Questions = Sequence[tuple[SearchQuery, ExpandedText]]
MOST_SUGGESTIONS = 6
# So many candidates of each kind are counted; the shorter and the more common come first.
_MOST_CONCEPTS, _MOST_WORDS = 3, 8
_LEAST_LETTERS = 2
# Words of names that are looked through for a beginning.
_MOST_NAMES = 40
# A likelier spelling is offered to whoever finds at most so few, and finds so many times more by it.
_FEW, _TIMES = 3, 3


@dataclass(frozen=True)
class Candidate:
    """Something that could be searched for instead. ``text`` is that of the query, where it is expanded already."""

    label: str
    query: SearchQuery
    text: ExpandedText | None = None


@dataclass(frozen=True)
class Suggestion:
    """Something to search for instead, and exactly how many documents that finds."""

    label: str
    query: SearchQuery
    count: int


def completions(query: SearchQuery, text: ExpandedText, synonyms: Synonyms, vocabulary: Vocabulary) -> list[Candidate]:
    """Return ways to go on from the last word of a query's text.

    A name of a concept takes the word's place as a choice of its facet. A word that stands in no document is taken for
    the beginning of one that does.

    Args:
        query: whose text is completed; its facets and dates stay.
        text: its text, expanded.
        synonyms: the names of concepts.
        vocabulary: with labels in the reader's language.
    """
    words = query.text.split()
    if not words or query.text.endswith('"'):
        return []
    head, last = " ".join(words[:-1]), fold(words[-1])
    if len(last) < _LEAST_LETTERS or last.startswith("-"):
        return []
    final = text.groups[-1] if text.groups else None
    stands_alone = final is not None and final.written == words[-1] and not final.quoted
    before = ExpandedText(text.groups[:-1]) if stands_alone else None
    candidates = _concepts(query, head, before, synonyms, vocabulary)
    if final is None or final.stands:
        return candidates
    return candidates + [
        Candidate(f"{head} {word}".strip(), query.with_text(f"{head} {word}".strip()))
        for word in _words(last)
        if word not in synonyms.names and word != last
    ]


def corrections(query: SearchQuery, text: ExpandedText, total: int) -> list[Candidate]:
    """Return likelier spellings of a query that finds few: "did you mean".

    Args:
        query: what was asked.
        text: its text, expanded. A word that stands nowhere has been read as one that does already.
        total: how many it found.
    """
    if total > _FEW:
        return []
    written = [g.written for g in text.wanted if not g.quoted and not g.corrected and len(g.alternatives) == 1]
    likely = likely_spellings(set(written), stand_somewhere=True)
    candidates = []
    for word, others in likely.items():
        for other in others:
            understood = " ".join(other if group.written == word else group.asked for group in text.groups)
            candidates.append(Candidate(understood, query.with_text(understood)))
    return candidates


def worthwhile(found: Sequence[Suggestion], total: int) -> list[Suggestion]:
    """Return the corrections that find many times more than what was written does."""
    return [suggestion for suggestion in found if suggestion.count >= _TIMES * max(total, 1)]


def counted(candidates: Sequence[Candidate], engine: Engine, synonyms: Synonyms) -> list[Suggestion]:
    """Return the candidates that find something, the most found first: all counted in one request.

    Args:
        candidates: to be counted.
        engine: that counts.
        synonyms: the names of concepts.
    """
    return counting(candidates, lambda questions: lambda: engine.totals(questions), synonyms)()


def counting(
    candidates: Sequence[Candidate], begin: Callable[[Questions], Callable[[], list[int]]], synonyms: Synonyms
) -> Callable[[], list[Suggestion]]:
    """Begin to count candidates, and return a function that gives what ``counted`` does when that is done.

    Args:
        candidates: to be counted.
        begin: begins to count what questions have, and returns what waits for the counts.
        synonyms: the names of concepts.
    """
    if not candidates:
        return list
    unread = [candidate for candidate in candidates if candidate.text is None]
    read = iter(expand_all([candidate.query.text for candidate in unread], synonyms) if unread else ())
    texts = [next(read) if candidate.text is None else candidate.text for candidate in candidates]
    wait = begin([(candidate.query, text) for candidate, text in zip(candidates, texts, strict=True)])

    def finish() -> list[Suggestion]:
        found = [Suggestion(one.label, one.query, count) for one, count in zip(candidates, wait(), strict=True)]
        some = [suggestion for suggestion in found if suggestion.count]
        return sorted(some, key=lambda suggestion: (-suggestion.count, suggestion.label))[:MOST_SUGGESTIONS]

    return finish


def _concepts(
    query: SearchQuery, head: str, before: ExpandedText | None, synonyms: Synonyms, vocabulary: Vocabulary
) -> list[Candidate]:
    """Return concepts whose name begins like the text, or in a word of whose name the last word goes on.

    The shorter names come first; each concept comes once, by the name that fits. ``before`` is what stands before the
    last word, expanded, where that is known.
    """
    whole, last = fold(query.text), fold(query.text.split()[-1])
    found: dict[tuple[str, str], tuple[str, str]] = {}
    first = bisect_left(synonyms.words, last)
    for word in synonyms.words[first : first + _MOST_NAMES]:
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
        Candidate(
            f"{rest} {label}".strip(),
            query.with_text(rest).with_value(scheme, slug),
            before if rest else ExpandedText(),
        )
        for (scheme, slug), (label, rest) in best[:_MOST_CONCEPTS]
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
                "limit": _MOST_WORDS,
            },
        )
        return [row[0] for row in cursor.fetchall()]
