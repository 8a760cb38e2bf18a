"""A small world for the matrix: everybody there is, a thing of every kind in every state, and who is what to it."""

import datetime
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import Group
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from cms.campaigns.models import CampaignOrganization
from cms.organizations.models import OrganizationPage
from coalition.accounts.groups import groups_write
from coalition.accounts.models import User
from coalition.accounts.roles import EDITORS, MODERATORS, Role
from coalition.alerts.following import follow_add
from coalition.alerts.models import Channel, Rhythm
from coalition.alerts.targets import target_from
from coalition.allies.introductions import introduction_accept, introduction_ask, introduction_decline, introduction_end
from coalition.allies.models import Introduction
from coalition.coalitions.affiliations import affiliation_answer, affiliation_end, affiliation_propose
from coalition.coalitions.models import CalendarEntry
from coalition.intake.evidence.sharing import copy_make
from coalition.intake.models import Submission
from coalition.intake.reading.assigning import submission_take
from coalition.mail.models import OutgoingMail
from coalition.membership.applications import application_make, application_withdraw, organization_propose
from coalition.membership.invitations import invitation_revoke, invitation_send
from coalition.membership.models import Membership
from coalition.organizing.joining import join_answer, join_propose
from coalition.organizing.reviewing import review_request
from tests import factories, samples
from tests.coalition.intake.evidence.conftest import send, upload
from tests.coalition.intake.teller import FULL, Teller, words_on
from tests.safety.surfaces import canary

ABSENT = uuid.UUID("00000000-0000-4000-8000-000000000000")
_ABOVE = {"member": [Role.AFFILIATE], "organizer": [Role.AFFILIATE, Role.ORGANIZER]}
_ABOVE["owner"] = [*_ABOVE["organizer"], Role.OWNER]


@dataclass(frozen=True)
class Actor:
    """Somebody: what they are to the site, and the client in which they have signed in."""

    name: str
    client: Client
    site: frozenset[Role]
    user: User | None = None


@dataclass(frozen=True)
class Case:
    """An address with a thing in a state, or an absent one, what is posted there, and who is what to the thing."""

    url: str
    args: tuple[Any, ...]
    state: str = ""
    roles: dict[str, frozenset[Role]] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)
    is_absent: bool = False
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class World:
    """Two organizations with a member, an organizer and an owner each; and everybody of the site."""

    own: OrganizationPage
    other: OrganizationPage
    actors: dict[str, Actor]
    told: dict[str, Submission] = field(default_factory=dict)
    canary: str = field(default_factory=canary)

    def user(self, name: str) -> User:
        """Return the user of an actor."""
        user = self.actors[name].user
        assert user is not None
        return user

    def of(self, *sides: str) -> dict[str, frozenset[Role]]:
        """Return what everybody is to a thing of these organizations (``own``, ``other``)."""
        return {
            f"{side} {role}": frozenset(_ABOVE[role]) for side in sides for role in ("member", "organizer", "owner")
        }

    def asking(self, side: str) -> dict[str, frozenset[Role]]:
        """Return what everybody is to a thing that this side has asked for: it is its organizers'."""
        return {f"{side} {role}": frozenset({Role.SELF}) for role in ("organizer", "owner")}


def _actor(name: str, *site: Role, staff: Callable[[User], None] | None = None) -> Actor:
    user = factories.user(f"{name.replace(' ', '-')}@example.org", display_name=name, second_lock=True)
    if staff:
        staff(user)
    client = Client()
    client.force_login(user)
    return Actor(name, client, frozenset({Role.VISITOR, Role.MEMBER, *site}), user)


def world_make() -> World:
    """Make everybody."""
    groups_write()

    def into(name: str) -> Callable[[User], None]:
        return lambda user: user.groups.add(Group.objects.get(name=name))

    def administrator(user: User) -> None:
        User.objects.filter(pk=user.pk).update(is_superuser=True, is_staff=True)

    world = World(factories.organization("Own"), factories.organization("Other"), {})
    world.actors["visitor"] = Actor("visitor", Client(), frozenset({Role.VISITOR}))
    world.actors["member"] = _actor("member")
    for side, organization in (("own", world.own), ("other", world.other)):
        for role in ("member", "organizer", "owner"):
            actor = _actor(f"{side} {role}")
            world.actors[actor.name] = actor
            assert actor.user
            Membership.objects.create(organization=organization, user=actor.user, role=role)
    world.actors["editor"] = _actor("editor", Role.EDITOR, staff=into(EDITORS))
    world.actors["moderator"] = _actor("moderator", Role.MODERATOR, staff=into(MODERATORS))
    world.actors["administrator"] = _actor("administrator", Role.EDITOR, Role.ADMIN, staff=administrator)
    return world


