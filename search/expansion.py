"""What a text means in words: phrases, synonyms and spellings, decided once and the same for every engine.

A text becomes groups that must all be met. Each group has alternatives: the words as written, other names of a concept
they name (alternative labels, in every language of the site), and, where a word stands in no document, words that do
and are spelled like it.
"""

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field, replace

from django.db import connection

from cms.taxonomy.models import Concept, ConceptLabel

_TOKEN = re.compile(r'(-?)"([^"]*)"|(\S+)')
_WORD = re.compile(r"[\w’'-]+")
# Spellings that are tried for a word that stands nowhere.
MOST_SPELLINGS = 3
LEAST_TRIGRAM_SIMILARITY = 0.35


@dataclass(frozen=True)
class Group:
    """Words of which at least one alternative must be met (or none, when negated). Each alternative is a phrase."""

    written: str
    alternatives: tuple[str, ...]
    corrected: tuple[str, ...] = ()
    negated: bool = False
    quoted: bool = False

    @property
    def asked(self) -> str:
        """Return the group as one would write it in the search box."""
        words = f'"{self.written}"' if self.quoted else self.written
        return f"-{words}" if self.negated else words


@dataclass(frozen=True)
class ExpandedText:
    """A text's groups, and the spelling that was understood when it differs from what was written."""

    groups: tuple[Group, ...] = ()
    understood: str = ""

    @property
    def corrections(self) -> list[tuple[str, str]]:
        """Return what was written and how it was read, where these differ."""
        return [(group.written, group.corrected[0]) for group in self.groups if group.corrected]


def fold(text: str) -> str:
    """Return a text in lower case without accents, as labels are compared."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


@dataclass
class Synonyms:
    """Names of concepts: folded name → all names of the concepts that are called so."""

    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    longest: int = 1

    @classmethod
    def load(cls) -> "Synonyms":
        """Read the names of every current concept, in two queries."""
        by_concept: dict[int, list[str]] = defaultdict(list)
        for pk, label in Concept.objects.current().values_list("pk", "pref_label"):
            by_concept[pk].append(label)
        labels = ConceptLabel.objects.filter(concept__merged_into__isnull=True).order_by("sort_order", "pk")
        for pk, text in labels.values_list("concept_id", "text"):
            by_concept[pk].append(text)
        names: dict[str, tuple[str, ...]] = {}
        for labels_of_one in by_concept.values():
            for name in labels_of_one:
                key = fold(name)
                names[key] = tuple(dict.fromkeys([*names.get(key, ()), *labels_of_one]))
        return cls(names, max((len(name.split()) for name in names), default=1))


def expand(text: str, synonyms: Synonyms | None = None) -> ExpandedText:
    """Return what a text asks for.

    Args:
        text: words; "quoted ones" are a phrase, -those must not stand there.
        synonyms: names of concepts; read from the vocabulary when not given.
    """
    if not text:
        return ExpandedText()
    synonyms = synonyms or Synonyms.load()
    groups: list[Group] = []
    loose: list[str] = []

    def settle() -> None:
        groups.extend(_named_and_single(loose, synonyms))
        loose.clear()

    for match in _TOKEN.finditer(text):
        minus, phrase, token = match.groups()
        if phrase is not None:
            settle()
            if _WORD.search(phrase):
                groups.append(Group(phrase, (phrase,), negated=bool(minus), quoted=True))
        elif token.startswith("-") and _WORD.search(token[1:]):
            settle()
            groups.append(Group(token[1:], (token[1:],), negated=True))
        else:
            loose.extend(_WORD.findall(token))
    settle()
    return _with_spellings(groups)


def _named_and_single(words: list[str], synonyms: Synonyms) -> list[Group]:
    """Group words in a row: the longest run that names a concept is one group, any other word one of its own."""
    groups, at = [], 0
    while at < len(words):
        for length in range(min(synonyms.longest, len(words) - at), 0, -1):
            run = " ".join(words[at : at + length])
            names = synonyms.names.get(fold(run))
            if names:
                groups.append(Group(run, tuple(dict.fromkeys([run, *names]))))
                at += length
                break
        else:
            groups.append(Group(words[at], (words[at],)))
            at += 1
    return groups


def _with_spellings(groups: list[Group]) -> ExpandedText:
    single = [g.written for g in groups if not g.negated and len(g.alternatives) == 1 and " " not in g.written]
    spellings = _spellings(single)
    if not spellings:
        return ExpandedText(tuple(groups))
    mended, understood = [], []
    for group in groups:
        found = spellings.get(group.written, ()) if not group.negated else ()
        mended.append(replace(group, alternatives=(*group.alternatives, *found), corrected=found) if found else group)
        understood.append(found[0] if found else group.asked)
    return ExpandedText(tuple(mended), " ".join(understood))


def _spellings(words: list[str]) -> dict[str, tuple[str, ...]]:
    """Return, for each word that stands in no document, the words most like it that do. Needs pg_trgm; else nothing."""
    candidates = sorted({word for word in words if len(word) >= 4 and not word.isdigit()})
    if not candidates:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
        if cursor.fetchone() is None:
            return {}
        cursor.execute(
            """
            SELECT written FROM unnest(%s::text[]) AS written
            WHERE cardinality(tsvector_to_array(to_tsvector('coalition_en', written))) > 0
              AND NOT EXISTS (
                SELECT 1 FROM search_posting p
                WHERE p.lexeme = ANY(tsvector_to_array(to_tsvector('coalition_en', written)))
                   OR p.lexeme = ANY(tsvector_to_array(to_tsvector('coalition_es', written))))
            """,
            [candidates],
        )
        unknown = [row[0] for row in cursor.fetchall()]
        if not unknown:
            return {}
        cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, false)", [str(LEAST_TRIGRAM_SIMILARITY)])
        cursor.execute(
            """
            SELECT u.written, near.word FROM unnest(%s::text[]) AS u (written), LATERAL (
                SELECT w.word, similarity(w.word, lower(u.written)) AS likeness,
                       (SELECT count(*) FROM search_posting p WHERE p.lexeme = w.lexeme) AS documents
                FROM search_word w
                WHERE w.word %% lower(u.written) AND abs(length(w.word) - length(u.written)) <= 3
                  AND EXISTS (SELECT 1 FROM search_posting p WHERE p.lexeme = w.lexeme)
                ORDER BY likeness DESC, documents DESC, w.word LIMIT %s
            ) near
            """,
            [unknown, MOST_SPELLINGS],
        )
        found: dict[str, list[str]] = defaultdict(list)
        for written, word in cursor.fetchall():
            found[written].append(word)
    return {written: tuple(dict.fromkeys(words)) for written, words in found.items()}
