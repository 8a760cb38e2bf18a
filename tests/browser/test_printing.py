"""What comes out of a printer."""

import pytest

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
        assert page.locator(".on-paper:visible").count() == cards.count()
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
