"""Promises 1 and 15: what was told stands on no page, whoever asks, but on those that are there to show it.

Canaries stand in every field, in a file and its name, in messages, notes and the draft of a public text. Here editors
and administrators walk through the whole admin, and every other place is looked through in which something could be
left. Our own addresses are opened as everybody by the matrix (``tests/coalition/matrix``), which looks for the same.
"""

import logging
import re
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache, caches
from django.db import connection, transaction
from django.test import Client
from django.urls import Resolver404, get_resolver, resolve, reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.models import Page

from coalition.accounts.groups import groups_write
from coalition.accounts.models import User
from coalition.accounts.roles import EDITORS
from coalition.intake.evidence.models import Evidence
from coalition.intake.evidence.sharing import copy_make
from coalition.intake.evidence.tasks import copies_make
from coalition.intake.keeping import moderators_tell
from coalition.intake.messages import message_write
from coalition.intake.middleware import PREFIXES
from coalition.intake.models import Submission
from coalition.intake.publishing.consent import consent_give
from coalition.intake.publishing.fields import sha256
from coalition.intake.publishing.models import Consent
from coalition.intake.publishing.proposing import proposal_save, proposal_send
from coalition.intake.publishing.release import story_release
from coalition.intake.reading.assigning import note_write, submission_take
from coalition.mail.sending import mails_deliver
from coalition.membership.models import Membership
from coalition.ops.schedule import SCHEDULE, entry_run
from tests import factories, samples
from tests.coalition.intake.evidence.conftest import send, upload
from tests.coalition.intake.publishing.stories import client_of, moderator, text
from tests.coalition.intake.teller import FULL, Teller, words_on
from tests.coalition.matrix.test_matrix import addresses
from tests.safety.clock import at
from tests.safety.surfaces import canary, tables_with
from tests.safety.test_reading_keeps_nothing import AIDS

pytestmark = pytest.mark.django_db
# A word beside the canaries, by which searches can ask for them without holding them.
WORD = "zyzzyva"
EMPLOYER = "Held Hotel"
FIELDS = ("industry_words", "technology_words", "harm_words", "country", "state", "town", "name", "reach")
# Wagtail's own page that fails on purpose.
BROKEN = "/admin/failwhale/"
# Who may see canaries, and on which pages; everything else is silent.
SHOWN = {
    ("moderator", "moderation_submission"),
    ("moderator", "moderation_text"),
    ("the teller", "return_home"),
    ("the teller", "return_words"),
    ("the teller", "return_file"),
    ("the teller", "return_files"),
}


# What is not missed: pages about the public story, lists of what was done and of who is there, and whatever is no HTML.
ADMIN = {
    *("admin/", "admin/pages/<int:page_id>/edit/", "admin/pages/<int:page_id>/history/", "admin/users/"),
    *("admin/reports/site-history/", "admin/mail/", "admin/api/main/pages/", "admin/api/main/pages/<int:pk>/"),
}
FEEDS = {"sitemap.xml", "search/feed/", "search/results.csv", "moderation/queue.csv", "account/data/download/"}


@dataclass
class Told:
    """Something that was told, the canaries in it, and its teller, who came back."""

    submission: Submission
    planted: dict[str, str]
    teller: Teller
    evidence: Evidence
    code: list[str]

    @property
    def needles(self) -> list[bytes]:
        return [*(each.encode() for each in self.planted.values()), samples.CANARY]


def tell(planted: dict[str, str], words: str) -> Told:
    """Tell with canaries through the public door, a file included."""
    teller, before = Teller(), set(Submission.objects.values_list("pk", flat=True))
    teller.post("/tell/what/", {"text": words})
    assert send(teller, upload(samples.jpeg(), f"{planted['file name']}.jpg")).status_code == 302
    answers = {field: planted[field] for field in FIELDS} | {"text": words, "employer": EMPLOYER}
    code = words_on(teller.post("/tell/all/", {**FULL, **answers}))
    back = Teller()
    assert back.returns(code).headers["Location"] == "/return/home/"
    assert back.post("/return/message/", {"text": planted["message"]}, form="/return/home/").status_code == 302
    submission = Submission.objects.exclude(pk__in=before).get()
    evidence = submission.evidence.get()
    assert copy_make(evidence.pk) == "made"
    return Told(submission, planted, back, evidence, code)


@pytest.fixture
def vault(kept_tasks: None, tmp_path: Path, settings: Any) -> Path:
    """All files, of tellers and of others, in one folder; tasks wait in the queue."""
    settings.INTAKE_FILES, settings.INTAKE_LEDGER = tmp_path / "files", tmp_path / "ledger"
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path


def quiet() -> None:
    """Log what a running site logs at most: nothing quotes statements, templates, pictures (see the test of those)."""
    connection.force_debug_cursor = False
    for name in [*AIDS, *(each for each in logging.root.manager.loggerDict if each.startswith("PIL."))]:
        logging.getLogger(name).setLevel(logging.WARNING)