def cases(world: World) -> Iterator[Case]:
    """Yield an address for every row of the table, in every state, with whatever is to be seen there."""
    _tell(world)
    yield from _accounts(world)
    yield from _organizations(world)
    yield from _introductions(world)
    yield from _coalitions(world)
    yield from _campaigns(world)
    yield from _telling(world)
    yield from _moderation(world)


def _telling(world: World) -> Iterator[Case]:
    """What is told is its teller's: whoever holds the draft's cookie, or came back with the code."""
    theirs = {"teller": frozenset({Role.SELF})}
    sent = world.told["mine"].evidence.get()
    draft = Submission.objects.get(state="draft").evidence.get()
    offset = {"Upload-Offset": "0"}
    yield Case("return_file", (sent.pk,), "", theirs)
    yield Case("return_piece", (sent.pk,), "", theirs, headers=offset)
    yield Case("tell_piece", (draft.pk,), "", theirs, headers=offset)
    # A visit does not open what another cookie holds, nor the other way round.
    yield Case("return_file", (draft.pk,), "draft")
    yield Case("return_piece", (draft.pk,), "draft", headers=offset)
    yield Case("tell_piece", (sent.pk,), "sent", headers=offset)
    for name in ("return_file", "return_piece", "tell_piece"):
        yield Case(name, (ABSENT,), is_absent=True, headers=offset)
    inside = {name: frozenset({Role.SELF}) for name in ("teller", "another teller")}
    for name in ("return_home", "return_text", "return_words", "return_files"):
        yield Case(name, (), "", inside)
    yield Case("return_message", (), "", inside, {"text": "The night shift."})
    for name in ("tell", "tell_all", "tell_check", "tell_files", "tell_end", "leave", "return", "return_close"):
        yield Case(name, ())
    yield Case("tell_step", ("what",))
    yield Case("tell_step", ("nothing",), is_absent=True)
    # These take files off the disk, which no transaction brings back.
    yield Case("tell_discard", ())
    yield Case("return_withdraw", (), "", inside)


def _moderation(world: World) -> Iterator[Case]:
    for name in ("moderation", "moderation_csv", "moderation_log"):
        yield Case(name, ())
    free, mine = world.told["free"], world.told["mine"]
    in_hand = {"moderator": frozenset({Role.SELF})}
    kept = ("moderation_step", "moderation_write", "moderation_hand", "moderation_text", "moderation_who")
    roles: dict[str, frozenset[Role]]
    for submission, roles in ((free, {}), (mine, in_hand)):
        for name in ("moderation_submission", "moderation_take", *kept):
            yield Case(name, (submission.pk,), submission.state, roles)
        yield Case("moderation_exempt", (submission.pk,), submission.state)
        yield Case("moderation_file", (submission.evidence.get().pk,), submission.state, roles)
    for name in ("moderation_submission", "moderation_take", "moderation_exempt", "moderation_file", *kept):
        yield Case(name, (ABSENT,), is_absent=True)


def _tell(world: World) -> None:
    """Have something told with a canary in every field and a file: one in a moderator's hands, and one in nobody's.

    Who told the first one came back with the code, and has begun to tell something else.
    """
    answers = dict.fromkeys(("text", "industry_words", "harm_words", "town", "name", "reach"), world.canary)
    for name in ("free", "mine"):
        teller, before = Teller(), set(Submission.objects.values_list("pk", flat=True))
        send(teller, upload(samples.jpeg(), f"{world.canary}.jpg"))
        words = words_on(teller.post("/tell/all/", {**FULL, **answers}))
        world.told[name] = Submission.objects.exclude(pk__in=before).get()
        copy_make(world.told[name].evidence.get().pk)
    submission_take(submission=world.told["mine"], moderator=world.user("moderator"))
    world.told["mine"].refresh_from_db()
    inside, outside = Teller(), Teller()
    inside.returns(words)
    send(inside, upload(samples.png(), f"{world.canary}.png"))
    inside.post("/tell/what/", {"text": world.canary})
    outside.returns(outside.tells())
    for name, each in (("teller", inside), ("another teller", outside)):
        each.client.handler.enforce_csrf_checks = False
        each.client.raise_request_exception = True
        world.actors[name] = Actor(name, each.client, frozenset({Role.VISITOR}))


