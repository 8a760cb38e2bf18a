"""What organizations have in common: harms, technologies, places, vendors, campaigns; found before anyone signs up."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from search.matching.situations import lower_first
from search.models import Document, Kind
from search.vocabulary import Vocabulary

MOST_KIN = 8
_SHARED = ("technology", "harm", "place")
_WEIGHTS = {"technology": 2, "harm": 2, "vendor": 3, "place": 1}


@dataclass(frozen=True)
class Kin:
    """Another organization, what is shared with it by scheme (labels), campaigns both are in, and why in a sentence."""

    document: Document
    shared: dict[str, list[str]]
    campaigns: list[str]
    sentence: str
    other_industry: bool


def kin_of(own: Document | None, slug: str, vocabulary: Vocabulary) -> dict[str, Any]:
    """Return an organization's own work, and the organizations it shares most with.

    Two things are compared: what organizations are tagged with, and the campaigns and stories they are in.

    Args:
        own: the organization's document; None for a draft.
        slug: its facet value.
        vocabulary: labels in the reader's language.

    Returns:
        ``work`` (documents) and ``kin`` (a list of :class:`Kin`, closest first).
    """
    if own is None:
        return {"work": [], "kin": []}
    everything = (
        Document.objects.present()
        .filter(Q(kind__in=(Kind.CAMPAIGN, Kind.STORY)) | Q(kind=Kind.ORGANIZATION, card__is_ally=True))
        .defer("body", "words", "labels", "standfirst")
        .order_by("kind", "-date", "public_id")
    )
    others: dict[str, Document] = {}
    work: list[Document] = []
    involved: list[tuple[Document, set[str]]] = []
    for document in everything:
        members = {value.partition(":")[2] for value in document.facets if value.startswith("organization:")}
        if document.kind != Kind.ORGANIZATION:
            involved.append((document, members))
            if slug in members:
                work.append(document)
        elif document.pk != own.pk:
            others[document.url.rstrip("/").rsplit("/", 1)[-1]] = document
    carried = {name: _carried(document) for name, document in others.items()}
    joint: dict[str, list[str]] = {name: [] for name in others}
    mine = _carried(own)
    for document, members in involved:
        if slug in members:
            mine |= _carried(document)
        for name in members & carried.keys():
            carried[name] |= _carried(document)
            if slug in members and document.kind == Kind.CAMPAIGN:
                joint[name].append(document.title)
    roots = {term.value for scheme in _SHARED for term in vocabulary.roots(scheme)}
    found = []
    for name, document in others.items():
        shared_values = {v for v in mine & carried[name] if v.partition(":")[0] in (*_SHARED, "vendor")}
        exact = {value for value in shared_values if value not in roots}
        # A whole family in common says little, but more than nothing.
        telling = exact or shared_values
        if not telling and not joint[name]:
            continue
        shared = {
            scheme: sorted(vocabulary.label(value) for value in telling if value.startswith(f"{scheme}:"))
            for scheme in (*_SHARED, "vendor")
        }
        shared = {scheme: labels for scheme, labels in shared.items() if labels}
        other = not set(own.subsectors) & set(document.subsectors)
        weight = sum(_WEIGHTS[value.partition(":")[0]] for value in telling) * (1 if exact else 0.25)
        score = weight + 4 * len(joint[name]) + (1 if other else 0)
        found.append((score, Kin(document, shared, joint[name], kin_sentence(shared, joint[name]), other)))
    found.sort(key=lambda entry: (-entry[0], entry[1].document.title))
    return {"work": work, "kin": [entry for _score, entry in found[:MOST_KIN]]}


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
