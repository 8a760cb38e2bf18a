"""What a text means in words: phrases, synonyms and spellings, decided once and the same for every engine.

A text becomes groups that must all be met. Each group has alternatives: the words as written, other names of a concept
they name (alternative labels, in every language of the site), and, where a word stands in no document, words that do
and are spelled like it. Of each alternative PostgreSQL makes phrases of stemmed words, as it did of the documents; an
engine looks these up and analyses nothing itself.
"""

import functools
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from django.db import connection

from cms.prose.folding import without_accents
from cms.taxonomy.models import Concept, ConceptLabel
from search.databases import once_a_database
from search.vocabulary import unchanged, vocabulary_state

_TOKEN = re.compile(r'(-?)"([^"]*)"|(\S+)')
WORD = re.compile(r"[\w’'-]+")
# One a language of the site; documents are stemmed by that of their own language, a query by each.
CONFIGURATIONS = ("coalition_en", "coalition_es")
# A synonym or a corrected spelling says a little less than the word itself.
ALTERNATIVE_WEIGHT = 0.7
# Spellings that are tried for a word that stands nowhere.
MOST_SPELLINGS = 3
LEAST_TRIGRAM_SIMILARITY = 0.35


@dataclass(frozen=True)
class Phrase:
    """Stemmed words that stand in a row: each with its distance from the first, since what is not indexed leaves gaps.

    ``weight`` is what its words count for in the order of hits.
    """

    words: tuple[tuple[str, int], ...]
    weight: float = 1.0


@dataclass(frozen=True)
class Group:
    """Words of which at least one alternative must be met (or none, when negated). Each alternative is a phrase.

    Without ``phrases`` there is nothing to look for: the words are too common to be indexed. ``stands`` says whether
    any of its words stands in a document as it was written.
    """

    written: str
    alternatives: tuple[str, ...]
    corrected: tuple[str, ...] = ()
    negated: bool = False
    quoted: bool = False
    phrases: tuple[Phrase, ...] = field(default=(), compare=False)
    stands: bool = field(default=True, compare=False)

    @property
    def weights(self) -> dict[str, float]:
        """Return the stemmed words of its phrases, each with the highest weight it has in one."""
        found: dict[str, float] = {}
        for phrase in self.phrases:
            for word, _distance in phrase.words:
                found[word] = max(found.get(word, 0.0), phrase.weight)
        return found

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
    def wanted(self) -> list[Group]:
        """Return the groups that must be met and have something to look for."""
        return [group for group in self.groups if group.phrases and not group.negated]

    @property
    def unwanted(self) -> list[Group]:
        """Return the groups that must not be met."""
        return [group for group in self.groups if group.phrases and group.negated]

    @property
    def corrections(self) -> list[tuple[str, str]]:
        """Return what was written and how it was read, where these differ."""
        return [(group.written, group.corrected[0]) for group in self.groups if group.corrected]


def fold(text: str) -> str:
    """Return a text in lower case without accents, as labels are compared."""
    return " ".join(without_accents(text.lower()).split())


