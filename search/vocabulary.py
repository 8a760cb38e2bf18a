"""The whole vocabulary at hand: labels in the reader's language, and the trees above each concept.

It is small, some hundred concepts, and read anew only when one of its rows has changed.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import connection
from django.db.models import FilteredRelation, Q
from django.db.models.functions import Coalesce
from django.utils.translation import get_language

from cms.taxonomy.models import UNIVERSAL, Concept, ConceptLabel
from cms.taxonomy.schemes import Scheme

T = TypeVar("T")


_kept: dict[tuple[str, str], Any] = {}
_MOST_KEPT = 12


def vocabulary_state() -> str:
    """Return what is another whenever a concept or a label is.

    A trigger of the database (migration 0003) notes the transaction that changed one. What a transaction sees of its
    own before it commits has a state that nobody else comes upon.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT concat_ws(' ', current_database(), s.value, s.xmin) FROM public.search_indexstate s "
            "WHERE s.name = 'vocabulary'"
        )
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def unchanged(name: str, state: str, read: Callable[[], T]) -> T:
    """Return what was read from the concepts and their labels when they were in this state; read it if nobody has.

    Args:
        name: of what is kept.
        state: of the vocabulary; where it has none yet, nothing is kept.
        read: reads it.
    """
    key = (name, state)
    if not state:
        return read()
    if key not in _kept:
        value = read()
        while len(_kept) >= _MOST_KEPT:
            _kept.pop(next(iter(_kept)), None)
        _kept[key] = value
    found: T = _kept[key]
    return found


@dataclass(frozen=True)
class Term:
    """A concept as lists and facets show it."""

    id: int
    scheme: str
    slug: str
    label: str
    notation: str
    broader_id: int | None
    depth: int
    language: str

    @property
    def value(self) -> str:
        """The facet value."""
        return f"{self.scheme}:{self.slug}"

    @property
    def is_universal(self) -> bool:
        """Whether it stands for the whole scheme."""
        return self.notation == UNIVERSAL


class Vocabulary:
    """Every current concept, by id and by facet value."""

    def __init__(self, terms: list[Term]) -> None:
        self.by_id = {term.id: term for term in terms}
        self.by_value = {term.value: term for term in terms}
        self.children: dict[int | None, list[Term]] = defaultdict(list)
        for term in terms:
            self.children[term.broader_id].append(term)
        self._roots: dict[str, list[Term]] = defaultdict(list)
        for term in sorted(self.children[None], key=lambda term: term.is_universal):
            self._roots[term.scheme].append(term)

    @classmethod
    def load(cls, language: str | None = None, *, state: str | None = None) -> "Vocabulary":
        """Return the vocabulary as it stands, in one query when it has not changed.

        Args:
            language: of the labels; the active one by default.
            state: of the vocabulary, if already asked for.
        """
        wanted = (language or get_language() or "en").split("-")[0]
        state = vocabulary_state() if state is None else state
        return unchanged(f"vocabulary {wanted}", state, lambda: cls._read(wanted))

    @classmethod
    def _read(cls, wanted: str) -> "Vocabulary":
        preferred = FilteredRelation(
            "labels", condition=Q(labels__language=wanted, labels__kind=ConceptLabel.Kind.PREFERRED)
        )
        rows = list(
            Concept.objects.current()
            .annotate(preferred=preferred)
            .order_by("scheme", "notation", "pref_label")
            .values_list(
                "id",
                "scheme",
                "slug",
                Coalesce("preferred__text", "pref_label"),
                "notation",
                "broader_id",
                "locale__language_code",
            )
        )
        parents = {row[0]: row[5] for row in rows}
        terms = []
        for pk, scheme, slug, label, notation, broader, locale in rows:
            depth, current = 0, broader
            while current is not None:
                depth, current = depth + 1, parents.get(current)
            terms.append(Term(pk, scheme, slug, label, notation, broader, depth, locale))
        return cls(terms)

    def ancestors(self, term: Term) -> list[Term]:
        """Return the term and everything it belongs to, nearest first."""
        chain, current = [], term
        while current is not None:
            chain.append(current)
            parent = self.by_id.get(current.broader_id) if current.broader_id else None
            current = parent  # type: ignore[assignment]
        return chain

    def roots(self, scheme: str) -> list[Term]:
        """Return the concepts of a scheme that belong to no other, the universal one last."""
        return self._roots[scheme]

    def walk(self, terms: Iterable[Term]) -> Iterator[Term]:
        """Yield terms, and after each everything that belongs to it."""
        for term in terms:
            yield term
            yield from self.walk(self.children[term.id])

    def label(self, value: str) -> str:
        """Return the label of a facet value, or what follows the colon when no concept has it."""
        term = self.by_value.get(value)
        return term.label if term else value.partition(":")[2]

    def subsectors(self, term: Term) -> set[str]:
        """Return the NAICS subsectors an industry stands for; a bare sector stands for all of its own."""
        for ancestor in self.ancestors(term):
            if len(ancestor.notation) == 3 and ancestor.notation.isdigit():
                return {ancestor.notation}
        if term.is_universal:
            return set()
        below = {child.notation for child in self.children[term.id] if child.notation}
        return below | {f"{term.notation or term.slug}*"}

    def sector(self, term: Term) -> str | None:
        """Return the NAICS sector of an industry, None for all industries."""
        return None if term.is_universal else (self.ancestors(term)[-1].notation or self.ancestors(term)[-1].slug)


__all__ = ["Scheme", "Term", "Vocabulary", "unchanged", "vocabulary_state"]
