"""What comes out of a printer."""

import re
import uuid
from collections.abc import Iterator

import pytest
from django.conf import settings
from pytest_django import DjangoDbBlocker

from search.models import Document, Link
from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser

BRIEF = "/campaigns/no-robot-bosses-act/brief/"


def test_a_printed_brief_has_no_navigation_whole_cards_and_addresses_in_black_on_white(open_page: OpenPage) -> None:
    with open_page(BRIEF, width=720, scripts=True) as page:
        assert page.locator(".on-paper:visible").count() == 0
        page.emulate_media(media="print")
        for unwanted in ("header nav", ".site-header", ".site-footer", ".skip", ".on-screen", ".bars"):
            assert page.locator(f"{unwanted}:visible").count() == 0, unwanted
        cards = page.locator(".brief-card")
        assert cards.count() > 2
        style = "es => es.map(e => { const s = getComputedStyle(e); return [s.breakInside, s.color] })"
        assert {tuple(found) for found in cards.evaluate_all(style)} == {("avoid", "rgb(0, 0, 0)")}
        assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
        printed = page.locator(".brief-card:visible").count()
        assert page.locator(".brief-card .on-paper:visible").count() == printed > 2
        code = page.locator(".qr").bounding_box()
        assert code
        assert code["width"] >= 110  # three centimetres: a phone reads it at arm's length


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_it_fits_either_paper(open_page: OpenPage, paper: str) -> None:
    with open_page(BRIEF, scripts=True) as page:
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 680 if paper == "A4" else 700, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("innerWidth")
        assert page.pdf(format=paper).startswith(b"%PDF")


@pytest.fixture(scope="module")
def twelve_matches(address: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A campaign with twelve matches in other industries, and whom to talk to; for the browser, so committed."""
    with django_db_blocker.unblock():
        ours = Document.objects.get(url=BRIEF.removesuffix("brief/"))
        before = list(ours.links.all())
        ours.links.all().delete()
        made = Document.objects.bulk_create(_won_elsewhere(number) for number in range(6))
        others = Document.objects.present().exclude(subsectors__overlap=ours.subsectors).exclude(pk=ours.pk)
        found = [other for kind in ("story", "organization") for other in others.filter(kind=kind).order_by("-length")]
        Link.objects.bulk_create(
            Link(source=ours, target=other, rank=rank, score=1 / rank, reasons=_reasons(ours, other))
            for rank, other in enumerate([*made, *found], start=1)
        )
        yield
        ours.links.all().delete()
        Document.objects.filter(pk__in=[other.pk for other in made]).delete()
        Link.objects.bulk_create(before)


def _won_elsewhere(number: int) -> Document:
    return Document(
        public_id=uuid.uuid4(),
        kind="campaign" if number < 5 else "resource",
        version=1,
        linked_version=1,
        title=f"Dispatchers win a say over the software that sets their routes, part {number}",
        url=f"/campaigns/dispatchers-win-a-say-{number}/",
        card={
            "outcome": "won",
            "outcome_text": "A contract says that software alone sets no route, and that its data disciplines nobody.",
            "demands": [{"text": "A person decides, and can be asked why", "state": "won"}],
            "organizations": [{"title": "Dispatchers United", "url": "/organizations/dispatchers-united/"}],
        },
    )


def _reasons(one: Document, other: Document) -> dict[str, list[str]]:
    told = other.passages.first()
    return {"shared": sorted(one.concepts), "sentences": ["The robot is my boss.", told.text] if told else []}


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_twelve_matches_are_printed_on_one_page(open_page: OpenPage, twelve_matches: None, paper: str) -> None:
    with open_page(BRIEF, scripts=True) as page:
        printed = page.pdf(format=paper)
        page.emulate_media(media="print")
        sizes = "es => es.filter(e => e.innerText?.trim()).map(e => parseFloat(getComputedStyle(e).fontSize))"
        assert min(page.locator(".brief *:visible").evaluate_all(sizes)) >= 12  # nine points
        assert page.locator(".brief-part:not(:last-of-type) .brief-card:visible").count() == 12
        assert page.locator(".brief-list--contacts .brief-card:visible").count() == 4
        host_and_path = f"{settings.PUBLIC_URL.partition('://')[2]}{BRIEF}"
        rest = page.locator(".brief-parts > .on-paper").inner_text()
        assert re.fullmatch(rf"and \d+ more at {re.escape(host_and_path.rstrip('/'))}", rest)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