@dataclass
class Synonyms:
    """Names of concepts: folded name → all names of the concepts that are called so."""

    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    longest: int = 1
    # Folded words → the folded names that they stand in, for whoever looks for the beginning of one.
    by_word: dict[str, tuple[str, ...]] = field(default_factory=dict)
    # Folded name → the concepts that are called so, each with the name as it is written: (scheme, slug, name).
    concepts: dict[str, tuple[tuple[str, str, str], ...]] = field(default_factory=dict)

    @functools.cached_property
    def words(self) -> list[str]:
        """Return the words that names are made of, in order."""
        return sorted(self.by_word)

    def runs(self, words: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Yield where names stand among words: the first word of each, and how many it has. None is in a longer one.

        Args:
            words: in a row, folded or not.
        """
        at = 0
        while at < len(words):
            for length in range(min(self.longest, len(words) - at), 0, -1):
                if fold(" ".join(words[at : at + length])) in self.names:
                    yield at, length
                    at += length
                    break
            else:
                at += 1

    @classmethod
    def load(cls, *, state: str | None = None) -> "Synonyms":
        """Return the names of every current concept, in one query when none has changed.

        Args:
            state: of the vocabulary, if already asked for.
        """
        return unchanged("synonyms", vocabulary_state() if state is None else state, cls._read)

    @classmethod
    def _read(cls) -> "Synonyms":
        by_concept: dict[int, list[str]] = defaultdict(list)
        values: dict[int, tuple[str, str]] = {}
        for pk, scheme, slug, label in Concept.objects.current().values_list("pk", "scheme", "slug", "pref_label"):
            by_concept[pk].append(label)
            values[pk] = (scheme, slug)
        labels = ConceptLabel.objects.filter(concept__merged_into__isnull=True).order_by("sort_order", "pk")
        for pk, text in labels.values_list("concept_id", "text"):
            by_concept[pk].append(text)
        names: dict[str, tuple[str, ...]] = {}
        concepts: dict[str, dict[tuple[str, str], str]] = defaultdict(dict)
        for pk, labels_of_one in by_concept.items():
            for name in labels_of_one:
                key = fold(name)
                names[key] = tuple(dict.fromkeys([*names.get(key, ()), *labels_of_one]))
                concepts[key].setdefault(values[pk], name)
        by_word: dict[str, list[str]] = defaultdict(list)
        for name in names:
            for word in name.split():
                by_word[word].append(name)
        longest = max((len(name.split()) for name in names), default=1)
        return cls(
            names,
            longest,
            {word: tuple(found) for word, found in by_word.items()},
            {key: tuple((*value, name) for value, name in found.items()) for key, found in concepts.items()},
        )


def expand(text: str, synonyms: Synonyms | None = None) -> ExpandedText:
    """Return what a text asks for.

    Args:
        text: words; "quoted ones" are a phrase, -those must not stand there.
        synonyms: names of concepts; read from the vocabulary when not given.
    """
    if not text:
        return ExpandedText()
    return _with_spellings(_groups(text, synonyms or Synonyms.load()))


def expand_all(texts: Sequence[str], synonyms: Synonyms) -> list[ExpandedText]:
    """Return what several texts ask for, in one query; their words are taken as written."""
    parsed = [_groups(text, synonyms) for text in texts]
    everything = [group for groups in parsed for group in groups]
    analysed = iter(_analysed(everything)[0]) if everything else iter(())
    return [ExpandedText(tuple(next(analysed) for _ in groups)) for groups in parsed]


def _groups(text: str, synonyms: Synonyms) -> list[Group]:
    groups: list[Group] = []
    loose: list[str] = []

    def settle() -> None:
        groups.extend(_named_and_single(loose, synonyms))
        loose.clear()

    for match in _TOKEN.finditer(text):
        minus, phrase, token = match.groups()
        if phrase is not None:
            settle()
            if WORD.search(phrase):
                groups.append(Group(phrase, (phrase,), negated=bool(minus), quoted=True))
        elif token.startswith("-") and WORD.search(token[1:]):
            settle()
            groups.append(Group(token[1:], (token[1:],), negated=True))
        else:
            loose.extend(WORD.findall(token))
    settle()
    return groups


def _named_and_single(words: list[str], synonyms: Synonyms) -> list[Group]:
    """Group words in a row: the longest run that names a concept is one group, any other word one of its own."""
    groups: list[Group] = []
    at = 0
    for start, length in synonyms.runs(words):
        groups.extend(Group(word, (word,)) for word in words[at:start])
        at = start + length
        run = " ".join(words[start:at])
        groups.append(Group(run, tuple(dict.fromkeys([run, *synonyms.names[fold(run)]]))))
    return [*groups, *(Group(word, (word,)) for word in words[at:])]


def _analysed(groups: list[Group]) -> tuple[list[Group], set[str]]:
    """Return the groups with their phrases, in one query; and the single words written that stand in no document."""
    rows = [(g, place, text) for g, group in enumerate(groups) for place, text in enumerate(group.alternatives)]
    phrases: dict[tuple[int, int], list[tuple[tuple[str, int], ...]]] = defaultdict(list)
    known: set[int] = set()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT a.number, c.config, array_agg(v.lexeme ORDER BY place), array_agg(place ORDER BY place),
                bool_or(EXISTS (SELECT 1 FROM search_posting p WHERE p.lexeme = v.lexeme))
            FROM unnest(%s::int[], %s::text[]) AS a (number, written),
                unnest(%s::text[]) AS c (config),
                unnest(to_tsvector(c.config::regconfig, a.written)) AS v, unnest(v.positions) AS place
            GROUP BY a.number, c.config ORDER BY a.number, c.config
            """,
            [list(range(len(rows))), [text for _g, _place, text in rows], list(CONFIGURATIONS)],
        )
        for number, _config, lexemes, places, stands in cursor.fetchall():
            g, place, _text = rows[number]
            words = tuple((lexeme, at - places[0]) for lexeme, at in zip(lexemes, places, strict=True))
            phrases[g, place].append(words)
            if stands:
                known.add(g)
    found, unknown = [], set()
    for g, group in enumerate(groups):
        weighed: dict[tuple[tuple[str, int], ...], float] = {}
        for place in range(len(group.alternatives)):
            for words in phrases.get((g, place), []):
                weighed.setdefault(words, 1.0 if place == 0 else ALTERNATIVE_WEIGHT)
        # A loose word that one of the languages leaves out of its index would find nothing in that language.
        is_single = len(group.alternatives) == 1 and " " not in group.written and not group.quoted
        if is_single and len(phrases.get((g, 0), [])) < len(CONFIGURATIONS):
            weighed = {}
        analysed = tuple(Phrase(words, weight) for words, weight in weighed.items())
        found.append(replace(group, phrases=analysed, stands=g in known and not group.corrected))
        if is_single and weighed and g not in known and not group.negated:
            unknown.add(group.written)
    return found, unknown


