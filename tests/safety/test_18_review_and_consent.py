"""Promise 18: nothing is public without review and the author's yes, whichever door it comes through."""

import contextlib
import datetime
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.apps import apps as registry
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client, override_settings
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.pq import TransactionStatus
from wagtail.models import Locale, Page

from cms.home.structure import site_structure_create
from cms.stories.models import StoryIndexPage, StoryPage
from coalition.accounts.models import User
from coalition.intake.publishing.consent import consent_give
from coalition.intake.publishing.fields import content_write, sha256
from coalition.intake.publishing.gate import is_agreed
from coalition.intake.publishing.proposing import proposal_refuse, proposal_retract, proposal_send, waiting_of
from coalition.intake.publishing.release import story_release
from coalition.intake.publishing.taking_down import page_take_down
from coalition.intake.states import By, NotAllowedError
from coalition.intake.withdrawing import submission_withdraw
from search.models import Document
from tests import factories
from tests.coalition.intake.publishing.stories import agreed, proposed, published, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_stories")]
# The gate's refusal is one of the first, the database's one of the second.
Refused = (ValidationError, IntegrityError)


def _changed(page: StoryPage) -> StoryPage:
    fresh = StoryPage.objects.get(pk=page.pk)
    fresh.title = "Said by nobody"
    return fresh


def _schedule(page: StoryPage) -> None:
    revision = _changed(page).save_revision(approved_go_live_at=timezone.now() - datetime.timedelta(minutes=1))
    assert revision
    call_command("publish_scheduled", verbosity=0)


def _index() -> StoryIndexPage:
    """The list that stories are in: the first, where a door has made others."""
    return StoryIndexPage.objects.order_by("pk")[0]


def _alias(page: StoryPage) -> None:
    page.create_alias(parent=_index(), update_slug="alias")


def _raw(page: StoryPage) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE stories_storypage SET employer = 'Named' WHERE taggedpage_ptr_id = %s", [page.pk])


def _launder(page: StoryPage) -> None:
    StoryPage.objects.filter(pk=page.pk).update(origin="editorial")


def _translate(page: StoryPage) -> None:
    locale = Locale.objects.get_or_create(language_code="es")[0]
    copy = page.copy_for_translation(locale, copy_parents=True)
    copy.save_revision().publish()


def administrator() -> Client:
    """Return the browser of somebody who may do everything in the admin."""
    email = "boss@example.org"
    return factories.client_of(User.objects.filter(email=email).first() or factories.user(email, superuser=True))


def _bulk(page: StoryPage) -> None:
    administrator().post(f"/admin/bulk/wagtailcore/page/publish/?next=/admin/&id={page.pk}")


def _api(action: str, page: StoryPage) -> int:
    """Have the admin's API do something to a page; return its status."""
    Locale.objects.get_or_create(language_code="es")
    path = f"/admin/api/main/pages/{page.pk}/action/{action}/"
    client = administrator()
    client.raise_request_exception = False
    answer = client.post(path, actions(page, _index())[action], "application/json")
    if connection.connection.info.transaction_status == TransactionStatus.INERROR:
        raise IntegrityError("The database refused it.")
    # The action exists, and was not merely refused for its name.
    assert "Unrecognised action" not in answer.content.decode(), action
    return answer.status_code


def actions(page: StoryPage, index: StoryIndexPage) -> dict[str, dict[str, Any]]:
    """Return what the admin's API can do to a page, and what is sent along."""
    return {
        "publish": {},
        "copy": {"destination_page_id": index.pk, "slug": "copied", "keep_live": True, "recursive": True},
        "move": {"destination_page_id": index.pk},
        "create_alias": {"destination_page_id": index.pk, "update_slug": "alias"},
        "convert_alias": {},
        "revert_to_page_revision": {"revision_id": page.latest_revision_id or 0},
        "copy_for_translation": {"locale": "es", "copy_parents": True, "recursive": True},
    }


API = ("publish", "copy", "move", "create_alias", "convert_alias", "revert_to_page_revision", "copy_for_translation")


def _drafted(do: Callable[[StoryPage], Any]) -> Callable[[StoryPage], Any]:
    """Write a version that nobody agreed to, then do something in the admin."""

    def done(page: StoryPage) -> None:
        _changed(page).save_revision()
        do(StoryPage.objects.get(pk=page.pk))

    return done


# What editors do in a browser: many pages at once, and through the API of the admin.
BROWSED: dict[str, Callable[[StoryPage], Any]] = {
    "bulk": _bulk,
    **{f"API: {action}": partial(_api, action) for action in API},
}