def _accounts(world: World) -> Iterator[Case]:
    mail = OutgoingMail.objects.create(key="matrix", kind="account", to="a@example.org", state="failed", text="t")
    yield Case("mail_mails", ())
    yield Case("mail_mails_csv", ())
    yield Case("mail_decide", (mail.pk,), data={"decision": "settle"})
    yield Case("mail_decide_several", (), data={"mail": str(mail.pk), "decision": "settle"})
    for name in (
        *("you", "account", "account_sessions", "account_data", "account_data_download", "account_delete"),
        *("account_email", "account_change_password", "mfa_index", "mfa_activate_totp"),
        *("mfa_list_webauthn", "follow_mine", "follow_mine_csv", "follow_news", "follow"),
    ):
        yield Case(name, ())
    target = target_from(QueryDict("q=badges"))
    assert target is not None
    follow = follow_add(user=world.user("member"), target=target, rhythm=Rhythm.DAILY, channel=Channel.SITE)
    yield Case("follow_change", (follow.public_id,), "", {"member": frozenset({Role.SELF})})
    yield Case("follow_change", (ABSENT,), is_absent=True)


def _organizations(world: World) -> Iterator[Case]:
    own = world.own
    yield Case("organization_new", ())
    yield Case("organizations_merge", ())
    draft = factories.organization("Draft", live=False)
    yield Case("organization_apply", (own.public_id,), "live", world.of("own"))
    yield Case("organization_apply", (draft.public_id,), "draft")
    for name, data in (
        ("organization_desk", {}),
        ("organization_profile", {}),
        ("organization_invite", {}),
        ("organization_members_csv", {}),
        ("organization_people", {"role": "member"}),
        ("organization_practice", {"publishing": "at-once"}),
    ):
        yield Case(name, (own.public_id,), "live", world.of("own"), data)
        yield Case(name, (ABSENT,), is_absent=True)
    membership = Membership.objects.get(user=world.user("own member"))
    roles = world.of("own")
    roles["own member"] |= {Role.SELF}
    yield Case("member_change", (membership.public_id,), "", roles, {"role": "member"})
    yield Case("member_leave", (membership.public_id,), "", roles)
    for name in ("member_change", "member_leave"):
        yield Case(name, (ABSENT,), is_absent=True)
    yield from _invitations(world)
    yield from _applications(world)


def _invitations(world: World) -> Iterator[Case]:
    to_member = world.of("own") | {"member": frozenset({Role.SELF})}
    for state, email in (("open", "member@example.org"), ("revoked", "MEMBER@example.org")):
        invitation = invitation_send(
            organization=world.own, email=email, role="member", invited_by=world.user("own owner")
        )
        if state == "revoked":
            invitation_revoke(invitation=invitation)
            # The open one was replaced by this one; there is one more.
        yield Case("invitation_mine", (invitation.public_id,), state, to_member)
        yield Case("invitation_take_back", (invitation.public_id,), state, to_member)
        invitation.refresh_from_db()
    for name in ("invitation_mine", "invitation_take_back"):
        yield Case(name, (ABSENT,), is_absent=True)


def _applications(world: World) -> Iterator[Case]:
    member = world.user("member")
    mine = {"member": frozenset({Role.SELF})}
    join = application_make(organization=world.own, user=member, note="n")
    claim = application_make(organization=factories.organization("Nobody's"), user=member, note="n")
    page = OrganizationPage(title="New", slug="brand-new", kind="union")
    factories.tag(page)
    new = organization_propose(page=page, user=member, note="n")
    gone = application_make(organization=world.other, user=member, note="n")
    application_withdraw(application=gone)
    owners = {f"{side} owner": frozenset({Role.OWNER}) for side in ("own", "other")}
    yield Case("applications", (), "", owners, {"decision": "approve"})
    yield Case("applications_csv", (), "", owners)
    for application, state, roles in (
        (join, "join", world.of("own") | mine),
        (claim, "claim", mine),
        (new, "new", mine),
        (gone, "withdrawn", world.of("other") | mine),
    ):
        yield Case("application_decide", (application.public_id,), state, roles)
        yield Case("application_take_back", (application.public_id,), state, roles)
    for name in ("application_decide", "application_take_back"):
        yield Case(name, (ABSENT,), is_absent=True)


