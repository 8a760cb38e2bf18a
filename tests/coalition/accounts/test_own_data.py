"""One's own data: all of it in one file, and an end that is one."""

import json
import re

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from wagtail.models import Comment

from coalition.accounts.models import User
from coalition.accounts.own_data import (
    ELSEWHERE,
    DeletionRefusedError,
    _exporters,
    _preparations,
    before_deletion,
    exports,
    own_data,
)
from tests import factories
from tests.coalition.accounts.door import reauthenticate, sign_in

pytestmark = pytest.mark.django_db


@pytest.mark.promise("take-along")
def test_everything_about_one_is_in_one_file_after_the_password() -> None:
    user = factories.user("ada@example.org", second_lock=True, display_name="Ada L.")
    client = factories.client_of(user)
    assert client.get("/account/data/").status_code == 200
    assert client.get("/account/data/download/")["Location"].startswith("/account/reauthenticate/?next=")
    reauthenticate(client)
    answer = client.get("/account/data/download/")
    assert answer["Content-Disposition"].startswith('attachment; filename="my-data-')
    assert "no-store" in answer["Cache-Control"]
    told = json.loads(answer.content)
    assert list(told) == sorted(_exporters)
    assert (told["account"]["email"], told["account"]["display_name"]) == ("ada@example.org", "Ada L.")
    assert told["account"]["email_addresses"] == [{"email": "ada@example.org", "verified": True, "primary": True}]
    assert [step["type"] for step in told["sign_in"]["second_steps"]] == ["totp"]
    assert len(told["sign_in"]["sessions"]) == 1
    assert user.authenticator_set.get().data["secret"] not in answer.content.decode()


def test_apps_add_what_they_hold_under_a_name_of_their_own() -> None:
    @exports("test-notes")
    def notes(user: User) -> list[str]:
        return [f"for {user.display_name}"]

    try:
        user = factories.user(display_name="Ada")
        assert own_data(user)["test-notes"] == ["for Ada"]
        with pytest.raises(ValueError, match=re.escape("Two exports are called test-notes.")):
            exports("test-notes")(lambda user: [])
    finally:
        del _exporters["test-notes"]


# What an exporter of its own tells, and what says nothing about anybody.
TOLD = {
    "alerts.Follower.user": "follows",
    "intake_reading.Charge.moderator": "moderating",
    "intake_reading.Note.moderator": "moderating",
    "intake_reading.Exemption.moderator": "moderating",
    "intake_reading.Opening.who": "moderating",
    "intake_reading.Opening.whom": "moderating",
    "allies.Introduction.asked_by": "introductions",
    "allies.Introduction.answered_by": "introductions",
    "allies.Message.author": "introductions",
    "organizing.JoinRequest.proposed_by": "campaigns and updates",
    "membership.Membership.user": "organizations",
    "membership.Invitation.invited_by": "organizations",
    "membership.Application.user": "organizations",
    "membership.Application.decided_by": "organizations",
    "coalitions.Affiliation.proposed_by": "coalitions",
    "accounts.User_groups.user": "account",
    "accounts.User_user_permissions.user": "account",
    "accounts.Session.user": "sign_in",
    "account.EmailAddress.user": "account",
    "mfa.Authenticator.user": "sign_in",
}
NOTHING = {
    "wagtailadmin.FormState.user": "the half-filled form of an editor, which goes when it is saved",
    "wagtailimages.Image.uploaded_by_user": "the site's pictures are of another model",
    "wagtailcore.UploadedFile.uploaded_by_user": "a file between being chosen and being described",
}


def test_whatever_points_to_somebody_is_told_to_them() -> None:
    points = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.local_fields
        if field.related_model is User
    }
    elsewhere = {f"{label}.{field}" for label, field, _fields in ELSEWHERE}
    assert points == elsewhere | set(TOLD) | set(NOTHING)
    assert not elsewhere & set(TOLD)
    assert set(TOLD.values()) <= set(_exporters)


def test_what_one_did_as_an_editor_is_told() -> None:
    user = factories.user("ada@example.org", superuser=True)
    story = factories.story("A story")
    story.save_revision(user=user, log_action=True)
    Comment.objects.create(page=story, user=user, text="Is this so?", contentpath="title")
    told = own_data(user)["elsewhere"]
    assert set(told) == {"wagtailcore.Revision (user)", "wagtailcore.PageLogEntry (user)", "wagtailcore.Comment (user)"}
    assert [each["object_str"] for each in told["wagtailcore.Revision (user)"]] == ["A story"]
    assert [each["text"] for each in told["wagtailcore.Comment (user)"]] == ["Is this so?"]


def rows_with(text: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [table for (table,) in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE %s', [f"%{text}%"])
            if cursor.fetchone()[0]:
                found.append(table)
    return found


@pytest.mark.promise("delete-account")
def test_deletion_asks_for_password_and_tick_and_leaves_nothing() -> None:
    user = factories.user("canary-ada@example.org", display_name="Canary Ada")
    client, elsewhere = factories.client_of(user), factories.client_of(user)
    assert client.get("/account/delete/")["Location"].startswith("/account/reauthenticate/?next=")
    reauthenticate(client)
    page = client.get("/account/delete/").content.decode()
    assert "What goes" in page
    assert "Tick the box, if you are sure." in client.post("/account/delete/").content.decode()
    assert {"accounts_user", "account_emailaddress"} <= set(rows_with("canary-ada") + rows_with("Canary Ada"))
    answer = client.post("/account/delete/", {"sure": "on"}, follow=True)
    assert "Your account is deleted." in answer.content.decode()
    assert rows_with("canary-ada@example.org") == []
    assert rows_with("Canary Ada") == []
    assert [who.get("/you/").status_code for who in (client, elsewhere)] == [302, 302]
    assert "do not go together" in sign_in(Client(), "canary-ada@example.org").content.decode()


def test_the_only_administrator_stays_through_any_door() -> None:
    only = factories.user(superuser=True)
    client = factories.client_of(only)
    reauthenticate(client)
    sentence = "You are the only administrator. Make somebody else one first."
    assert sentence in client.post("/account/delete/", {"sure": "on"}).content.decode()
    with pytest.raises(DeletionRefusedError, match=re.escape(sentence)), transaction.atomic():
        only.delete()
    assert User.objects.filter(pk=only.pk).exists()
    factories.user(superuser=True)
    client.post("/account/delete/", {"sure": "on"})
    assert not User.objects.filter(pk=only.pk).exists()


def test_what_was_cleaned_up_before_a_refusal_is_as_it_was() -> None:
    user, other = factories.user(), factories.user(display_name="Before")

    @before_deletion
    def rename(leaving: User) -> None:
        User.objects.filter(pk=other.pk).update(display_name="After")

    @before_deletion
    def refuse(leaving: User) -> None:
        raise DeletionRefusedError("Not yet.")

    try:
        client = factories.client_of(user)
        reauthenticate(client)
        assert "Not yet." in client.post("/account/delete/", {"sure": "on"}).content.decode()
        other.refresh_from_db()
        assert other.display_name == "Before"
        _preparations.remove(refuse)
        client.post("/account/delete/", {"sure": "on"})
        other.refresh_from_db()
        assert other.display_name == "After"
        assert not User.objects.filter(pk=user.pk).exists()
    finally:
        _preparations.remove(rename)
