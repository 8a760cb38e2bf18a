"""Every public page: it answers, asks the database little, and as often with ten stories as with a hundred."""

import gzip
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.contrib.staticfiles.finders import find
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.signal_handlers import disable_reference_index_auto_update

from cms.base.gathering import gathered
from cms.base.models import TaggedPage
from cms.taxonomy.models import PROXIES
from search.matching.links import outbox_drain
from search.models import Document
from tests import factories

pytestmark = pytest.mark.usefixtures("site")

MOST_QUERIES = 15
GROUPS = 10


def addresses(client: Client) -> list[str]:
    sitemap = client.get("/sitemap.xml").content.decode()
    return [re.sub(r"^https?://[^/]+", "", found) for found in re.findall(r"<loc>([^<]+)</loc>", sitemap)]


def crawl(client: Client, urls: list[str]) -> dict[str, int]:
    """Return how often each page asks the database; every page must answer."""
    counts = {}
    for url in urls:
        with CaptureQueriesContext(connection) as queries:
            response = client.get(url)
        assert response.status_code == 200, url
        counts[url] = len(queries)
    return counts


def add_stories(number: int) -> None:
    """Add stories so that every concept of every scheme is carried by a tenth of them."""
    with disable_reference_index_auto_update(), gathered():
        pages = [
            factories.story(f"Made up {i}", standfirst="A scanner counts every pause. Pauses are punished.")
            for i in range(number)
        ]
        for scheme, relation in TaggedPage.TAGS.items():
            link = TaggedPage._meta.get_field(relation).related_model
            concepts = list(PROXIES[scheme].objects.current())
            link.objects.filter(page__in=pages).delete()
            link.objects.bulk_create(
                link(page=page, concept=concept)
                for i, page in enumerate(pages)
                for concept in concepts[i % GROUPS :: GROUPS] or concepts[:1]
            )


def test_every_page_of_the_sitemap_asks_little_and_the_same_however_much_is_listed(visitor: Client) -> None:
    factories.story(live=False)  # makes the concepts that tests tag with, so that they are on every page from now on
    add_stories(10)
    outbox_drain()
    urls = addresses(visitor)
    assert len(urls) > 300
    # What is read once a process (content types, sites) is read now.
    ContentType.objects.get_for_models(*apps.get_models(), for_concrete_models=False)
    crawl(visitor, urls[:20])
    few = crawl(visitor, urls)
    assert {url: count for url, count in few.items() if count > MOST_QUERIES} == {}
    add_stories(90)
    # Links of the added stories do not matter here; those of the listed pages stay as they are.
    assert Document.objects.present().filter(kind="story").count() >= 100
    # Of each kind some: what a template asks does not depend on which of its pages it draws.
    kinds: dict[str, list[str]] = {}
    for url in urls:
        kinds.setdefault("/".join(url.split("/")[:3]) if url.startswith("/topics/") else url.split("/")[1], []).append(
            url
        )
    again = [url for of_kind in kinds.values() for url in [*of_kind[:4], *of_kind[-3:]]]
    many = crawl(visitor, again)
    assert len(again) > 50
    assert {url: (few[url], many[url]) for url in again if few[url] != many[url]} == {}


def test_searches_ask_little_too(visitor: Client) -> None:
    for query in (
        "q=tracking",
        "q=traking+hospitl",
        "q=wages&industry=hospitals&stage=piloted",
        "q=zzzz+yyyy+xxxx&harm=job-loss",
    ):
        visitor.get(f"/search/?{query}")
        with CaptureQueriesContext(connection) as queries:
            assert visitor.get(f"/search/?{query}").status_code == 200
        assert len(queries) <= MOST_QUERIES, query


