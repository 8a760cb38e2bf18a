"""axe finds nothing on any template, on a phone and on a wide screen, light and dark; and nothing scrolls sideways."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client, override_settings
from playwright.sync_api import Page, Route, expect
from pytest_django import DjangoDbBlocker

from cms.base.gathering import gathered
from coalition.accounts.groups import groups_write
from coalition.accounts.models import User
from coalition.accounts.setup import setup_link
from coalition.intake.evidence.models import Evidence
from coalition.intake.evidence.sharing import copy_make
from coalition.intake.messages import message_write
from coalition.intake.models import Deletion, Submission
from coalition.intake.publishing.proposing import proposal_save
from coalition.intake.reading.assigning import note_write, submission_take
from coalition.intake.reading.models import Opening
from coalition.membership.models import Membership
from tests import factories, samples
from tests.browser.conftest import OpenPage
from tests.browser.people import enter, kept_clean, session_of
from tests.coalition.intake.evidence.conftest import told_with, upload
from tests.coalition.intake.publishing.stories import moderator, text
from tests.coalition.intake.teller import FULL, Teller, told
from tests.safety.faults import away, failing

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


@pytest.fixture(scope="module")
def moderating(
    address: str, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, tuple[str, str]]]:
    """Every page of moderating with something on it: whose session opens it, and its path."""
    folder = tmp_path_factory.mktemp("intake")
    places = override_settings(INTAKE_FILES=folder / "files", INTAKE_LEDGER=folder / "ledger")
    with django_db_blocker.unblock(), kept_clean(), places:
        groups_write()
        mine, held = moderator("mine"), moderator("held")
        boss = factories.user("boss@example.org", superuser=True)
        submission, _words, teller = told_with(upload(samples.jpeg()))
        copy_make(submission.evidence.get().pk)
        submission_take(submission=submission, moderator=mine)
        teller.post("/return/message/", {"text": "Call 555-0100 or robin@example.org."}, form="/return/home/")
        note_write(submission=submission, moderator=mine, text="Sounds like the other one.")
        message_write(submission=submission, text="Which shift?", from_teller=False)
        named, free = told()[0], told()[0]
        submission_take(submission=named, moderator=held)
        with gathered():
            Membership.objects.create(organization=factories.organization("Grand Hotel"), user=held, role="member")
            # Fewer than three share its employer: the page says what is made coarser.
            proposal_save(submission=submission, content=text(employer="Grand Hotel", body=["At Grand Hotel."]))
        one, sessions = f"/moderation/{submission.pk}/", {who.email: session_of(who) for who in (mine, held, boss)}
        yield {
            "queue": (sessions[mine.email], "/moderation/"),
            "submission": (sessions[mine.email], one),
            "in nobody's hands": (sessions[mine.email], f"/moderation/{free.pk}/"),
            "reason for the contact": (sessions[mine.email], f"{one}who/"),
            "text, preview and what is made coarser": (sessions[mine.email], f"{one}text/"),
            "log": (sessions[boss.email], "/moderation/log/"),
            "let somebody read": (sessions[boss.email], f"/moderation/log/{named.pk}/exempt/"),
            "conflict": (sessions[held.email], f"/moderation/{named.pk}/"),
        }
        for model in (Evidence, Submission, Deletion, Opening):
            model.objects.all().delete()
        # The only administrator could not be deleted.
        User.objects.update(is_superuser=False)


# What asks whether a page is sound is a script, and waits for ever where none may run.
def test_axe_finds_nothing_where_moderators_read(open_page: OpenPage, moderating: dict[str, tuple[str, str]]) -> None:
    wrong: dict[str, list[str]] = {}
    with open_page("/", width=360, scripts=True) as page:
        for name, (session, path) in moderating.items():
            enter(page, session)
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == (403 if name == "conflict" else 200), (name, answer.status)
            if name.startswith("text"):
                expect(page.locator("main")).to_contain_text("A badge counts every step")
            if found := violations(page) + sideways(page, 360):
                wrong[name] = found
        enter(page, moderating["queue"][0])
        page.goto(moderating["reason for the contact"][1])
        page.locator("main [name=reason]").fill("short")
        page.locator("main form [type=submit]").last.click()
        wrong |= {"no reason": found} if (found := violations(page) + sideways(page, 360)) else {}
    assert wrong == {}


def sideways(page: Page, width: int) -> list[str]:
    wide = page.evaluate("document.documentElement.scrollWidth")
    return [f"{wide} px wide at {width}"] if wide > width else []


def refusals(settings: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield what refuses: its name, its path, and what the site answered, which a browser cannot be brought to get."""
    teller = Teller()
    token = teller.token("/tell/all/")
    for path in ("/tell/", "/return/"):
        yield f"closed {path}", path, Client().get(path)
    for path in ("/tell/what/", "/tell/all/", "/return/", "/return/message/"):
        yield f"token {path}", path, Teller().client.post(path, {**FULL, "code": "one two"}, secure=True)
    yield "nobody's", "/moderation/", strict(Client()).post("/moderation/", {})
    settings.INTAKE_LIMITS = 0
    for path in ("/tell/all/", "/return/"):
        data = {**FULL, "code": "one two three", "csrfmiddlewaretoken": token}
        yield f"too often {path}", path, teller.client.post(path, data, secure=True)
    # Last, and once: the connection that it takes along is not given back to a test.
    with failing("intake_submission", away()):
        data = {**FULL, "csrfmiddlewaretoken": token}
        yield "away /tell/all/", "/tell/all/", teller.client.post("/tell/all/", data, secure=True)


def strict(client: Client) -> Client:
    client.handler.enforce_csrf_checks = True
    return client


def look_at_answers(
    open_page: OpenPage, answers: Iterable[tuple[str, str, Any]], *, width: int
) -> tuple[dict[str, list[str]], set[int]]:
    """Return what axe finds on answers, and their statuses. A browser shows each as if it had got it from its path.

    Args:
        open_page: the fixture.
        answers: a name, a path, and what the site answered; what leads on is not looked at.
        width: of the phone.
    """
    wrong, statuses = {}, set()
    answered: list[Any] = []

    def answer(route: Route) -> None:
        if route.request.resource_type == "document":
            route.fulfill(body=answered[-1].content, content_type="text/html; charset=utf-8")
        else:
            route.continue_()

    with open_page("/robots.txt", width=width, scripts=True) as page:
        page.route("**/*", answer)
        for name, path, response in answers:
            statuses.add(response.status_code)
            if response.status_code == 302:
                continue
            answered.append(response)
            page.goto(path)
            if found := violations(page) + sideways(page, width):
                wrong[name] = found
    return wrong, statuses


def test_axe_finds_nothing_where_telling_is_refused(open_page: OpenPage, settings: Any) -> None:
    wrong, statuses = look_at_answers(open_page, refusals(settings), width=360)
    assert wrong == {}
    assert statuses >= {403, 429, 503}
