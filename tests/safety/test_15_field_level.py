"""Promise 15: moderators see the words; who sent them, only with a stated reason, which administrators see."""

import re
from typing import Any

import pytest
from django.utils import timezone

from coalition.intake.models import Submission
from coalition.intake.reading.models import Charge, Opening
from tests import factories
from tests.coalition.intake.publishing.stories import client_of, moderator
from tests.coalition.intake.teller import told
from tests.safety.surfaces import canary

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> dict[str, Any]:
    planted = {"text": canary(), "name": canary(), "reach": canary()}
    submission, _words = told(**planted)
    mine, other = moderator("mine"), moderator("other")
    boss = factories.user("boss@example.org", display_name="Boss", superuser=True)
    editor = factories.user("editor@example.org", groups=("Editors",))
    member = factories.user("member@example.org", second_lock=True)
    client_of(mine).post(f"/moderation/{submission.pk}/take/")
    people = {"mine": mine, "other": other, "boss": boss, "editor": editor, "member": member}
    return {"planted": planted, "submission": submission, "people": people}


def _paths(submission: Submission) -> list[str]:
    one = f"/moderation/{submission.pk}/"
    return [
        *("/moderation/", "/moderation/?show=mine", "/moderation/queue.csv", "/moderation/log/", one),
        *(f"{one}who/", f"{one}text/", f"/moderation/log/{submission.pk}/exempt/", "/you/", "/account/data/download/"),
        *("/admin/", "/admin/reports/site-history/", "/admin/reports/aging-pages/"),
    ]


def _seen(client: Any, planted: dict[str, str], paths: list[str]) -> set[tuple[str, str]]:
    return {
        (path, field)
        for path in paths
        for field, word in planted.items()
        if word in client.get(path).content.decode(errors="replace")
    }


@pytest.mark.promise("only-moderators")
def test_words_are_seen_by_whoever_has_it_in_hand_and_who_it_was_by_nobody(world: dict[str, Any]) -> None:
    submission, planted = world["submission"], world["planted"]
    paths = _paths(submission)
    seen = {name: _seen(client_of(user), planted, paths) for name, user in world["people"].items()}
    one = f"/moderation/{submission.pk}/"
    assert seen == {
        "mine": {(one, "text"), (f"{one}text/", "text")},
        "other": set(),
        "boss": set(),
        "editor": set(),
        "member": set(),
    }


@pytest.mark.promise("identity-with-reason")
def test_who_it_was_is_seen_once_for_a_reason_that_administrators_read(world: dict[str, Any]) -> None:
    submission, planted = world["submission"], world["planted"]
    path = f"/moderation/{submission.pk}/who/"
    mine = client_of(world["people"]["mine"])
    for reason in ("", "short"):
        refused = mine.post(path, {"reason": reason})
        assert refused.status_code == 422
        assert planted["name"] not in refused.content.decode()
    assert Opening.objects.filter(what="who").count() == 0
    shown = mine.post(path, {"reason": "They asked to be called back."}).content.decode()
    assert planted["name"] in shown
    assert planted["reach"] in shown
    # The next view asks again.
    assert planted["name"] not in mine.get(path).content.decode()
    row = Opening.objects.get(what="who")
    assert (row.who, row.submission_id, row.day, row.reason) == (
        world["people"]["mine"],
        submission.pk,
        timezone.localdate(),
        "They asked to be called back.",
    )
    log = client_of(world["people"]["boss"]).get("/moderation/log/").content.decode()
    assert "They asked to be called back." in log
    assert "Mine" in log
    for name in ("mine", "other", "editor"):
        assert client_of(world["people"][name]).get("/moderation/log/").status_code == 403
    for name in ("other", "boss", "editor", "member"):
        answer = client_of(world["people"][name]).post(path, {"reason": "Because I would like to."})
        assert answer.status_code == 404
        assert planted["name"] not in answer.content.decode()


def test_the_table_holds_no_words_and_the_queue_opens_nothing(world: dict[str, Any]) -> None:
    other = client_of(world["people"]["other"])
    table = other.get("/moderation/queue.csv").content.decode()
    today = timezone.localdate().isoformat()
    assert table == ("state,received on,language,in whose hands,something new\r\n" + f"reading,{today},en,Mine,\r\n")
    assert other.get("/moderation/").status_code == 200
    assert Opening.objects.filter(who=world["people"]["other"]).count() == 0


def test_each_opening_of_the_words_is_logged_by_day(world: dict[str, Any]) -> None:
    submission, mine = world["submission"], world["people"]["mine"]
    client = client_of(mine)
    for _ in range(2):
        assert client.get(f"/moderation/{submission.pk}/").status_code == 200
    assert Opening.objects.filter(who=mine, what="words", submission_id=submission.pk).count() == 1
    assert Charge.objects.get().moderator == mine


def test_the_pages_are_stored_nowhere_and_not_compressed(world: dict[str, Any]) -> None:
    client = client_of(world["people"]["mine"])
    answer = client.get(f"/moderation/{world['submission'].pk}/", HTTP_ACCEPT_ENCODING="gzip")
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Content-Encoding" not in answer.headers
    assert re.search(r'<meta name="robots" content="noindex', answer.content.decode())


def test_without_a_second_lock_nobody_enters() -> None:
    user = factories.user("bare@example.org", groups=("Moderators",), second_lock=False)
    answer = client_of(user).get("/moderation/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/2fa/?needed=1")