DOORS: dict[str, Callable[[StoryPage], Any]] = {
    **{name: _drafted(do) for name, do in BROWSED.items()},
    "save": lambda page: _changed(page).save(),
    "publish": lambda page: _changed(page).save_revision().publish(),
    "schedule": _schedule,
    "copy": lambda page: page.copy(update_attrs={"slug": "copied"}),
    "alias": _alias,
    "translation": _translate,
    "update of the page": lambda page: Page.objects.filter(pk=page.pk).update(title="Said by nobody"),
    "update of the story": lambda page: StoryPage.objects.filter(pk=page.pk).update(content_note="x"),
    "raw statement": _raw,
    "another origin": _launder,
    "another address": lambda page: Page.objects.filter(pk=page.pk).update(slug="jane-doe"),
    "another id": lambda page: StoryPage.objects.filter(pk=page.pk).update(public_id="0" * 32),
}


def _lines() -> list[tuple[str, str, bool]]:
    return sorted(
        (page.title, page.employer + page.content_note, page.live) for page in StoryPage.objects.filter(live=True)
    )


@pytest.mark.promise("two-yeses")
@pytest.mark.parametrize("door", DOORS)
def test_no_door_changes_what_is_public(door: str) -> None:
    page, _submission, _words = published()
    before = _lines()
    with contextlib.suppress(*Refused), transaction.atomic():
        DOORS[door](page)
    assert _lines() == before
    assert Document.objects.present().filter(kind="story").values_list("title", flat=True).get() == before[0][0]


def _unconsented() -> StoryPage:
    """A page of a submission whose teller has not said yes, made by whoever gets around the functions."""
    site_structure_create()
    page = StoryPage(origin="intake", slug="a-badge-counts-every-step", live=False)
    content_write(page, text())
    StoryIndexPage.objects.get().add_child(instance=page)
    return page


def _live_save(page: StoryPage) -> None:
    page.live = True
    page.save()


def _live_alias(page: StoryPage) -> None:
    page.live = True
    page.create_alias(parent=_index(), update_slug="alias")


def _copy_parents(page: StoryPage) -> None:
    """Copy the pages above it, with all below them, into another language, and publish the lot."""
    locale = Locale.objects.get_or_create(language_code="es")[0]
    above = _index()
    copy = above.copy_for_translation(locale, copy_parents=True)
    copy.save_revision().publish()
    above.copy(recursive=True, to=copy.get_parent(), update_attrs={"slug": "below"}, keep_live=True)


def _elsewhere() -> StoryIndexPage:
    other = StoryIndexPage(title="Elsewhere", slug="elsewhere")
    _index().get_parent().add_child(instance=other)
    return other


def _live_move(page: StoryPage) -> None:
    page.live = True
    page.move(_elsewhere(), pos="last-child")
    page.save()


def _revert(page: StoryPage) -> None:
    """Have an earlier version again, as the admin's page for that does."""
    first = page.save_revision()
    _changed(page).save_revision()
    (first or page.save_revision()).as_object().save_revision(previous_revision=first).publish()


OPENINGS: dict[str, Callable[[StoryPage], Any]] = {
    **{f"{name}, as it is": do for name, do in BROWSED.items()},
    "save": _live_save,
    "publish": lambda page: page.save_revision().publish(),
    "update": lambda page: Page.objects.filter(pk=page.pk).update(live=True),
    "update of the story": lambda page: StoryPage.objects.filter(pk=page.pk).update(live=True),
    "schedule": _schedule,
    "copy": lambda page: page.copy(update_attrs={"slug": "copied", "live": True}),
    "copy with its history, kept live": lambda page: page.copy(
        update_attrs={"slug": "copied", "live": True}, copy_revisions=True, keep_live=True
    ),
    "alias": _alias,
    "alias of one that says it is live": _live_alias,
    "translation": _translate,
    "copy of the parents": _copy_parents,
    "move": lambda page: page.move(_elsewhere(), pos="last-child"),
    "move of one that says it is live": _live_move,
    "revert": _revert,
}


@pytest.mark.promise("two-yeses")
@pytest.mark.parametrize("door", OPENINGS)
def test_no_door_opens_without_a_yes(door: str) -> None:
    page = _unconsented()
    with contextlib.suppress(*Refused), transaction.atomic():
        OPENINGS[door](page)
    assert StoryPage.objects.filter(live=True).count() == 0
    assert Document.objects.present().count() == 0


@pytest.mark.parametrize("door", ["save", "publish", "update", "schedule"])
def test_the_same_doors_open_for_what_was_not_told_in_confidence(door: str) -> None:
    page = factories.story("Ours", live=False)
    with transaction.atomic():
        OPENINGS[door](page)
    assert StoryPage.objects.filter(live=True).count() == 1


