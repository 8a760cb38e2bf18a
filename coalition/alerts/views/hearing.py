"""What is new of what one follows, on the site."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from coalition.accounts.permissions import require
from coalition.alerts.following import news_seen
from coalition.alerts.models import Entry, Follower, follower_of
from coalition.alerts.targets import follow_urls
from coalition.alerts.telling import item_of
from coalition.membership.views.finding import reader

SHOWN = 300
SHOWN_OF_ONE = 30


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def follow_news(request: HttpRequest) -> HttpResponse:
    """List what is new, by follow, newest first; by POST, note that it was read up to the moment the page was made."""
    require(request.user, "follow.keep")
    follower = follower_of(reader(request))
    if request.method == "POST":
        news_seen(follower=follower, until=_moment(request.POST.get("until", "")))
        return redirect("follow_news")
    # Taken before reading: what comes meanwhile stays unread.
    now = timezone.now()
    groups = _groups(follower)
    context = {
        "follower": follower,
        "groups": groups,
        "until": now.isoformat(),
        "unread": any(row["is_unread"] for group in groups for row in group["rows"]),
    }
    return render(request, "alerts/news.html", context)


def _moment(text: str) -> datetime:
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    return moment if moment is not None and timezone.is_aware(moment) else timezone.now()


def _groups(follower: Follower) -> list[dict[str, Any]]:
    entries = (
        Entry.objects.filter(follow__follower=follower, news__document__is_gone=False)
        .select_related("follow", "news__document")
        .defer("news__document__body", "news__document__words")
        .order_by("-news__shown_on", "news__document__public_id", "-pk")[:SHOWN]
    )
    by_follow: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.news.holds and len(by_follow[entry.follow_id]) < SHOWN_OF_ONE:
            by_follow[entry.follow_id].append(entry)
    follows = [found[0].follow for found in by_follow.values() if found]
    urls = follow_urls(follows)
    return [
        {
            "follow": follow,
            "url": urls[follow.pk],
            "rows": [
                {
                    "item": item_of(entry.news),
                    "shown_on": entry.news.shown_on,
                    "is_story": entry.news.document.kind == "story",
                    "is_unread": entry.created > follow.seen_until,
                }
                for entry in by_follow[follow.pk]
            ],
        }
        for follow in follows
    ]
