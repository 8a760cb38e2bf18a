"""Feeds: what is new of a search or a campaign, as Atom, for whoever wants to give no address.

Dates are days, those of stories months: nobody is to see from a feed when somebody wrote.
"""

import datetime
import hashlib
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.feedgenerator import Atom1Feed
from django.utils.http import http_date, quote_etag
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from coalition.alerts.models import Follow, News
from coalition.alerts.targets import Target, query_label, query_normalised, target_query
from coalition.alerts.telling import item_of
from search.found import documents_found
from search.models import Document, Kind
from search.query import SearchQuery

MOST_ENTRIES = 50
FRESH_SECONDS = 300
# What an empty feed is dated.
NEVER = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)


class Feed(Atom1Feed):
    """An Atom feed that tells no moment but those of its entries."""

    def latest_post_date(self) -> datetime.datetime:
        """Return the date of the newest entry; Django would say when it was asked."""
        dates: list[datetime.datetime] = [item["updateddate"] for item in self.items]
        return max(dates, default=NEVER)


def feed_url(target: Target | Follow) -> str:
    """Return the address of the feed of what can be followed."""
    if target.kind == Follow.Kind.CAMPAIGN:
        return reverse("campaign_feed", args=[target.target])
    if target.kind == Follow.Kind.ORGANIZATION:
        return reverse("organization_feed", args=[target.target])
    return target_query(target.target).url(reverse("search_feed"))


@require_safe
def search_feed(request: HttpRequest) -> HttpResponse:
    """Give what is new of a search. Any address makes a feed, as any makes a page of results."""
    query = query_normalised(SearchQuery.from_params(request.GET))
    return _feed(
        request, News.objects.filter(document__in=documents_found(query)), query_label(query), query.url("/search/")
    )


@require_safe
def campaign_feed(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Give what is new of a campaign: its updates, and how it stands."""
    campaign = _document(public_id, Kind.CAMPAIGN)
    return _feed(request, News.objects.filter(campaign=public_id), campaign.title, campaign.url)


@require_safe
def organization_feed(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Give what is new of an organization: its campaigns, their updates, what it stands behind."""
    organization = _document(public_id, Kind.ORGANIZATION)
    values = [value for value in organization.facets if value.startswith("organization:")]
    news = News.objects.filter(document__facets__overlap=values)
    return _feed(request, news, organization.title, organization.url)


def _document(public_id: UUID, kind: Kind) -> Document:
    found = Document.objects.present().filter(public_id=public_id, kind=kind).first()
    if found is None:
        raise Http404
    return found


def _feed(request: HttpRequest, news: QuerySet[News], title: str, url: str) -> HttpResponse:
    newest = (
        news.filter(document__is_gone=False)
        .select_related("document")
        .defer("document__body", "document__words")
        .order_by("-shown_on", "document__public_id", "-pk")[:MOST_ENTRIES]
    )
    feed = Feed(
        title=f"{title} · {settings.SITE_NAME}",
        link=settings.PUBLIC_URL + url,
        description="",
        language=get_language(),
        feed_url=settings.PUBLIC_URL + quote(request.path) + _query_string(request),
        author_name=settings.SITE_NAME,
    )
    for piece in newest:
        if piece.holds:
            feed.add_item(**_entry(piece))
    body = feed.writeString("utf-8").encode()
    response = HttpResponse(body, content_type="application/atom+xml; charset=utf-8")
    # Of its date a reader could only learn the month: what has changed since is told by the tag alone.
    response["ETag"] = etag = quote_etag(hashlib.sha256(body).hexdigest()[:32])
    response["Last-Modified"] = http_date(feed.latest_post_date().timestamp())
    patch_cache_control(response, public=True, max_age=FRESH_SECONDS)
    return get_conditional_response(request, etag=etag, response=response) or response


def _query_string(request: HttpRequest) -> str:
    params = request.META.get("QUERY_STRING", "")
    return f"?{quote(params, safe='=&%+:-._~/')}" if params else ""


def _entry(news: News) -> dict[str, Any]:
    item = item_of(news)
    day = datetime.datetime.combine(news.shown_on, datetime.time(), datetime.UTC)
    # One thing can be told of more than once: new, and later how it stands.
    fragment = f"#{news.outcome}" if news.what == News.What.OUTCOME else ""
    label = gettext("Demonstration")
    return {
        "title": f"[{label}] {item.title}" if item.is_demonstration else item.title,
        "link": settings.PUBLIC_URL + item.url,
        "description": item.line,
        "unique_id": f"{news.document.public_id.urn}{fragment}",
        "pubdate": day,
        "updateddate": day,
        "categories": [item.what],
    }