def test_the_admin_says_why_and_publishes_nothing() -> None:
    page, _submission, _words = published()
    client = factories.client_of(factories.user("editor@example.org", superuser=True))
    fresh = StoryPage.objects.get(pk=page.pk)
    _changed(page).save_revision()
    client.post(f"/admin/bulk/wagtailcore/page/publish/?next=/admin/&id={page.pk}")
    fresh.refresh_from_db()
    assert fresh.title == page.title
    other = factories.story("Ours", live=False)
    other.save_revision()
    client.post(f"/admin/bulk/wagtailcore/page/publish/?next=/admin/&id={other.pk}")
    assert StoryPage.objects.get(pk=other.pk).live
    client.post(f"/admin/pages/{page.pk}/unpublish/", {})
    assert not StoryPage.objects.get(pk=page.pk).live
    # What was agreed to may be put back as it is, and leaves no revision.
    StoryPage.objects.get(pk=page.pk).save_revision().publish()
    assert StoryPage.objects.get(pk=page.pk).live
    assert StoryPage.objects.get(pk=page.pk).latest_revision_id is None


@pytest.mark.parametrize(
    "path",
    [
        *("/admin/import/", "/admin/import_from_api/", "/admin/import-export/", "/admin/wagtail-transfer/choose/"),
        *("/wagtail-transfer/api/pages/1/", "/api/", "/api/v2/", "/api/v2/pages/", "/graphql/", "/django-admin/"),
    ],
)
def test_there_is_no_door_by_that_name(path: str) -> None:
    """Import from elsewhere, an API that writes or reads, Django's own admin: none is there, for whoever asks."""
    client = factories.client_of(factories.user(superuser=True))
    assert client.get(path).status_code == client.post(path).status_code == 404


def test_no_package_brings_a_door_along() -> None:
    """What is installed of what could publish: nothing but Wagtail's admin, whose API reads alone but for actions."""
    apps = {config.name for config in registry.get_app_configs()}
    doors = ("api", "transfer", "import", "localize", "headless", "graphql", "rest_framework", "simple_translation")
    assert [name for name in apps if any(door in name.split(".")[-1] for door in doors)] == []
    assert "django.contrib.admin" not in apps


def test_the_admins_api_publishes_what_was_not_told_in_confidence() -> None:
    """The control: what is refused by these doors is refused for the yes that is missing."""
    ours = factories.story("Ours", live=False)
    ours.save_revision()
    assert _api("publish", StoryPage.objects.get(pk=ours.pk)) == 200
    assert StoryPage.objects.get(pk=ours.pk).live


def test_drafts_of_the_text_are_in_no_search() -> None:
    proposed(headline="Zyzzyva is counted")
    assert Document.objects.count() == 0
    assert Page.objects.search("Zyzzyva").count() == 0
    published(headline="Zyzzyva is weighed")
    assert Document.objects.present().count() == 1


ACTIONS = ("propose", "agree", "refuse", "retract", "release", "take down", "withdraw", *DOORS, *OPENINGS)


def _act(name: str, state: dict[str, Any]) -> None:
    submission = state["submission"]
    page = StoryPage.objects.filter(origin="intake").first()
    submission.refresh_from_db()
    if name == "propose":
        proposal_send(submission=submission, content=text(headline=f"Text {state['number']}"))
    elif name == "agree":
        waiting = waiting_of(submission)
        if waiting is not None:
            consent_give(submission=submission, seen=sha256(waiting.open("content")).hex())
            state["yes"] = waiting.open("content")["headline"]
    elif name == "refuse":
        proposal_refuse(submission=submission)
    elif name == "retract":
        proposal_retract(submission=submission)
    elif name == "release":
        story_release(consent=submission.consent)
    elif name == "take down":
        page_take_down(submission=submission, by=By.MODERATOR)
    elif name == "withdraw":
        submission_withdraw(submission=submission)
    elif page is not None:
        {**DOORS, **OPENINGS}[name](page)


@pytest.mark.promise("two-yeses")
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(ACTIONS), min_size=6, max_size=20))
def test_whatever_is_done_only_what_was_agreed_to_is_public(tmp_path: Any, actions: list[str]) -> None:
    with override_settings(INTAKE_LEDGER=tmp_path / "ledger"), transaction.atomic():
        consent, _words = agreed(headline="Text 0")
        state: dict[str, Any] = {"submission": consent.submission, "number": 0, "yes": "Text 0"}
        for number, name in enumerate(["release", *actions]):
            state["number"] = number
            with (
                contextlib.suppress(
                    *Refused,
                    NotAllowedError,
                    DatabaseError,
                    type(consent).DoesNotExist,
                    type(consent.submission).DoesNotExist,
                ),
                transaction.atomic(),
            ):
                _act(name, state)
            for page in StoryPage.objects.filter(live=True):
                assert is_agreed(page)
                assert page.title == state["yes"]
            assert Document.objects.present().count() == StoryPage.objects.filter(live=True).count()
        transaction.set_rollback(True)