def _introductions(world: World) -> Iterator[Case]:
    own, other = world.own, world.other
    for name in ("allies", "allies_network", "introductions", "introductions_csv"):
        yield Case(name, (own.public_id,), "live", world.of("own"))
        yield Case(name, (ABSENT,), is_absent=True)
    yield Case("introduction_new", (own.public_id, other.public_id), "live", world.of("own"))
    yield Case(
        "organization_blocks",
        (own.public_id,),
        "live",
        world.of("own"),
        {"other": str(other.public_id), "unblock": "1"},
    )
    asks, answers = world.asking("other"), world.of("own")
    for state in ("waiting", "declined", "unanswered", "withdrawn", "accepted", "ended"):
        introduction = introduction_ask(
            asking=other, asked=own, asked_by=world.user("other organizer"), note="n", contact="c"
        )
        answerer = world.user("own organizer")
        if state in ("accepted", "ended"):
            introduction_accept(introduction=introduction, answered_by=answerer, contact="c")
        if state == "ended":
            introduction_end(introduction=introduction)
        if state == "declined":
            introduction_decline(introduction=introduction, answered_by=answerer)
        if state == "withdrawn":
            Introduction.objects.filter(pk=introduction.pk).update(state="withdrawn")
        if state == "unanswered":
            Introduction.objects.filter(pk=introduction.pk).update(expires=timezone.now() - datetime.timedelta(1))
        # What was declined or is over no longer exists for those who were asked.
        roles = asks | (answers if state in ("waiting", "accepted", "ended") else {})
        seen = "waiting" if state == "declined" else state
        for name in (
            "introduction",
            "introduction_answer",
            "introduction_take_back",
            "introduction_together",
            "introduction_close",
        ):
            yield Case(name, (introduction.public_id,), seen, roles)
        # For the next one to be asked.
        Introduction.objects.filter(pk=introduction.pk).update(
            expires=timezone.now() - datetime.timedelta(1), state="ended"
        )
    for name in (
        "introduction",
        "introduction_answer",
        "introduction_take_back",
        "introduction_together",
        "introduction_close",
    ):
        yield Case(name, (ABSENT,), is_absent=True)


def _coalitions(world: World) -> Iterator[Case]:
    own = world.own
    alliance = factories.organization("Alliance", kind="coalition")
    yield Case("coalition_desk", (own.public_id,), "live", world.of("own"))
    yield Case("affiliation_new", (own.public_id,), "live", world.of("own"), {"other": str(alliance.public_id)})
    for name in ("calendar", "calendar_page"):
        yield Case(name, (alliance.public_id,), "live")
    for name in ("coalition_desk", "affiliation_new", "calendar", "calendar_entry_new", "calendar_entry_delete"):
        yield Case(name, (ABSENT,), is_absent=True)
    for state in ("open", "declined", "ended", "accepted"):
        affiliation = affiliation_propose(
            coalition=alliance, member=own, by=world.user("own organizer"), is_invitation=True
        )
        if state != "open":
            affiliation_answer(affiliation=affiliation, accepts=state != "declined")
        if state == "ended":
            affiliation_end(affiliation=affiliation)
        yield Case("affiliation_decide", (affiliation.public_id,), state, world.of("own"), {"accept": "1"})
        yield Case("affiliation_leave", (affiliation.public_id,), state, world.of("own"))
        if state == "open":
            affiliation_end(affiliation=affiliation)
    for name in ("affiliation_decide", "affiliation_leave"):
        yield Case(name, (ABSENT,), is_absent=True)
    yield Case("calendar_entry_new", (alliance.public_id,), "", world.of("own"))
    entry = CalendarEntry.objects.create(coalition=alliance, organization=own, title="t", starts=timezone.now())
    yield Case("calendar_entry_delete", (entry.public_id,), "", world.of("own"))


