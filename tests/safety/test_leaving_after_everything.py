"""The account of somebody who did everything goes as wholly as one that never did anything."""

import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.admin.models import EditingSession, FormState
from wagtail.documents import get_document_model
from wagtail.log_actions import log
from wagtail.models import APIToken, Comment, CommentReply, PageLogEntry, PageSubscription, Revision, UploadedFile
from wagtail.users.models import UserProfile

from cms.base.images import SiteImage
from cms.campaigns.models import CampaignOrganization, CampaignPage
from cms.organizations.models import OrganizationPage
from cms.stories.models import StoryPage
from coalition.accounts.models import Session, User
from coalition.accounts.own_data import DeletionRefusedError, account_delete, own_data
from coalition.accounts.roles import EDITORS, MODERATORS
from coalition.alerts.following import follow_add, follow_ask
from coalition.alerts.models import Channel, Follow, Rhythm
from coalition.alerts.targets import target_from
from coalition.allies.introductions import introduction_accept, introduction_ask, organization_block
from coalition.allies.models import Introduction, Message
from coalition.allies.threads import message_write
from coalition.coalitions.affiliations import affiliation_answer, affiliation_propose
from coalition.coalitions.models import Affiliation
from coalition.intake.models import Submission
from coalition.intake.reading.assigning import note_write, submission_hand, submission_take
from coalition.intake.reading.models import Charge, Exemption, Note, Opening
from coalition.intake.reading.opening import who_open, words_open
from coalition.mail.models import OutgoingMail
from coalition.mail.sending import mails_deliver
from coalition.membership.applications import application_make, application_refuse
from coalition.membership.invitations import invitation_send
from coalition.membership.models import Application, Invitation, Membership
from coalition.organizing.joining import join_propose
from coalition.organizing.models import JoinRequest
from coalition.organizing.reviewing import review_of, review_request
from search.models import Document, Judgement
from tests import factories, samples
from tests.coalition.accounts.door import reauthenticate
from tests.coalition.intake.teller import told
from tests.safety.surfaces import canary, tables_with

pytestmark = pytest.mark.django_db


@dataclass
class Life:
    """Somebody with a name and addresses of their own, and everything they did."""

    user: User
    organization: OrganizationPage
    partner: User
    name: str
    address: str
    second: str
    # Only ever theirs: it goes.
    private: dict[str, str] = field(default_factory=dict)
    # Written for an organization, or public: it stays.
    public: dict[str, str] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)
    kept_files: list[Path] = field(default_factory=list)
    made: dict[str, Any] = field(default_factory=dict)

    def theirs(self, what: str) -> str:
        """Return a canary for something that goes with the account."""
        return self.private.setdefault(what, canary())

    def left(self, what: str) -> str:
        """Return a canary for something that stays."""
        return self.public.setdefault(what, canary())

    def who(self) -> list[str]:
        """Return how somebody is called, in every writing that the site may have met."""
        return [self.name, self.address, self.address.upper(), self.second, self.second.upper()]


@pytest.fixture
def life(tmp_path: Path, settings: Any) -> Life:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.INTAKE_FILES, settings.INTAKE_LEDGER = tmp_path / "files", tmp_path / "ledger"
    name, address, second = canary(), canary(), canary()
    user = factories.user(
        f"{address}@example.org", display_name=f"Ada {name}", superuser=True, groups=(EDITORS, MODERATORS)
    )
    EmailAddress.objects.create(user=user, email=f"{second}@example.org", verified=True, primary=False)
    organization, partner = factories.organization("Own"), factories.user("partner@example.org", superuser=True)
    Membership.objects.create(organization=organization, user=user, role="owner")
    Membership.objects.create(organization=organization, user=partner, role="member")
    lived = Life(user, organization, partner, name, address, second)
    for did in (_signed_in, _belonged, _organized, _allied, _followed, _moderated, _edited, _was_written_to):
        did(lived)
    return lived


def _signed_in(life: Life) -> None:
    for client in (factories.client_of(life.user), factories.client_of(life.user)):
        session = client.session
        session["kept"] = life.theirs("a form kept over the sign-in")
        session.save()
    Authenticator.objects.create(
        user=life.user, type=Authenticator.Type.WEBAUTHN, data={"name": life.theirs("a key"), "credential": {}}
    )
    Authenticator.objects.create(
        user=life.user, type=Authenticator.Type.RECOVERY_CODES, data={"seed": life.theirs("codes"), "used_mask": 0}
    )
    APIToken.objects.create(user=life.user, name=life.theirs("a token's name"))
    with connection.cursor() as cursor:
        # As where signing in elsewhere was on, and was switched off again.
        cursor.execute(
            "CREATE TABLE socialaccount_socialaccount (id serial PRIMARY KEY, uid text, extra_data text, "
            "user_id bigint NOT NULL REFERENCES accounts_user (id) DEFERRABLE INITIALLY DEFERRED)"
        )
        cursor.execute(
            "INSERT INTO socialaccount_socialaccount (uid, extra_data, user_id) VALUES (%s, %s, %s)",
            [life.theirs("an id elsewhere"), life.address, life.user.pk],
        )


