"""Editors' words on links: kept for the pair, in both directions, and never overruled by the machine.

A pair that is confirmed, or no longer is, waits for vectors and links: what is confirmed stands together
(``teaching.py``).
"""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from search.documents import documents_renew
from search.models import Document, Judgement


def in_order(one: Document, other: Document) -> tuple[Document, Document]:
    """Return a pair as it is kept: what is said of it holds in both directions."""
    return (one, other) if one.pk < other.pk else (other, one)


@transaction.atomic
def judgement_record(*, one: Document, other: Document, verdict: str, reason: str, user: Any) -> Judgement:
    """Keep an editor's verdict on two documents, replacing one given before.

    Args:
        one: either document.
        other: the other.
        verdict: a value of ``Judgement.Verdict``.
        reason: in the editor's words; may be empty.
        user: the editor.

    Raises:
        ValueError: both are the same document, or the verdict is unknown.
    """
    if one.pk == other.pk:
        raise ValueError("A document is not linked to itself.")
    if verdict not in Judgement.Verdict.values:
        raise ValueError(f"{verdict!r} is no verdict.")
    first, second = in_order(one, other)
    was_confirmed = _confirmed(first, second).exists()
    judgement, _created = Judgement.objects.update_or_create(
        first=first, second=second, defaults={"verdict": verdict, "reason": reason, "user": user}
    )
    if was_confirmed != (verdict == Judgement.Verdict.CONFIRMED):
        documents_renew([first.pk, second.pk])
    return judgement


@transaction.atomic
def judgement_withdraw(*, one: Document, other: Document) -> None:
    """Forget the verdict on two documents: the machine's word counts again."""
    first, second = in_order(one, other)
    if _confirmed(first, second).exists():
        documents_renew([first.pk, second.pk])
    Judgement.objects.filter(first=first, second=second).delete()


def _confirmed(first: Document, second: Document) -> QuerySet[Judgement]:
    return Judgement.objects.filter(first=first, second=second, verdict=Judgement.Verdict.CONFIRMED)