def _campaigns(world: World) -> Iterator[Case]:
    own, other = world.own, world.other
    author = world.user("own organizer")
    yield Case("campaign_mine", ())
    for name in ("campaign_list", "campaign_list_csv", "campaign_start"):
        yield Case(name, (own.public_id,), "live", world.of("own"))
        yield Case(name, (ABSENT,), is_absent=True)
    ours = world.of("own")
    pages = [("draft", _campaign(own, live=False)), ("live", _campaign(own)), ("in-review", _campaign(own, live=False))]
    gone = _campaign(own)
    gone.unpublish()
    pages.append(("unpublished", gone))
    review_request(page=pages[2][1], user=author)
    one = {
        "campaign_manage": (),
        "campaign_step": ("what",),
        "campaign_preview": (),
        "campaign_publish": (),
        "campaign_remove": (),
        "campaign_organizations": (),
        "update_new": (),
    }
    for state, campaign in pages:
        for name, more in one.items():
            yield Case(name, (campaign.public_id, *more), state, ours)
        yield from _updates(world, campaign, state)
    for name, more in one.items():
        yield Case(name, (ABSENT, *more), is_absent=True)
    reviewed = ours.copy()
    # Nobody reads their own text.
    reviewed["own organizer"] = frozenset({Role.SELF})
    yield Case("update_review", (pages[2][1].public_id,), "open", reviewed)
    for name in ("editor", "administrator"):
        theirs = _campaign(own, live=False)
        review_request(page=theirs, user=world.user(name))
        yield Case("update_review", (theirs.public_id,), "open", {**ours, name: frozenset({Role.SELF})})
    yield Case("update_withdraw", (pages[2][1].public_id,), "in-review", ours)
    for name in ("update_review", "update_withdraw"):
        yield Case(name, (ABSENT,), is_absent=True)
    live = pages[1][1]
    link = CampaignOrganization.objects.create(campaign=live, organization=other, role="supports")
    yield Case("campaign_join", (live.public_id,), "live", world.of("own", "other"))
    yield Case("campaign_leave", (live.public_id, other.public_id), "", world.of("own", "other"))
    for state in ("open", "accepted"):
        link.delete()
        request = join_propose(campaign=live, organization=other, role="supports", by=author, is_invitation=True)
        if state == "accepted":
            join_answer(request=request, by=world.user("other organizer"), accepts=True)
        yield Case("campaign_join_request", (request.public_id,), state, world.of("other") | world.asking("own"))
        link = CampaignOrganization(campaign=live, organization=other)
        if state == "open":
            join_answer(request=request, by=world.user("other organizer"), accepts=False)
            link = CampaignOrganization.objects.create(campaign=live, organization=other, role="supports")
    yield Case("campaign_join_request", (ABSENT,), is_absent=True)


def _campaign(leads: OrganizationPage, *, live: bool = True) -> Any:
    campaign = factories.campaign(live=live)
    CampaignOrganization.objects.create(campaign=campaign, organization=leads, role="leads")
    campaign.save_revision()
    if live:
        campaign.get_latest_revision().publish()
    return type(campaign).objects.get(pk=campaign.pk)


def _updates(world: World, campaign: Any, campaign_state: str) -> Iterator[Case]:
    if campaign_state != "live":
        return
    ours = world.of("own")
    for state in ("draft", "live", "unpublished", "in-review"):
        update = factories.update(campaign, live=state in ("live", "unpublished"))
        update.save_revision()
        if state in ("live", "unpublished"):
            update.get_latest_revision().publish()
        update = type(update).objects.get(pk=update.pk)
        if state == "unpublished":
            update.unpublish()
        if state == "in-review":
            review_request(page=update, user=world.user("own organizer"))
        yield Case("update_write", (campaign.public_id, update.public_id), state, ours)
        for name in ("update_edit", "update_preview", "update_remove", "update_versions"):
            yield Case(name, (update.public_id,), state, ours)
    for name in ("update_edit", "update_preview", "update_remove", "update_versions"):
        yield Case(name, (ABSENT,), is_absent=True)