def _with_spellings(groups: list[Group]) -> ExpandedText:
    if not groups:
        return ExpandedText()
    analysed, unknown = _analysed(groups)
    spellings = likely_spellings(unknown)
    if not spellings:
        return ExpandedText(tuple(analysed))
    mended, understood = [], []
    for group in groups:
        found = spellings.get(group.written, ()) if not group.negated else ()
        mended.append(replace(group, alternatives=(*group.alternatives, *found), corrected=found) if found else group)
        understood.append(found[0] if found else group.asked)
    return ExpandedText(tuple(_analysed(mended)[0]), " ".join(understood))


def likely_spellings(written: set[str], *, stand_somewhere: bool = False) -> dict[str, tuple[str, ...]]:
    """Return, for words, those most like each that stand in documents. Needs pg_trgm; else nothing.

    Args:
        written: words as somebody wrote them.
        stand_somewhere: they stand in documents themselves; other forms of the same word are left out then.
    """
    candidates = sorted(word for word in written if len(word) >= 4 and not word.isdigit())
    if not candidates:
        return {}
    if not _has_trigrams():
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT u.written, near.word FROM unnest(%s::text[]) AS u (written), LATERAL (
                SELECT w.word, similarity(w.word, lower(u.written)) AS likeness,
                    (SELECT count(*) FROM (SELECT 1 FROM search_posting p WHERE p.lexeme = w.lexeme LIMIT 200) f)
                        AS documents
                FROM search_word w
                -- The operator lets through what is less alike as well (0.3), and is what the index knows.
                WHERE w.word %% lower(u.written) AND similarity(w.word, lower(u.written)) >= %s
                  AND abs(length(w.word) - length(u.written)) <= 3
                  AND NOT (%s AND w.lexeme = ANY(tsvector_to_array(to_tsvector('coalition_en', u.written))
                    || tsvector_to_array(to_tsvector('coalition_es', u.written))))
                  AND EXISTS (SELECT 1 FROM search_posting p WHERE p.lexeme = w.lexeme)
                ORDER BY likeness DESC, documents DESC, w.word LIMIT %s
            ) near
            """,
            [candidates, LEAST_TRIGRAM_SIMILARITY, stand_somewhere, MOST_SPELLINGS],
        )
        found: dict[str, list[str]] = defaultdict(list)
        for wrong, word in cursor.fetchall():
            found[wrong].append(word)
    return {wrong: tuple(dict.fromkeys(words)) for wrong, words in found.items()}


@once_a_database
def _has_trigrams() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')")
        return bool(cursor.fetchone()[0])
