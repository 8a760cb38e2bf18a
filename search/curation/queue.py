"""Which pairs an editor's verdict teaches most about: those that nobody has judged, in that order. Only reads.

First what readers doubt. Then links for which one signal speaks far more strongly than another, and links that stand
just at the cut between shown and not shown: there the machine is least sure of itself.
"""

import operator
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

from django.db import models
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest, Least

from search.linked import SHOWN
from search.matching.fusion import weights
from search.models import Doubt, Judgement, Link

# Links of the newest pages, so many, are weighed against each other: the desk answers at once however many there are.
MOST_READ = 4000
LONGEST = 100
MOST_OF_ONE_PAGE = 2
# In standard deviations over the candidates: beyond this a signal is simply strong, and below that two agree.
STRONGEST = 3.0
DISAGREE = 1.0
# Scores nearer than this to the other side of the cut might as well have changed places.
EDGE = 0.2
# What most pairs do not share tells nothing against a pair.
NEVER_WEAK = frozenset({"named"})


class Why(models.TextChoices):
    """Why a pair is worth an editor's verdict."""

    DOUBTED = "doubted"
    DISAGREEMENT = "disagreement"
    EDGE = "edge"
    UNJUDGED = "unjudged"


@dataclass(frozen=True)
class Waiting:
    """A linked pair that waits for a verdict.

    ``strong`` and ``weak`` are the signals that disagree most, empty where none do; ``doubts`` counts readers.
    """

    source_id: int
    target_id: int
    why: Why
    teaches: float = 0.0
    doubts: int = 0
    strong: str = ""
    weak: str = ""

    @property
    def pair(self) -> tuple[int, int]:
        """Both ends, the same whichever way the link goes."""
        return min(self.source_id, self.target_id), max(self.source_id, self.target_id)


def queue() -> list[Waiting]:
    """Return the pairs that wait, what teaches most first, at most two of one page."""
    taken: list[Waiting] = []
    pairs: set[tuple[int, int]] = set()
    of_page: Counter[int] = Counter()
    for waiting in (*_doubted(), *_uncertain()):
        if len(taken) == LONGEST:
            break
        if waiting.pair in pairs or any(of_page[page] >= MOST_OF_ONE_PAGE for page in waiting.pair):
            continue
        taken.append(waiting)
        pairs.add(waiting.pair)
        of_page.update(waiting.pair)
    return taken


def doubted_pairs() -> QuerySet[Any, Any]:
    """Return the pairs that readers doubt and no editor has judged, a row each; only what is still linked.

    A row has ``first_id`` and ``second_id``, how many ``readers`` doubt it and when the ``last`` did, and ``forth``:
    whether the link goes that way, or only back.
    """
    judged = Judgement.objects.filter(first=OuterRef("first"), second=OuterRef("second"))
    forth = Link.objects.filter(source=OuterRef("first"), target=OuterRef("second"))
    back = Link.objects.filter(source=OuterRef("second"), target=OuterRef("first"))
    return (
        Doubt.objects.filter(~Exists(judged), Exists(forth) | Exists(back))
        .values("first_id", "second_id")
        .annotate(readers=Count("pk"), last=Max("said_on"), forth=Exists(forth))
    )


def _doubted() -> Iterator[Waiting]:
    """Return what readers doubt, what most doubt first."""
    rows = doubted_pairs().order_by("-readers", "-last", "first_id", "second_id")[:MOST_READ]
    for row in rows:
        ends = (row["first_id"], row["second_id"]) if row["forth"] else (row["second_id"], row["first_id"])
        yield Waiting(*ends, Why.DOUBTED, doubts=row["readers"])


def _uncertain() -> list[Waiting]:
    """Return links that nobody has judged, the least certain first."""
    ends = {"first_id": Least(OuterRef("source_id"), OuterRef("target_id"))}
    judged = Judgement.objects.filter(second_id=Greatest(OuterRef("source_id"), OuterRef("target_id")), **ends)
    at_least_nearly_shown = reduce(
        operator.or_, (Q(target__kind=kind, rank__lte=shown + 1) for kind, shown in SHOWN.items())
    )
    rows = list(
        Link.objects.filter(at_least_nearly_shown, ~Exists(judged), source__is_gone=False, target__is_gone=False)
        .order_by(F("source__version").desc(), "target__kind", "rank")
        .values_list("source_id", "target_id", "target__kind", "rank", "score", "reasons__parts")[:MOST_READ]
    )
    scores = {(source, kind, rank): score for source, _target, kind, rank, score, _parts in rows}
    found = []
    for source, target, kind, rank, score, parts in rows:
        shown = SHOWN[kind]
        beyond = {shown: shown + 1, shown + 1: shown}.get(rank)
        other = scores.get((source, kind, beyond)) if beyond is not None else None
        edge = max(0.0, 1 - abs(score - other) / EDGE) if other is not None else 0.0
        found.append(_weighed(source, target, parts or {}, edge))
    return sorted(found, key=lambda waiting: (-waiting.teaches, waiting.pair, waiting.source_id))


def _weighed(source: int, target: int, parts: Mapping[str, float], edge: float) -> Waiting:
    """Return a link with how much a verdict on it teaches.

    Args:
        source: where it stands.
        target: where it leads.
        parts: what each signal contributed to its score.
        edge: 1 where it might as well be on the other side of the cut, 0 far from it.
    """
    strong, weak, spread = disagreement(parts)
    disagrees = spread >= DISAGREE
    share = spread / (2 * STRONGEST)
    why = Why.EDGE if edge > share else Why.DISAGREEMENT if disagrees else Why.UNJUDGED
    return Waiting(
        source, target, why, share + edge, strong=strong if disagrees else "", weak=weak if disagrees else ""
    )


def disagreement(parts: Mapping[str, float]) -> tuple[str, str, float]:
    """Return which signal speaks most for a link, which least, and how far apart the two are.

    Args:
        parts: what each signal contributed to the score: its z-score times its weight, as far as it was trusted.

    Returns:
        Both names, and the distance in standard deviations, at most twice ``STRONGEST``; empty and 0 where fewer than
        two signals can be compared or none speaks for the link.
    """
    mix = weights()
    scores = {
        name: max(-STRONGEST, min(STRONGEST, value / mix[name])) for name, value in parts.items() if mix.get(name)
    }
    comparable: Iterable[str] = [name for name in scores if name not in NEVER_WEAK]
    strong = max(scores, key=lambda name: scores[name], default="")
    weak = min(comparable, key=lambda name: scores[name], default="")
    if not strong or not weak or strong == weak or scores[strong] <= 0:
        return "", "", 0.0
    return strong, weak, scores[strong] - scores[weak]