def _belonged(life: Life) -> None:
    other = factories.organization("Joined")
    Membership.objects.create(organization=other, user=life.user, role="organizer")
    application_make(
        organization=factories.organization("Asked"), user=life.user, note=life.theirs("why they ask to belong")
    )
    asking = application_make(organization=life.organization, user=factories.user(), note="May I?")
    application_refuse(application=asking, decided_by=life.user, answer=life.left("the answer to somebody"))
    invitation_send(organization=life.organization, email="new@example.org", role="member", invited_by=life.user)
    # As somebody typed it, to either address.
    for address in (life.address.upper(), life.second.upper()):
        invitation_send(
            organization=life.organization, email=f"{address}@example.org", role="member", invited_by=life.partner
        )
    life.made["asking"] = asking


def _campaign(life: Life, title: str) -> CampaignPage:
    campaign = factories.campaign(title, live=False, owner=life.user)
    CampaignOrganization.objects.create(campaign=campaign, organization=life.organization, role="leads")
    campaign.save_revision(user=life.user, log_action=True)
    return CampaignPage.objects.get(pk=campaign.pk)


def _organized(life: Life) -> None:
    campaign = _campaign(life, life.left("a campaign"))
    campaign.get_latest_revision().publish(user=life.user)
    update = factories.update(campaign, life.left("an update"))
    update.owner = life.user
    update.save()
    update.save_revision(user=life.user, log_action=True).publish(user=life.user)
    join_propose(
        campaign=CampaignPage.objects.get(pk=campaign.pk),
        organization=factories.organization("Invited"),
        role="supports",
        by=life.user,
        is_invitation=True,
        note=life.left("why another organization is asked"),
    )
    waiting = _campaign(life, "Waits to be read")
    review_request(page=waiting, user=life.user)
    life.made |= {"campaign": campaign, "update": update, "waiting": waiting}


def _allied(life: Life) -> None:
    other = factories.organization("Ally")
    introduction = introduction_ask(
        asking=life.organization, asked=other, asked_by=life.user, note=life.left("a note"), contact="office"
    )
    introduction_accept(introduction=introduction, answered_by=life.partner, contact="office there")
    message_write(
        introduction=introduction,
        organization=life.organization,
        author=life.user,
        text=life.left("a message"),
        token=uuid.uuid4(),
    )
    organization_block(organization=life.organization, blocked=factories.organization("Blocked"))
    alliance = factories.organization("Alliance", kind="coalition")
    affiliation = affiliation_propose(coalition=alliance, member=life.organization, by=life.user, is_invitation=False)
    affiliation_answer(affiliation=affiliation, accepts=True)
    life.made |= {"introduction": introduction, "affiliation": affiliation}


def _followed(life: Life) -> None:
    target = target_from(QueryDict(f"q={life.theirs('a search')}"))
    assert target is not None
    follow_add(user=life.user, target=target, rhythm=Rhythm.DAILY, channel=Channel.MAIL)
    # Before they had the account's second address confirmed.
    follow_ask(email=f"{life.second}@example.org", target=target, rhythm=Rhythm.DAILY, language="en", time_zone="UTC")


def _moderated(life: Life) -> None:
    submission, _words = told()
    submission_take(submission=submission, moderator=life.user)
    words_open(submission=submission, moderator=life.user)
    who_open(submission=submission, moderator=life.user, reason=life.left("why they asked who it was"))
    note_write(submission=submission, moderator=life.user, text="Call the union.")
    handed, _words = told()
    submission_hand(submission=handed, to=life.user, by=life.partner)
    Exemption.objects.create(submission=handed, moderator=life.user)
    life.made |= {"submission": submission, "handed": handed}