def about(told: Told) -> list[str]:
    """Return every address of one submission and its file."""
    one = [told.submission.pk]
    names = ("submission", "text", "who", "take", "step", "write", "hand", "exempt")
    paths = [reverse(f"moderation_{name}", args=one) for name in names]
    names = ("moderation_file", "return_file", "return_piece", "tell_piece")
    return paths + [reverse(name, args=[told.evidence.pk]) for name in names]


def around(page: Page) -> list[str]:
    """Return the addresses of the public story that came of one, and those that search for what it came of."""
    searches = ("/search/", "/search/results.csv", "/search/feed/", "/stories/", "/admin/pages/search/")
    searches += ("/admin/images/", "/admin/documents/", "/admin/users/", "/admin/redirects/")
    paths = [f"{path}?q={WORD}" for path in searches] + [f"/admin/api/main/pages/?search={WORD}"]
    names = ("edit", "view_draft", "history", "usage", "workflow_history", "copy", "delete", "unpublish", "move")
    paths += [f"/admin/pages/{page.pk}/{name}/" for name in names]
    return [*paths, f"/admin/api/main/pages/{page.pk}/", page.url]


def opened(client: Client, path: str) -> tuple[Any, bytes]:
    """Open a page; return the answer, and all that came of it: headers, cookies, body. The client stays as it is."""
    cookies = copy(client.cookies)
    with transaction.atomic():
        answer = client.get(path, secure=path.startswith(PREFIXES))
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer, f"{answer.headers} {answer.cookies}".encode() + body


def route_of(path: str) -> str:
    try:
        return str(resolve(path.partition("?")[0]).route).replace("^", "")
    except Resolver404:
        return ""


def kind_of(route: str) -> str:
    """Return a route without what tells one kind of snippet from another: one class draws the pages of all.

    Results by themselves, which scripts ask for, are a part of the page that lists them.
    """
    route = re.sub(r"[/-]results/", "/", route)
    return re.sub(r"^admin/(vocabulary|snippets(?:/choose)?/\w+)/[^/]+/(?=.)", "admin/snippets/*/", route)


class Walk:
    """Goes through the site as somebody after somebody, and notes who was shown a canary on which page."""

    def __init__(self, needles: list[bytes]) -> None:
        self.needles, self.shown, self.count = needles, set[tuple[str, str]](), 0

    def look(self, who: str, client: Client, path: str) -> bytes:
        """Open one page."""
        answer, whole = opened(client, path)
        self.count += 1
        assert answer.status_code < 500 or path == BROKEN, (who, path)
        if any(needle in whole for needle in self.needles):
            self.shown.add((who, getattr(answer.resolver_match, "url_name", "") or path))
        return whole

    def follow(self, who: str, client: Client, begun: list[str], *, every: bool) -> list[str]:
        """Open pages, and of what they link to one of a kind; or, if every kind of snippet is asked for, of an address.

        Returns what was opened.
        """
        paths = list(begun)
        kinds = {route_of(path) if every else kind_of(route_of(path)) for path in paths}
        for path in paths:
            found = self.look(who, client, path).decode(errors="replace")
            for link in re.findall(r'href="(/[^"#]*)"', found):
                route = route_of(link)
                kind = route if every else kind_of(route)
                if kind and kind not in kinds:
                    kinds.add(kind)
                    paths.append(link.replace("&amp;", "&"))
        return paths


def plain_paths(*, every: bool) -> list[str]:
    """Return every address of the site that takes no argument; of snippets of many kinds those of one."""
    paths: dict[str, str] = {}
    for route, _name in addresses(get_resolver().url_patterns):
        path = "/" + route.replace("^", "").removesuffix("$")
        if not re.search(r"[<(\[\\*]", path):
            paths.setdefault(route if every else kind_of(route), path)
    return list(paths.values())


def agreed_to(told: Told, moderator: User) -> Page:
    """Have a public text written that holds nothing of it, agreed to and released."""
    submission_take(submission=told.submission, moderator=moderator)
    proposal = proposal_send(submission=told.submission, content=text())
    consent_give(submission=told.submission, seen=sha256(proposal.open("content")).hex())
    Consent.objects.update(due_on=timezone.localdate() - timedelta(1))
    return story_release(consent=Consent.objects.get())


def held_back(told: Told, moderator: User) -> None:
    """Give it into the hands of somebody who belongs to whom it names."""
    submission_take(submission=told.submission, moderator=moderator)
    Membership.objects.create(organization=factories.organization(EMPLOYER), user=moderator, role="member")


@pytest.fixture
def planted() -> dict[str, str]:
    return {field: canary() for field in (*FIELDS, "text", "file name", "message", "answer", "note", "draft")}


