"""Which follows a piece of news is for: exactly those whose page of results would show it."""

import uuid
from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q, QuerySet

from coalition.alerts.models import Channel, Entry, Follow, Follower, News
from coalition.alerts.targets import target_query
from search.found import found_among
from search.models import Document

BATCH = 200
_ROWS = 2000


def news_unmatched() -> QuerySet[News]:
    """Return news that was matched with no follow yet. What is gone waits: it may become public again."""
    return News.objects.filter(is_matched=False, document__is_gone=False).order_by("pk")


def news_match_all() -> int:
    """Match everything that is new; return how many entries that made. Any number of processes may do so at once."""
    made = 0
    while True:
        seen, entries = news_match()
        made += entries
        if not seen:
            return made


@transaction.atomic
def news_match(*, limit: int = BATCH) -> tuple[int, int]:
    """Bring what is new to everybody who follows it, and mark it, in one transaction.

    Returns:
        How many pieces of news were matched, and how many entries that made.
    """
    waiting = news_unmatched().select_for_update(skip_locked=True, of=("self",))
    news = list(waiting.select_related("document").defer("document__body", "document__words")[:limit])
    made = 0
    if news:
        for (kind, target), found in _targets_met(news).items():
            made += _entries_make(Follow.objects.active().filter(kind=kind, target=target), found)
        News.objects.filter(pk__in=[piece.pk for piece in news]).update(is_matched=True)
    return len(news), made


def _targets_met(news: Sequence[News]) -> dict[tuple[str, str], list[News]]:
    """Return what is followed and has news, with that news."""
    telling = [piece for piece in news if piece.holds]
    documents = {piece.document_id: piece.document for piece in telling}
    followed = Follow.objects.active().order_by().values_list("kind", "target").distinct()
    wanted = [target for kind, target in followed if kind == Follow.Kind.ORGANIZATION]
    slugs = _organization_values(wanted)
    by_campaign: dict[str, list[News]] = defaultdict(list)
    for piece in telling:
        by_campaign[str(piece.campaign)].append(piece)
    met = {}
    for kind, target in followed:
        if kind == Follow.Kind.CAMPAIGN:
            found = by_campaign.get(target, [])
        elif kind == Follow.Kind.ORGANIZATION:
            value = slugs.get(target)
            found = [piece for piece in telling if value in piece.document.facets] if value else []
        else:
            ids = found_among(target_query(target), list(documents.values()))
            found = [piece for piece in telling if piece.document_id in ids]
        if found:
            met[kind, target] = found
    return met


def _organization_values(public_ids: Sequence[str]) -> dict[str, str]:
    """Return the facet value that stands for each organization now."""
    ids = [uuid.UUID(public_id) for public_id in public_ids]
    found = {}
    for public_id, facets in Document.objects.present().filter(public_id__in=ids).values_list("public_id", "facets"):
        # The one that its own document carries.
        value = next((value for value in facets if value.startswith("organization:")), None)
        if value is not None:
            found[str(public_id)] = value
    return found


def _entries_make(follows: QuerySet[Follow], news: Sequence[News]) -> int:
    rows = follows.filter(Q(follower__user=None) | Q(follower__user__is_active=True)).values_list(
        "pk", "channel", "follower__mail"
    )
    entries = [
        Entry(follow_id=pk, news=piece, for_mail=channel == Channel.MAIL and mail == Follower.Mail.ON)
        for pk, channel, mail in rows
        for piece in news
    ]
    Entry.objects.bulk_create(entries, batch_size=_ROWS, ignore_conflicts=True)
    return len(entries)
