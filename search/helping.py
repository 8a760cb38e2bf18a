"""Who can help where a story happened: organizations whose profile shares its industry, technology or place.

What matching links is alike; who helps need not be. An organization of the same branch of work, or of the same town,
is worth a call although it has never told of anything like it.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from search.matching.situations import MOST_NAMED, lower_first
from search.models import Document, DocumentQuerySet, Kind
from search.query import SearchQuery
from search.vocabulary import Term, Vocabulary

MOST_HELPERS = 5
SHARED = ("industry", "technology", "place")


@dataclass(frozen=True)
class Helper:
    """An organization, and in a sentence what it shares with the story."""

    document: Document
    sentence: str


@dataclass(frozen=True)
class Helpers:
    """The first who can help, and the directory filtered by what they were found by: name and address of each list."""

    helpers: list[Helper]
    lists: list[tuple[str, str]]


@dataclass(frozen=True)
class _Shared:
    """What an organization shares: by scheme the values that say it best; whether its place is the whole country."""

    values: dict[str, list[str]]
    everywhere: bool

    @property
    def number(self) -> int:
        return len(self.values) + (self.everywhere and "place" not in self.values)


def organizations_near(document: Document, vocabulary: Vocabulary) -> DocumentQuerySet:
    """Return the organizations that carry anything of a document's industries, technologies or places.

    A place counts from the whole country down, and so does whoever works in all industries.
    """
    near = [value for value in document.facets if value.partition(":")[0] in SHARED]
    near += [term.value for term in _universal(vocabulary)]
    return (
        Document.objects.present()
        .filter(kind=Kind.ORGANIZATION, facets__overlap=near, card__is_ally=True)
        .defer("body", "words", "labels", "standfirst")
    )


def helpers_of(
    document: Document, vocabulary: Vocabulary, *, path: str, without: Collection[int] = (), most: int = MOST_HELPERS
) -> Helpers:
    """Return who can help where a story happened: who shares most kinds of things first, then the rarer.

    Args:
        document: the story's.
        vocabulary: labels in the reader's language.
        path: of the list that the addresses filter.
        without: ids of documents that the page names already.
        most: how many.
    """
    found = [(near, _shared(document, near, vocabulary)) for near in organizations_near(document, vocabulary)]
    # That somebody works in the whole country, and no more, is no reason to call them.
    found = [(near, shared) for near, shared in found if shared.values]
    frequency = Counter(value for _near, shared in found for values in shared.values.values() for value in values)

    def rarity(shared: _Shared) -> float:
        return sum(max(1 / frequency[value] for value in values) for values in shared.values.values())

    ranked = sorted(
        ((near, shared) for near, shared in found if near.pk not in without),
        key=lambda pair: (
            -pair[1].number,
            -math.floor(rarity(pair[1]) * 1000),
            pair[0].title,
            str(pair[0].public_id),
        ),
    )
    helpers = [
        Helper(near, helper_sentence(shared.values, vocabulary, everywhere=shared.everywhere))
        for near, shared in ranked[:most]
    ]
    return Helpers(helpers, list(_lists(document, vocabulary, path)) if helpers else [])


def _universal(vocabulary: Vocabulary) -> list[Term]:
    return [term for term in vocabulary.roots("industry") if term.is_universal]


def _terms(document: Document, scheme: str, vocabulary: Vocabulary) -> list[Term]:
    found = [vocabulary.by_value.get(value) for value in document.concepts if value.startswith(f"{scheme}:")]
    return [term for term in found if term is not None]


def _shared(document: Document, near: Document, vocabulary: Vocabulary) -> _Shared:
    values: dict[str, list[str]] = {}
    everywhere = False
    for scheme in SHARED:
        named: dict[str, Term] = {}
        for mine in _terms(document, scheme, vocabulary):
            for theirs in _terms(near, scheme, vocabulary):
                if scheme == "place" and theirs.broader_id is None and mine.broader_id is not None:
                    everywhere = True
                elif common := _common(mine, theirs, vocabulary, siblings=scheme == "industry"):
                    named[common.value] = common
        if scheme == "place" and not any(v.startswith("place:") for v in document.concepts):
            # A story that names no place has one all the same.
            everywhere = any(term.broader_id is None for term in _terms(near, scheme, vocabulary))
        if not named and scheme == "industry":
            named = {term.value: term for term in _terms(near, scheme, vocabulary) if term.is_universal}
        if named:
            # The deepest say most.
            values[scheme] = [term.value for term in sorted(named.values(), key=lambda term: (-term.depth, term.label))]
    return _Shared(values, everywhere)


def _common(mine: Term, theirs: Term, vocabulary: Vocabulary, *, siblings: bool) -> Term | None:
    """Return the nearest concept that both belong to.

    Args:
        mine: of the story.
        theirs: of the organization.
        vocabulary: the trees.
        siblings: whether it counts when neither belongs to the other.
    """
    above = {term.id for term in vocabulary.ancestors(theirs)}
    common = next((term for term in vocabulary.ancestors(mine) if term.id in above), None)
    if common is None or siblings or common.id in (mine.id, theirs.id):
        return common
    return None


def _lists(document: Document, vocabulary: Vocabulary, path: str) -> Iterable[tuple[str, str]]:
    for scheme in SHARED:
        terms = {term.value: term for term in _terms(document, scheme, vocabulary) if not term.is_universal}
        if terms:
            # What one name of a list cannot hold is left to its filters.
            label = get_text_list([term.label for term in terms.values()][:MOST_NAMED], _("or"))
            chosen = tuple(sorted(term.slug for term in terms.values()))
            yield label, SearchQuery(facets={"type": (Kind.ORGANIZATION,), scheme: chosen}).url(path)


def helper_sentence(values: dict[str, list[str]], vocabulary: Vocabulary, *, everywhere: bool = False) -> str:
    """Return what an organization shares with a story, as a sentence.

    Args:
        values: by scheme, as facet values.
        vocabulary: labels in the reader's language.
        everywhere: whether it works in the whole country.
    """

    def names(scheme: str) -> str:
        labels = [vocabulary.label(value) for value in values[scheme][:MOST_NAMED]]
        return get_text_list(labels if scheme == "place" else [lower_first(label) for label in labels], _("and"))

    said = []
    if "industry" in values:
        term = vocabulary.by_value.get(values["industry"][0])
        if term is not None and term.is_universal:
            said.append(_("works in all industries"))
        else:
            said.append(_("works in the same industry: %(names)s") % {"names": names("industry")})
    if "technology" in values:
        said.append(_("knows this technology: %(names)s") % {"names": names("technology")})
    if "place" in values:
        said.append(_("is in the same place: %(names)s") % {"names": names("place")})
    elif everywhere:
        said.append(_("works in the whole country"))
    sentence = "; ".join(said)
    return f"{sentence[:1].upper()}{sentence[1:]}." if sentence else ""
