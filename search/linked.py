"""What a document is linked to, as its page shows it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from cms.base.outcomes import Outcome
from search.matching.links import scope_for
from search.matching.matcher import Match, Matcher, judged
from search.matching.situations import Reason, reasons_drawn, sentence
from search.matching.subject import subject_of_document
from search.matching.trees import tree_of
from search.models import Document, Judgement, Kind, Link
from search.vocabulary import Vocabulary

# How many of each kind a page shows of what it is linked to.
SHOWN: dict[str, int] = {
    Kind.STORY.value: 5,
    Kind.CAMPAIGN.value: 3,
    Kind.RESOURCE.value: 3,
    Kind.SESSION.value: 2,
    Kind.ORGANIZATION.value: 3,
}
WON = (Outcome.WON.value, Outcome.PARTLY.value)


@dataclass(frozen=True)
class Linked:
    """A linked document, why, and whether an editor has confirmed it."""

    document: Document
    reason: Reason
    confirmed: bool = False


@dataclass(frozen=True)
class Part:
    """What answers a struggle, of one kind: where it stands on the page, under which heading, and what it is."""

    anchor: str
    heading: str
    linked: Sequence[Linked]


@dataclass(frozen=True)
class _Found:
    """A linked document with its reasons as they are stored."""

    document: Document
    reasons: Mapping[str, Any]
    confirmed: bool


def linked_documents(
    document: Document, vocabulary: Vocabulary, *, limits: dict[str, int], toward: Collection[str] = ()
) -> dict[str, list[Linked]]:
    """Return what a document is linked to, by kind, best first; editors' word is heard at once, before any rebuild.

    Args:
        document: whose links.
        vocabulary: labels in the reader's language.
        limits: kind → how many.
        toward: kinds that are linked to this document rather than it to them, as sessions are to campaigns.
    """
    verdicts = judged(document.pk)
    onward = Q(source=document, target__kind__in=set(limits) - set(toward), target__is_gone=False)
    inward = Q(target=document, source__kind__in=toward, source__is_gone=False)
    ends = ("target", "source") if toward else ("target",)
    links = (
        Link.objects.filter(onward | inward if toward else onward)
        .select_related(*ends)
        .defer(*(f"{end}__{field}" for end in ends for field in ("body", "words", "labels")))
        .order_by("rank", "-score")
    )
    found: dict[str, list[_Found]] = {kind: [] for kind in limits}
    shown: set[int] = set()
    for link in links:
        leads_here = link.target_id == document.pk
        other = link.source if leads_here else link.target
        verdict = verdicts.get(other.pk)
        if verdict == Judgement.Verdict.DISMISSED:
            continue
        shown.add(other.pk)
        reasons = _seen_from_there(link.reasons) if leads_here else link.reasons
        found[other.kind].append(_Found(other, reasons, verdict == Judgement.Verdict.CONFIRMED))
    missing = [pk for pk, verdict in verdicts.items() if verdict == Judgement.Verdict.CONFIRMED and pk not in shown]
    if missing:
        for other in Document.objects.present().filter(pk__in=missing, kind__in=limits):
            values = sorted(set(document.concepts) & set(other.concepts))
            found[other.kind].append(_Found(other, {"shared": values}, True))
    kept = {
        kind: sorted(entries, key=lambda entry: _precedence(entry, vocabulary))[: limits[kind]]
        for kind, entries in found.items()
    }
    stored = [(entry.reasons, (document, entry.document)) for entries in kept.values() for entry in entries]
    drawn = iter(reasons_drawn(stored, vocabulary))
    return {
        kind: [Linked(entry.document, next(drawn), entry.confirmed) for entry in entries]
        for kind, entries in kept.items()
    }


def _seen_from_there(reasons: Mapping[str, Any]) -> dict[str, Any]:
    """Return the reasons of a link as its target sees them: its own sentence first."""
    return {**reasons, "sentences": list(reversed(reasons.get("sentences", [])))}


def _precedence(entry: _Found, vocabulary: Vocabulary) -> tuple[bool, bool]:
    """Order what editors confirmed first; then, among resources, what won something before what did not."""
    won = entry.document.card.get("outcome") in WON and bool(sentence(entry.reasons, vocabulary))
    return not entry.confirmed, entry.document.kind == Kind.RESOURCE and not won


def with_reason(found: Sequence[Linked]) -> list[Linked]:
    """Return what shares something that can be said: whoever is named as help is named for a reason."""
    return [linked for linked in found if linked.reason.sentence]


def parts_of(
    *,
    campaigns: Sequence[Linked],
    resources: Sequence[Linked],
    organizations: Sequence[Linked],
    sessions: Sequence[Linked],
) -> list[Part]:
    """Return what answers a struggle, kind by kind, in the order in which a page shows it; only what there is."""
    parts = [
        Part("fights", _("Who fights it"), campaigns),
        Part("helps", _("What can help"), resources),
        Part("whom", _("Whom to call"), organizations),
        Part("talked", _("Who talked about it"), sessions),
    ]
    return [part for part in parts if part.linked]


def stories_of_any_industry(document: Document, vocabulary: Vocabulary) -> list[Linked]:
    """Return the stories that are most like a document, whatever their industry; found now, for links know only others.

    Args:
        document: of a kind that is linked to stories of other industries.
        vocabulary: labels in the reader's language.
    """
    subject = subject_of_document(document)
    scope = scope_for(Kind.STORY.value, other_industries=False, subject=subject)
    found = Matcher(tree_of(vocabulary)).match(subject, scope, limit=SHOWN[Kind.STORY.value])
    return from_matches(found, vocabulary, of=document)


def from_matches(matches: list[Match], vocabulary: Vocabulary, *, of: Document | None = None) -> list[Linked]:
    """Return fresh matches, ready to be drawn.

    Args:
        matches: of a document, or of somebody's own words.
        vocabulary: labels in the reader's language.
        of: the document; None for words.
    """
    ends = () if of is None else (of,)
    drawn = reasons_drawn([(match.reasons, (*ends, match.document)) for match in matches], vocabulary)
    return [Linked(match.document, reason, match.confirmed) for match, reason in zip(matches, drawn, strict=True)]
