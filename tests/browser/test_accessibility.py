"""axe finds nothing on any template, on a phone and on a wide screen, light and dark; and nothing scrolls sideways."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from coalition.accounts.setup import setup_link
from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser

PAGES = {
    "front page": "/",
    "list": "/stories/",
    "story": "/stories/warehouse-workers-tracked-through-equipment/",
    "campaign": "/campaigns/no-robot-bosses-act/",
    "brief": "/campaigns/no-robot-bosses-act/brief/",
    "won campaign": "/campaigns/guardrails-on-ai-in-film-and-television/",
    "event": "/archives/making-tech-work-for-workers/",
    "session": "/archives/making-tech-work-for-workers/a-session/",
    "resource": "/resources/wga-amptp-contract/",
    "organization": "/organizations/afl-cio/",
    "people": "/people/",
    "topics": "/topics/industry/",
    "topic": "/topics/harm/job-loss/",
    "results": "/search/?q=tracking&type=story&industry=hospitals",
    "no results": "/search/?q=tracking&outcome=won&industry=hospitals",
    "nothing at all": "/search/?q=zzzz",
    "long text": "/search/?q=they+gave+us+new+badges+and+now+they+know+when+I+go+to+the+bathroom",
    "describe": "/match/",
    "not found": "/no-such-page/",
    "set-up link over": "/setup/x/",
}


def violations(page: object) -> list[str]:
    # Of what is sound it need not keep a list.
    found = Axe().run(page, options={"resultTypes": ["violations"]})  # type: ignore[arg-type]
    return [
        f"{violation['id']}: {node['target']} {node['html'][:120]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


# What a wide screen draws in another way is on these; all the others are measured there by the long suite.
WIDE = ["front page", "story", "campaign", "results"]


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())
def test_axe_finds_nothing_on_a_phone_and_nothing_scrolls_sideways(open_page: OpenPage, path: str) -> None:
    with open_page(path, width=320, scripts=True) as page:
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.set_viewport_size({"width": 1280, "height": 780})
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, id=name, marks=[] if name in WIDE else [pytest.mark.long]) for name, path in PAGES.items()],
)
def test_axe_finds_nothing_on_a_wide_screen(open_page: OpenPage, path: str) -> None:
    with open_page(path, width=1280, scripts=True) as page:
        assert violations(page) == []


@pytest.mark.parametrize("path", ["/", "/stories/warehouse-workers-tracked-through-equipment/", "/search/?q=tracking"])
def test_axe_finds_nothing_in_the_dark(open_page: OpenPage, path: str) -> None:
    with open_page(path, scripts=True, dark=True) as page:
        assert violations(page) == []


def test_axe_finds_nothing_on_an_answer_a_mistake_or_the_set_up_form(open_page: OpenPage) -> None:
    link = setup_link(base_url="")
    with open_page("/match/", scripts=True) as page:
        page.fill("textarea", "Our scanners count every pause, and whoever pauses is called in and written up.")
        page.click("main button[type=submit]")
        expect(page.locator("article").nth(4)).to_be_visible()
        assert violations(page) == []
    with open_page("/match/", scripts=True) as page:
        page.fill("textarea", "Too short here")
        page.evaluate("document.querySelector('main form textarea').form.noValidate = true")
        page.click("main button[type=submit]")
        expect(page.locator("main")).to_contain_text("Write a little more")
        assert violations(page) == []
    assert link is not None
    with open_page(link, scripts=True) as page:
        assert violations(page) == []


def test_axe_finds_nothing_on_the_page_that_asks_whether_two_are_not_alike(open_page: OpenPage) -> None:
    with open_page(PAGES["story"], width=320, scripts=True) as page:
        page.click(".not-alike a >> nth=0")
        expect(page.locator("h1")).to_contain_text("Are these two not alike?")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_everything_is_reached_by_keyboard_and_the_focus_is_seen(open_page: OpenPage) -> None:
    with open_page("/", width=1280, scripts=True) as page:
        page.keyboard.press("Tab")
        first = page.evaluate("document.activeElement.getAttribute('href')")
        assert first.startswith("#")
        reached = set()
        for _step in range(120):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.outerHTML.slice(0, 300)"))
            outline = page.evaluate(
                "(() => { const s = getComputedStyle(document.activeElement);"
                " return s.outlineStyle + s.outlineWidth + s.boxShadow; })()"
            )
            assert outline != "none0pxnone"
        assert any('name="q"' in html for html in reached)
        assert any("/match/" in html for html in reached)
