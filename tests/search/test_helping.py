"""Who can help where a story happened."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cms.organizations.models import OrganizationPage
from cms.stories.models import StoryPage
from cms.taxonomy.schemes import Scheme
from search.helping import MOST_HELPERS
from search.models import Document, Judgement
from tests import factories

pytestmark = pytest.mark.usefixtures("site")


def concepts(page: Any, **values: list[Any]) -> Any:
    for name, chosen in values.items():
        page.set_concepts(Scheme(name), chosen)
    page.save()
    return page


@pytest.fixture
def sector(site: None) -> Any:
    return factories.concept(Scheme.INDUSTRY, "Lamp works", notation="98")


@pytest.fixture
def country(site: None) -> Any:
    return factories.concept(Scheme.PLACE, "Ruritania")


@pytest.fixture
def story(sector: Any, country: Any) -> StoryPage:
    return concepts(
        factories.story("The lamps count us"),
        industry=[factories.concept(Scheme.INDUSTRY, "Lamp shops", broader=sector, notation="981")],
        technology=[factories.concept(Scheme.TECHNOLOGY, "Counting lamps")],
        place=[factories.concept(Scheme.PLACE, "Strelsau", broader=country)],
    )


def organization(title: str, **values: list[Any]) -> OrganizationPage:
    values.setdefault("industry", [factories.concept(Scheme.INDUSTRY, "Elsewhere works", notation="97")])
    values.setdefault("technology", [factories.concept(Scheme.TECHNOLOGY, "Something else")])
    return concepts(factories.organization(title, contact="Call 555-0100"), **values)


def shown(client: Client, story: StoryPage) -> dict[str, str]:
    """Return the organizations of the block with what is said of each, in order."""
    html = client.get(story.relative_url(None)).content.decode()
    block = re.search(r'<section class="answers" aria-labelledby="near">(.*?)</section>', html, re.S)
    if block is None:
        return {}
    rows = re.findall(
        r'<h3 class="card-title"[^>]*>\s*<a [^>]*>([^<]+)</a>.*?<p class="why">([^<]+)</p>', block[1], re.S
    )
    return {title.strip(): " ".join(why.split()) for title, why in rows}


def test_who_shares_most_comes_first_each_with_what_it_shares(
    visitor: Client, story: StoryPage, sector: Any, country: Any
) -> None:
    of = factories.concept
    shop, lamp = of(Scheme.INDUSTRY, "Lamp shops"), of(Scheme.TECHNOLOGY, "Counting lamps")
    organization("All three", industry=[shop], technology=[lamp], place=[of(Scheme.PLACE, "Strelsau")])
    organization("Same branch", industry=[of(Scheme.INDUSTRY, "Lamp makers", broader=sector, notation="982")])
    organization("Nation", technology=[lamp], place=[country])
    organization("Only the nation", place=[country])
    organization("Another town", place=[of(Scheme.PLACE, "Zenda", broader=country)])
    organization("Nothing")
    factories.organization("Employers", kind="employer-association").save()
    found = shown(visitor, story)
    assert {title: found[title] for title in ("All three", "Nation", "Same branch")} == {
        "All three": "Works in the same industry: lamp shops; knows this technology: counting lamps; "
        "is in the same place: Strelsau.",
        "Nation": "Knows this technology: counting lamps; works in the whole country.",
        "Same branch": "Works in the same industry: lamp works.",
    }
    assert list(found)[:2] == ["All three", "Nation"]
    assert not {"Only the nation", "Another town", "Nothing", "Employers"} & set(found)
    assert "Call 555-0100" in visitor.get(story.relative_url(None)).content.decode()


def test_at_most_five_and_the_directory_filtered_alike_has_the_others(visitor: Client, story: StoryPage) -> None:
    lamp = factories.concept(Scheme.TECHNOLOGY, "Counting lamps")
    for number in range(7):
        organization(f"Lamp local {number}", technology=[lamp])
    assert list(shown(visitor, story)) == [f"Lamp local {number}" for number in range(MOST_HELPERS)]
    html = visitor.get(story.relative_url(None)).content.decode()
    address = "/search/?type=organization&amp;technology=counting-lamps"
    assert f'href="{address}"' in html
    assert visitor.get(address.replace("&amp;", "&")).context["results"].total == 7


def test_who_is_matched_already_is_not_named_twice(visitor: Client, story: StoryPage) -> None:
    page = organization("Lamp local", technology=[factories.concept(Scheme.TECHNOLOGY, "Counting lamps")])
    ends = [Document.objects.get(public_id=each.public_id) for each in (story, page)]
    assert "Lamp local" in shown(visitor, story)
    first, second = sorted(ends, key=lambda document: document.pk)
    Judgement.objects.create(first=first, second=second, verdict=Judgement.Verdict.CONFIRMED)
    assert "Lamp local" not in shown(visitor, story)
    html = visitor.get(story.relative_url(None)).content.decode()
    assert html.count(f'href="{page.relative_url(None)}"') == 1


def test_the_page_asks_the_database_as_often_whoever_can_help(visitor: Client, story: StoryPage) -> None:
    lamp = factories.concept(Scheme.TECHNOLOGY, "Counting lamps")

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert visitor.get(story.relative_url(None)).status_code == 200
        return len(asked)

    queries()
    none = queries()
    for number in range(3):
        organization(f"Lamp local {number}", technology=[lamp])
    assert {f"Lamp local {number}" for number in range(3)} <= set(shown(visitor, story))
    assert none == queries() <= 15