@pytest.mark.parametrize(
    "query",
    [
        "page=-1", "page=999999999999", "page=a", "sort=%00", "q=%00%01", "type=<script>", "industry=' OR 1=1 --",
        "q=%F0%9F%92%A5", "q=" + "a" * 5000, "all=type&all=nothing", "harm=" + "x" * 400, "q=%ED%A0%80", "%FF=%FE",
    ],
)  # fmt: skip
def test_any_garbage_in_an_address_gets_a_page(visitor: Client, query: str) -> None:
    for path in ("/search/", "/stories/", "/topics/harm/job-loss/"):
        assert visitor.get(f"{path}?{query}").status_code == 200


def test_what_is_written_into_the_search_box_is_never_markup(visitor: Client) -> None:
    html = visitor.get("/search/?q=<script>alert(1)</script>&harm=<b>x</b>").content.decode()
    assert "<script>alert" not in html
    assert "<b>x" not in html


@pytest.mark.parametrize("path", ["/no-such-page/", "/topics/nothing/", "/topics/harm/nothing/", "/people/nobody/"])
def test_what_is_not_there_gets_a_page_of_ours_with_ways_on(visitor: Client, path: str) -> None:
    response = visitor.get(path)
    assert response.status_code == 404
    assert 'name="q"' in response.content.decode()


def test_no_page_asks_a_third_party_for_anything(visitor: Client) -> None:
    for path in ("/", "/stories/", "/match/", "/search/?q=gps"):
        html = visitor.get(path).content.decode()
        loading = r'<(?:script|img|iframe|source|link rel="(?:stylesheet|icon)")[^>]+(?:src|href)="(?:https?:)?//'
        assert re.findall(loading, html) == []
        policy = visitor.get(path)["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "http" not in policy


def test_the_sitemap_and_headers_give_no_time_of_publication(visitor: Client) -> None:
    assert "lastmod" not in visitor.get("/sitemap.xml").content.decode()
    assert "Last-Modified" not in visitor.get("/stories/gig-wages-set-by-algorithm/").headers


def test_two_clicks_lead_from_any_story_to_a_campaign(visitor: Client) -> None:
    campaigns = set(Document.objects.present().filter(kind="campaign").values_list("url", flat=True))
    for url in Document.objects.present().filter(kind="story").values_list("url", flat=True):
        html = visitor.get(url).content.decode()
        links = set(re.findall(r'href="(/[^"#?]*)', html))
        assert links & campaigns, url


def test_the_front_page_leads_to_both_doors_and_through_the_matrix_to_stories(visitor: Client) -> None:
    html = visitor.get("/").content.decode()
    assert 'action="/search/"' in html
    assert 'href="/match/"' in html
    cells = re.findall(r'href="(/search/\?type=story&amp;industry=[^"]+technology=[^"]+)"[^>]*>\D*(\d+)', html)
    assert cells
    for href, count in cells:
        response = visitor.get(href.replace("&amp;", "&"))
        assert response.context["results"].total == int(count)


def test_what_won_is_one_filter(visitor: Client) -> None:
    results = visitor.get("/search/?outcome=won").context["results"]
    assert {hit.document.kind for hit in results.hits} == {"campaign", "resource"}
    empty = visitor.get("/search/?outcome=won&technology=scheduling-by-algorithm")
    assert empty.context["results"].total == 0
    assert empty.context["results"].loosenings


def test_pages_are_there_in_spanish(visitor: Client) -> None:
    html = visitor.get("/", headers={"accept-language": "es"}).content.decode()
    assert '<html lang="es"' in html
    assert "Buscar" in html


def test_health_tells_whether_it_can_serve(visitor: Client) -> None:
    response = visitor.get("/health/")
    assert (response.status_code, response.json()) == (200, {"status": "ok", "search": "postgres"})


def test_the_first_page_is_small_and_has_no_script(visitor: Client) -> None:
    html = visitor.get("/").content
    weight = len(gzip.compress(html))
    loaded = re.findall(r'<link rel="(?:stylesheet|icon)"[^>]*href="/static/([^"]+)', html.decode())
    assert len(loaded) >= 2
    for name in loaded:
        found = find(name)
        assert isinstance(found, str)
        weight += len(gzip.compress(Path(found).read_bytes()))
    assert weight <= 50_000
    assert b"<script" not in html