def _edited(life: Life) -> None:
    user = life.user
    story = factories.story("A story", owner=user)
    story.save_revision(user=user, log_action=True)
    story.locked, story.locked_by, story.locked_at = True, user, timezone.now()
    story.save()
    commented = factories.story("Commented")
    _comments(life, commented)
    picture = SiteImage(title=life.left("a picture"), file=ContentFile(samples.jpeg(), "a.jpg"), uploaded_by_user=user)
    picture.save()
    document = get_document_model()(
        title=life.left("a document"), file=ContentFile(samples.pdf(), "a.pdf"), uploaded_by_user=user
    )
    document.save()
    profile = UserProfile.get_for_user(user)
    profile.avatar = ContentFile(samples.png(), "a.png")
    profile.save()
    pending = UploadedFile.objects.create(
        for_content_type=ContentType.objects.get_for_model(SiteImage),
        file=ContentFile(samples.png(), "b.png"),
        uploaded_by_user=user,
    )
    life.files += [Path(profile.avatar.path), Path(pending.file.path)]
    life.kept_files += [Path(picture.file.path), Path(document.file.path)]
    kind = ContentType.objects.get_for_model(StoryPage)
    EditingSession.objects.create(user=user, content_type=kind, object_id=str(story.pk), last_seen_at=timezone.now())
    FormState.objects.create(
        user=user,
        content_type=kind,
        object_id=str(story.pk),
        parent_object_id="",
        data=life.theirs("a half-filled form"),
        last_updated_at=timezone.now(),
    )
    PageSubscription.objects.create(user=user, page=story, comment_notifications=True)
    first, second = Document.objects.present().order_by("pk")[:2]
    Judgement.objects.create(
        first=first, second=second, verdict="confirmed", reason=life.left("why two pages are alike"), user=user
    )
    # An administrator saved their account's form, and the admin's log says whose.
    log(instance=user, action="wagtail.edit", user=life.partner)
    life.made |= {"story": story, "commented": commented}


def _comments(life: Life, page: StoryPage) -> None:
    """Comment through revisions, as the editor does: they keep what was said, and the log says it once more."""
    theirs = Comment(user=life.user, text=life.theirs("a comment"), contentpath="title")
    partners = Comment(user=life.partner, text=life.left("somebody else's comment"), contentpath="title")
    page.wagtail_admin_comments.add(theirs, partners)
    page.save_revision(user=life.partner, log_action=True)
    for comment in (theirs, partners):
        comment.save()
        comment.log_create(page_revision=page.get_latest_revision(), user=comment.user)
    answer = CommentReply(user=life.user, comment=partners, text=life.theirs("a reply"))
    answer.save()
    answer.log_create(page_revision=page.get_latest_revision(), user=life.user)
    page = StoryPage.objects.get(pk=page.pk)
    page.save_revision(user=life.partner, log_action=True)


def _was_written_to(life: Life) -> None:
    # What they caused to be written to others has been handed over.
    mails_deliver()
    for number, address in enumerate((life.address, life.address.upper(), life.second, life.second.upper())):
        for state in (OutgoingMail.State.WAITING, OutgoingMail.State.FAILED):
            OutgoingMail.objects.create(
                key=f"left:{number}:{state}",
                kind="account",
                to=f"{address}@example.org",
                subject="Hello",
                text=life.theirs("a mail to them"),
                state=state,
            )


def _leave(life: Life) -> None:
    """Go by the site's own page; whatever it does after the response is done as well."""
    Membership.objects.filter(user=life.partner, organization=life.organization).update(role="owner")
    client = factories.client_of(life.user)
    reauthenticate(client)
    answer = client.post("/account/delete/", {"sure": "on"}, follow=True)
    assert "Your account is deleted." in answer.content.decode()


@pytest.mark.promise("delete-account")
def test_what_is_theirs_goes_from_every_table_and_the_disk(life: Life, django_capture_on_commit_callbacks: Any) -> None:
    # The control: all of it was there.
    for what, word in life.private.items():
        assert tables_with(word), what
    assert {"accounts_user", "account_emailaddress", "socialaccount_socialaccount"} <= set(tables_with(*life.who()))
    assert all(path.exists() for path in life.files + life.kept_files)
    with django_capture_on_commit_callbacks(execute=True):
        _leave(life)
    assert {what: found for what, word in life.private.items() if (found := tables_with(word))} == {}
    # Who opened what is said for two years, by everything but the address.
    assert {word: found for word in life.who() if (found := tables_with(word))} == {
        life.name: ["intake_reading_opening"]
    }
    assert [path for path in life.files if path.exists()] == []


