"""What organizations have in common: harms, technologies, places, vendors, campaigns; found before anyone signs up."""

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from search.matching.situations import lower_first
from search.models import Document, Kind
from search.vocabulary import Vocabulary

MOST_KIN = 8
_SHARED = ("technology", "harm", "place")
_WEIGHTS = {"technology": 2.0, "harm": 2.0, "vendor": 3.0, "place": 1.0}
_JOINT = 4.0
_OTHER_INDUSTRY = 1.0


@dataclass(frozen=True)
class Win:
    """What an organization has won somewhere: the demand in the campaign's words, the year if known, the campaign."""

    text: str
    year: int | None
    campaign: Document


@dataclass(frozen=True)
class Kin:
    """Another organization, and what it shares.

    ``shared`` holds labels by scheme, ``campaigns`` the titles of those that both are in, ``won`` what the other won
    where it faces something shared; ``score`` is higher the more, and the rarer, what is shared.
    """

    document: Document
    shared: dict[str, list[str]]
    campaigns: list[str]
    sentence: str
    other_industry: bool
    won: list[Win] = field(default_factory=list)
    score: float = 0.0
    # Values as facets have them, for filters: what the organization and its work carry.
    carried: frozenset[str] = frozenset()


@dataclass
class _Work:
    """An organization with everything that is known of its work."""

    document: Document
    carried: set[str]
    campaigns: list[Document] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)


def kin_of(own: Document | None, slug: str, vocabulary: Vocabulary) -> dict[str, list[Any]]:
    """Return an organization's own work, and the organizations it shares most with.

    Args:
        own: the organization's document; None for a draft.
        slug: its facet value.
        vocabulary: labels in the reader's language.

    Returns:
        ``work`` (documents) and ``kin`` (a list of :class:`Kin`, closest first).
    """
    if own is None:
        return {"work": [], "kin": []}
    works = _works(keep=slug)
    mine = works.get(slug) or _Work(own, _carried(own))
    return {"work": mine.documents, "kin": all_kin(own, slug, vocabulary, works=works)[:MOST_KIN]}


def all_kin(own: Document, slug: str, vocabulary: Vocabulary, *, works: dict[str, _Work] | None = None) -> list[Kin]:
    """Return every organization that shares anything with one, closest first.

    Two things are compared: what organizations are tagged with, and the campaigns and stories they are in. What few
    organizations share counts for more.

    Args:
        own: the organization's document.
        slug: its facet value.
        vocabulary: labels in the reader's language.
        works: as already read.
    """
    works = works if works is not None else _works(keep=slug)
    mine = works.get(slug) or _Work(own, _carried(own))
    others = [work for name, work in works.items() if name != slug]
    roots = {term.value for scheme in _SHARED for term in vocabulary.roots(scheme)}
    frequency = Counter(value for work in works.values() for value in work.carried)
    mine_campaigns = {document.pk for document in mine.campaigns}
    found = []
    for work in others:
        shared_values = {v for v in mine.carried & work.carried if v.partition(":")[0] in _WEIGHTS}
        exact = shared_values - roots
        # A whole family in common says little, but more than nothing.
        telling = exact or shared_values
        joint = [document.title for document in work.campaigns if document.pk in mine_campaigns]
        if not telling and not joint:
            continue
        rarest_first = sorted(telling, key=lambda value: (frequency[value], value))
        shared = {
            scheme: [vocabulary.label(value) for value in rarest_first if value.startswith(f"{scheme}:")]
            for scheme in _WEIGHTS
        }
        shared = {scheme: labels for scheme, labels in shared.items() if labels}
        other = not set(own.subsectors) & set(work.document.subsectors)
        weight = sum(_WEIGHTS[v.partition(":")[0]] * _rarity(frequency[v], len(works)) for v in telling)
        score = weight * (1 if exact else 0.25) + _JOINT * len(joint) + (_OTHER_INDUSTRY if other else 0)
        won = _won(work, {value for value in telling if value.partition(":")[0] in ("technology", "harm", "vendor")})
        sentence = kin_sentence(shared, joint)
        found.append(Kin(work.document, shared, joint, sentence, other, won, score, frozenset(work.carried)))
    return sorted(found, key=lambda kin: (-kin.score, kin.document.title, str(kin.document.public_id)))


def _rarity(frequency: int, organizations: int) -> float:
    """Return 1 for what only two organizations carry, towards 0.3 for what all do (shrunk, so that few say little)."""
    return 0.3 + 0.7 * math.log((organizations + 5) / (frequency + 3)) / math.log((organizations + 5) / 5)


def _works(*, keep: str) -> dict[str, _Work]:
    everything = (
        Document.objects.present()
        .filter(
            Q(kind__in=(Kind.CAMPAIGN, Kind.STORY))
            | Q(kind=Kind.ORGANIZATION, card__is_ally=True)
            | Q(kind=Kind.ORGANIZATION, facets__contains=[f"organization:{keep}"])
        )
        .defer("body", "words", "labels", "standfirst")
        .order_by("kind", "-date", "public_id")
    )
    works: dict[str, _Work] = {}
    involved: list[tuple[Document, set[str]]] = []
    for document in everything:
        members = {value.partition(":")[2] for value in document.facets if value.startswith("organization:")}
        if document.kind == Kind.ORGANIZATION:
            slug = document.url.rstrip("/").rsplit("/", 1)[-1]
            works[slug] = _Work(document, _carried(document))
        else:
            involved.append((document, members))
    for document, members in involved:
        for slug in members & works.keys():
            works[slug].carried |= _carried(document)
            works[slug].documents.append(document)
            if document.kind == Kind.CAMPAIGN:
                works[slug].campaigns.append(document)
    return works


def _won(work: _Work, telling: set[str]) -> list[Win]:
    wins = []
    for document in work.campaigns:
        if not _carried(document) & telling:
            continue
        year = document.date.year if document.date else None
        wins += [
            Win(demand["text"], year, document)
            for demand in document.card.get("demands", [])
            if demand["state"] == "won"
        ]
    return sorted(wins, key=lambda win: -(win.year or 0))


def _carried(document: Document) -> set[str]:
    return {*document.concepts, *(f"vendor:{vendor}" for vendor in document.vendors)}


def kin_sentence(shared: dict[str, list[str]], campaigns: list[str]) -> str:
    """Return what two organizations have in common, as a sentence."""
    said = []
    if campaigns:
        said.append(_("are together in %(campaigns)s") % {"campaigns": get_text_list(campaigns[:2], _("and"))})
    topics = [lower_first(label) for scheme in ("technology", "harm") for label in shared.get(scheme, [])[:2]]
    if topics:
        said.append(_("face %(topics)s") % {"topics": get_text_list(topics, _("and"))})
    if shared.get("vendor"):
        said.append(_("meet the same vendor, %(vendor)s") % {"vendor": shared["vendor"][0]})
    if shared.get("place"):
        said.append(_("work in %(places)s") % {"places": get_text_list(shared["place"][:2], _("and"))})
    return _("Both %(what)s.") % {"what": get_text_list(said, _("and"))} if said else ""
