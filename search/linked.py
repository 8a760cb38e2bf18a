"""What a document is linked to, as its page shows it."""

from dataclasses import dataclass

from cms.base.outcomes import Outcome
from search.matching.matcher import Match, judged
from search.matching.situations import Reason, reason
from search.models import Document, Judgement, Kind, Link
from search.vocabulary import Vocabulary

# How many of each kind a page shows of what it is linked to.
SHOWN: dict[str, int] = {Kind.STORY.value: 5, Kind.CAMPAIGN.value: 3, Kind.RESOURCE.value: 3}
WON = (Outcome.WON.value, Outcome.PARTLY.value)


@dataclass(frozen=True)
class Linked:
    """A linked document, why, and whether an editor has confirmed it."""

    document: Document
    reason: Reason
    confirmed: bool = False


def linked_documents(document: Document, vocabulary: Vocabulary, *, limits: dict[str, int]) -> dict[str, list[Linked]]:
    """Return what a document is linked to, by kind, best first; editors' word is heard at once, before any rebuild.

    Args:
        document: whose links.
        vocabulary: labels in the reader's language.
        limits: kind → how many.
    """
    verdicts = judged(document.pk)
    links = (
        Link.objects.filter(source=document, target__kind__in=limits, target__is_gone=False)
        .select_related("target")
        .defer("target__body", "target__words", "target__labels")
        .order_by("rank")
    )
    found: dict[str, list[Linked]] = {kind: [] for kind in limits}
    shown: set[int] = set()
    for link in links:
        verdict = verdicts.get(link.target_id)
        if verdict == Judgement.Verdict.DISMISSED:
            continue
        shown.add(link.target_id)
        found[link.target.kind].append(
            Linked(link.target, reason(link.reasons, vocabulary), verdict == Judgement.Verdict.CONFIRMED)
        )
    missing = [pk for pk, verdict in verdicts.items() if verdict == Judgement.Verdict.CONFIRMED and pk not in shown]
    if missing:
        for other in Document.objects.present().filter(pk__in=missing, kind__in=limits):
            values = sorted(set(document.concepts) & set(other.concepts))
            found[other.kind].append(Linked(other, reason({"shared": values}, vocabulary), True))
    return {kind: sorted(entries, key=_precedence)[: limits[kind]] for kind, entries in found.items()}


def _precedence(entry: Linked) -> tuple[bool, bool]:
    """Order what editors confirmed first; then, among resources, what won something before what did not."""
    won = entry.document.card.get("outcome") in WON and bool(entry.reason.sentence)
    return not entry.confirmed, entry.document.kind == Kind.RESOURCE and not won


def from_matches(matches: list[Match], vocabulary: Vocabulary) -> list[Linked]:
    """Return fresh matches of somebody's own words, ready to be drawn."""
    return [Linked(match.document, reason(match.reasons, vocabulary), match.confirmed) for match in matches]