def test_what_belongs_to_organizations_and_readers_stays_and_can_be_read(
    life: Life, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        _leave(life)
    assert {what for what, word in life.public.items() if not tables_with(word)} == set()
    assert all(path.exists() for path in life.kept_files)
    campaign, update = life.made["campaign"], life.made["update"]
    for page, what in ((campaign, "a campaign"), (update, "an update")):
        answer = Client().get(page.url)
        assert (answer.status_code, life.public[what] in answer.content.decode()) == (200, True)
    opened = Opening.objects.filter(signed=life.user.display_name)
    assert sorted(opened.values_list("what", flat=True)) == ["who", "words"]
    assert Note.objects.get().open("text") == "Call the union."
    assert Introduction.objects.get().asked_by is None
    assert Message.objects.get().author is None
    assert Affiliation.objects.get().proposed_by is None
    assert JoinRequest.objects.get().proposed_by is None
    assert Judgement.objects.get().user is None
    assert Application.objects.get(pk=life.made["asking"].pk).decided_by is None
    assert list(Invitation.objects.values_list("email", "invited_by")) == [("new@example.org", None)]
    assert not Charge.objects.exists()
    assert not Exemption.objects.exists()
    assert not Follow.objects.exists()
    assert not Session.objects.filter(user_id=life.user.pk).exists()
    # Who has it in hand has left: it is nobody's, and somebody else can take it.
    submission_take(submission=Submission.objects.get(pk=life.made["submission"].pk), moderator=_moderator())


def _moderator() -> User:
    made = factories.user()
    made.groups.add(Group.objects.get(name=MODERATORS))
    return made


def test_nothing_they_touched_fails_afterwards(life: Life, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        _leave(life)
    boss = factories.client_of(life.partner)
    pages = [life.made[name] for name in ("campaign", "update", "waiting", "story", "commented")]
    paths = ["/admin/", "/admin/reports/site-history/", "/admin/reports/locked/", "/admin/reports/workflow/"]
    paths += ["/admin/users/", "/admin/images/", "/admin/documents/", "/moderation/log/", "/you/", "/admin/mail/"]
    for page in pages:
        names = ("edit", "history", "workflow_history", "usage", "view_draft", "delete", "copy")
        paths += [f"/admin/pages/{page.pk}/{name}/" for name in names]
    paths += [reverse(name, args=[life.organization.public_id]) for name in ("organization_desk", "introductions")]
    statuses = {path: boss.get(path).status_code for path in paths}
    assert {path: status for path, status in statuses.items() if status not in (200, 302)} == {}
    assert Revision.objects.exists()
    for revision in Revision.objects.all():
        revision.as_object()
    # What waited to be read still is, and can be approved.
    review = review_of(CampaignPage.objects.get(pk=life.made["waiting"].pk))
    assert review is not None
    own_data(life.partner)


def test_comments_of_others_stay_where_they_were(life: Life) -> None:
    _leave(life)
    page = StoryPage.objects.get(pk=life.made["commented"].pk)
    others = life.public["somebody else's comment"]
    assert [comment.text for comment in page.wagtail_admin_comments.all()] == [others]
    kept = page.get_latest_revision().content["wagtail_admin_comments"]
    assert [(comment["text"], comment["replies"]) for comment in kept] == [(others, [])]
    entries = PageLogEntry.objects.filter(page=page.pk, action__startswith="wagtail.comments.")
    assert sorted(entry.data["comment"].get("text", "") for entry in entries) == sorted(["", others, others])


def test_neither_the_last_owner_nor_the_last_administrator_goes_and_a_refusal_takes_nothing(life: Life) -> None:
    before = {word: tables_with(word) for word in [*life.who(), *life.private.values()]}
    for sentence, settle in (
        (
            "You are the only owner of Own.",
            lambda: Membership.objects.filter(user=life.partner).update(role="owner"),
        ),
        ("You are the only administrator.", lambda: User.objects.filter(pk=life.partner.pk).update(is_superuser=True)),
    ):
        if "administrator" in sentence:
            User.objects.filter(pk=life.partner.pk).update(is_superuser=False)
        with pytest.raises(DeletionRefusedError, match=sentence), transaction.atomic():
            account_delete(user=User.objects.get(pk=life.user.pk))
        assert {word: tables_with(word) for word in before} == before
        assert all(path.exists() for path in life.files)
        settle()
    account_delete(user=User.objects.get(pk=life.user.pk))
    assert not User.objects.filter(pk=life.user.pk).exists()


def test_an_address_that_is_not_confirmed_is_not_theirs_to_see_or_to_empty() -> None:
    user, organization = factories.user(), factories.organization("Own")
    EmailAddress.objects.create(user=user, email="somebody@example.org", verified=False, primary=False)
    invitation_send(organization=organization, email="somebody@example.org", role="member", invited_by=factories.user())
    OutgoingMail.objects.create(key="theirs", kind="account", to="somebody@example.org", subject="Hello", text="t")
    before = set(OutgoingMail.objects.filter(to="somebody@example.org").values_list("pk", flat=True))
    told = own_data(user)
    assert told["mail_not_sent"] == []
    assert told["organizations"]["invitations received"] == []  # type: ignore[index]
    account_delete(user=user)
    assert set(OutgoingMail.objects.filter(to="somebody@example.org").values_list("pk", flat=True)) == before
    assert [each.email for each in Invitation.objects.all()] == ["somebody@example.org"]
