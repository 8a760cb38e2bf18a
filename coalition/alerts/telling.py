"""What a digest says: for each follow what is new of it, each thing once; title, one line, address, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext

from cms.base.outcomes import Outcome
from coalition.alerts.models import Entry, Follow, Follower, News, Rhythm
from coalition.alerts.targets import follow_urls
from coalition.alerts.tokens import manage_url, unsubscribe_url
from search.models import Kind

# Of one follow in one mail; the rest is a link.
MOST_ITEMS = 20


@dataclass(frozen=True)
class Item:
    """A piece of news as a mail or a list says it: what kind of thing, title, one line, its address on the site."""

    what: str
    title: str
    line: str
    url: str
    language: str
    is_demonstration: bool


@dataclass
class Group:
    """What is new of one follow: why the reader gets it, where all of it is seen, and how much more there is."""

    follow: Follow
    url: str
    items: list[Item] = field(default_factory=list)
    more: int = 0


def item_of(news: News) -> Item:
    """Return a piece of news in the active language."""
    document = news.document
    if news.what == News.What.OUTCOME:
        what = f"{Kind.CAMPAIGN.label}: {Outcome(news.outcome).label}"
    elif document.card.get("is_win"):
        what = f"{Kind(document.kind).label}: {gettext('A win')}"
    else:
        what = str(Kind(document.kind).label)
    line = " ".join(document.standfirst.split())
    return Item(what, document.title, line, document.url, document.language, document.is_demonstration)


def groups_of(entries: Sequence[Entry]) -> list[Group]:
    """Return entries by follow, in their order; what several follows brought is told under the first."""
    follows = {entry.follow_id: entry.follow for entry in entries}
    urls = follow_urls(list(follows.values()))
    groups: dict[int, Group] = {}
    seen: set[int] = set()
    for entry in entries:
        if entry.news_id in seen:
            continue
        seen.add(entry.news_id)
        group = groups.setdefault(entry.follow_id, Group(entry.follow, urls[entry.follow_id]))
        if len(group.items) < MOST_ITEMS:
            group.items.append(item_of(entry.news))
        else:
            group.more += 1
    return list(groups.values())


def digest_context(follower: Follower, rhythm: Rhythm, entries: Sequence[Entry]) -> dict[str, Any]:
    """Return what the templates of a digest say."""
    groups = groups_of(entries)
    count = sum(len(group.items) + group.more for group in groups)
    return {
        "rhythm": str(rhythm),
        "groups": groups,
        "count": count,
        "first": groups[0].items[0],
        "has_demonstration": any(item.is_demonstration for group in groups for item in group.items),
        "manage": manage_url(follower),
        "stop": unsubscribe_url(follower),
        "news": settings.PUBLIC_URL + reverse("follow_news") if follower.user_id is not None else "",
    }