def test_it_stands_nowhere_but_where_it_is_to_be_read(
    planted: dict[str, str], vault: Path, logged: list[str], request: pytest.FixtureRequest
) -> None:
    groups_write()
    factories.user("member@example.org")
    mine, held = moderator("mine"), moderator("held")
    words = f"{WORD} {planted['text']}"
    told, public, kept_from = (tell(planted, words) for _which in range(3))
    submission_take(submission=told.submission, moderator=mine)
    message_write(submission=told.submission, text=planted["answer"], from_teller=False)
    note_write(submission=told.submission, moderator=mine, text=planted["note"])
    proposal_save(submission=told.submission, content=text(headline=f"{WORD} {planted['draft']}"))
    held_back(kept_from, held)
    page = agreed_to(public, mine)
    noon = timezone.localtime().replace(hour=12)
    with at(noon):
        for entry in SCHEDULE:
            if "intake" in entry.target:
                entry_run(entry)
        copies_make.enqueue()
    # Moderators are told on the day after.
    with at(noon + timedelta(days=1)):
        moderators_tell()
        mails_deliver()
    quiet()

    walk, every = Walk(told.needles), request.config.getoption("--run-long")
    everybody = {
        "moderator": client_of(mine),
        "moderator in conflict": client_of(held),
        "the teller": told.teller.client,
        "editor": client_of(factories.user("editor@example.org", groups=(EDITORS,))),
        "administrator": client_of(factories.user("boss@example.org", superuser=True)),
        "visitor": Client(raise_request_exception=False),
    }
    for who, client in everybody.items():
        for path in [*about(told), *about(kept_from), "/return/home/", "/return/words/", "/return/files/"]:
            walk.look(who, client, path)
    near = around(page)
    paths = walk.follow("administrator", everybody["administrator"], near + plain_paths(every=every), every=every)
    for path in paths:
        if path.startswith("/admin/") and (every or path in near or "/reports/" in path or path.count("/") == 2):
            walk.look("editor", everybody["editor"], path)
        if not path.startswith("/admin/"):
            walk.look("visitor", everybody["visitor"], path)
    # The control as well: it is seen where it is to be read, and nowhere else.
    assert walk.shown == SHOWN
    opened_routes = {route_of(path) for path in paths}
    assert opened_routes >= ADMIN | FEEDS
    assert walk.count > 500
    shown = everybody["moderator"].post(
        reverse("moderation_who", args=[told.submission.pk]), {"reason": "They asked to be called."}
    )
    assert all(planted[field] in shown.content.decode() for field in ("name", "reach"))

    everything = [*planted.values(), samples.CANARY.decode()]
    assert tables_with(*everything) == []
    assert [line for line in logged if any(each in line for each in everything) and not line.startswith(AIDS)] == []
    assert left_in_memory(told.needles) == []
    assert left_in_files(vault, told.needles) == []
    assert left_in_mail(told.needles) == []
    # What was looked through was not empty.
    assert DBTaskResult.objects.filter(task_path=copies_make.module_path).exists()
    assert len(mail.outbox) > 0
    assert len(list((vault / "files").iterdir())) == 6


def left_in_memory(needles: list[bytes]) -> list[str]:
    """Return the keys of the process's own cache under which a canary lies."""
    kept: dict[str, bytes] = getattr(caches["default"], "_cache")  # noqa: B009 - a cache has no other way to be read
    return [key for key, value in kept.items() if any(needle in key.encode() + value for needle in needles)]


def left_in_files(folder: Path, needles: list[bytes]) -> list[str]:
    """Return the files in whose name or bytes a canary is."""
    return [
        path.name
        for path in folder.rglob("*")
        if any(needle in path.name.encode() + (path.read_bytes() if path.is_file() else b"") for needle in needles)
    ]


def left_in_mail(needles: list[bytes]) -> list[str]:
    """Return the subjects of the mails in which a canary is."""
    return [each.subject for each in mail.outbox if any(needle in each.message().as_bytes() for needle in needles)]


def test_each_place_is_looked_through(vault: Path) -> None:
    """The control of the above: what is left there is found."""
    needle = canary()
    cache.set("control", f"before {needle} after")
    vault.joinpath("media").mkdir()
    vault.joinpath("media", "a.txt").write_text(f"before {needle} after", encoding="ascii")
    mail.send_mail("Subject", f"before {needle} after", None, ["a@example.org"])
    page = factories.story("Told", standfirst=f"before {needle} after")
    page.save_revision()
    walk = Walk([needle.encode()])
    walk.look("visitor", Client(), page.url)
    walk.look("visitor", Client(), "/privacy/")
    assert walk.shown == {("visitor", "wagtail_serve")}
    assert left_in_memory([needle.encode()]) == [cache.make_key("control")]
    assert left_in_files(vault, [needle.encode()]) == ["a.txt"]
    assert left_in_mail([needle.encode()]) == ["Subject"]
    assert {"base_taggedpage", "wagtailcore_revision"} <= set(tables_with(needle))
    cache.delete("control")
