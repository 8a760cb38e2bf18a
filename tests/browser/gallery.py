"""Every page that signed-in people have, with something on it: for looking at them and for measuring them."""

import datetime
import uuid
from dataclasses import dataclass, field

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from cms.base.gathering import gathered
from cms.campaigns.models import CampaignOrganization, CampaignPage, CampaignUpdatePage
from coalition.accounts.groups import groups_write
from coalition.accounts.roles import EDITORS
from coalition.alerts.following import follow_ask
from coalition.alerts.matching import news_match_all
from coalition.alerts.models import Follow, Follower, Rhythm
from coalition.alerts.targets import Target
from coalition.alerts.tokens import follower_token, manage_url
from coalition.allies.introductions import introduction_accept, introduction_ask
from coalition.allies.threads import message_write
from coalition.coalitions.affiliations import affiliation_answer, affiliation_propose
from coalition.coalitions.models import CalendarEntry
from coalition.membership.applications import application_make
from coalition.membership.invitations import invitation_send
from coalition.membership.models import Membership, Practice
from coalition.organizing.drafts import version_of
from coalition.organizing.joining import join_propose
from coalition.organizing.publishing import page_publish
from coalition.organizing.updates import Entry, update_save
from tests import factories
from tests.browser.people import organization, person, session_of
from tests.coalition.alerts.readers import all_heard, followed

HOSPITALS, WAREHOUSES, SCHOOLS = "Hospitals", "Warehousing and storage", "Schools"

# One step of a campaign for each template that draws one.
ONE_OF_A_KIND = ("what", "about", "demands", "stories")


@dataclass
class Gallery:
    """People with their sessions, and the paths each of them sees; nobody is called ``""``."""

    sessions: dict[str, str] = field(default_factory=dict)
    paths: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        groups_write()
        self.nurses = organization("Nurses of Elm Street", HOSPITALS)
        self.packers = organization("Packers of Dock Four", WAREHOUSES)
        self.drivers = organization("Drivers of the Ring Road", WAREHOUSES)
        self.teachers = organization("Teachers of the Valley", SCHOOLS)
        with gathered():
            self.alliance = factories.organization("Alliance of the Bay", kind="coalition")
        self.olga = person("olga@example.org", (self.nurses, "owner"), second_lock=True, display_name="Olga")
        self.ada = person("ada@example.org", (self.nurses, "organizer"), display_name="Ada")
        self.ben = person("ben@example.org", (self.packers, "organizer"), display_name="Ben")
        self.eve = person("eve@example.org", (self.alliance, "organizer"), display_name="Eve")
        self.newcomer = person("new@example.org", display_name="Newcomer")
        self.editor = person("desk@example.org", groups=(EDITORS,), display_name="Desk")
        self._campaigns()
        self._together()
        self._following()
        people = {
            "owner": self.olga,
            "member": self.newcomer,
            "editor": self.editor,
            "partner": self.ben,
            "alliance": self.eve,
        }
        self.sessions = {"": "", **{name: session_of(user) for name, user in people.items()}}
        self.paths = {
            "": self._visitors(),
            "owner": self._owners(),
            "partner": self._partners(),
            "alliance": {"coalition’s desk": reverse("coalition_desk", args=[self.alliance.public_id])},
            "member": self._members(),
            "editor": self._editors(),
        }

    def _campaigns(self) -> None:
        with gathered():
            self.campaign: CampaignPage = factories.campaign(
                "Take the badges off", standfirst="The hospital counts our steps."
            )
            self.campaign.organization_links.add(CampaignOrganization(organization=self.nurses, role="leads"))
            self.campaign.demands.create(text="No badge in the break room", state="won")
            self.campaign.save()
            self.campaign.save_revision().publish()
            self.update: CampaignUpdatePage = factories.update(self.campaign, "Forty of us wore stickers")
            self.update.save_revision().publish()
        join_propose(
            campaign=self.campaign, organization=self.packers, role="supports", by=self.ben, is_invitation=False
        )
        Practice.objects.create(organization=self.nurses, publishing="review")
        entry = Entry(title="The board answers", date=timezone.localdate(), html="<p>It says: not now.</p>")
        saved = update_save(campaign=self.campaign, public_id=uuid.uuid4(), user=self.ada, entry=entry, version="")
        self.waiting = page_publish(page=saved.page, user=self.ada, version=version_of(saved.page))

    def _together(self) -> None:
        application_make(organization=self.nurses, user=self.newcomer, note="I work on ward three.")
        self.claim = application_make(organization=self.teachers, user=self.newcomer, note="I am the secretary.")
        self.invitation = invitation_send(
            organization=self.nurses, email=self.newcomer.email, role="member", invited_by=self.olga
        )
        self.introduction = introduction_ask(
            asking=self.packers, asked=self.nurses, asked_by=self.ben, note="The same badges came to us.",
            contact="Ben, 555-0200", reason=lambda: "Both face badges that count steps.",
        )  # fmt: skip
        introduction_accept(introduction=self.introduction, answered_by=self.olga, contact="Olga, 555-0100")
        for side, author, text in (
            (self.packers, self.ben, "Shall we talk on Thursday?"),
            (self.nurses, self.olga, "Thursday at six it is. We bring the minutes of the last meeting with the board."),
        ):
            message_write(
                introduction=self.introduction, organization=side, author=author, text=text, token=uuid.uuid4()
            )
        self.asked = introduction_ask(
            asking=self.nurses, asked=self.drivers, asked_by=self.olga, note="We should talk.", contact="Olga"
        )
        Membership.objects.create(organization=self.drivers, user=self.ben, role="organizer")
        affiliation_propose(coalition=self.alliance, member=self.nurses, by=self.eve, is_invitation=True)
        affiliation = affiliation_propose(coalition=self.alliance, member=self.packers, by=self.eve, is_invitation=True)
        affiliation_answer(affiliation=affiliation, accepts=True)
        CalendarEntry.objects.create(
            coalition=self.alliance,
            organization=self.packers,
            title="Meeting at the hall",
            starts=timezone.now() + datetime.timedelta(days=3),
        )

    def _following(self) -> None:
        followed(self.olga, self.campaign, rhythm=Rhythm.DAILY)
        followed(self.olga, "q=badges", rhythm=Rhythm.WEEKLY)
        all_heard()
        with gathered():
            factories.update(self.campaign, "The board voted").save_revision().publish()
        news_match_all()
        target = Target(Follow.Kind.CAMPAIGN, str(self.campaign.public_id), self.campaign.title, self.campaign.url)
        follow_ask(email="reader@example.org", target=target, rhythm=Rhythm.DAILY, language="en", time_zone="UTC")
        self.reader = Follower.objects.get(own_email="reader@example.org")

    def _visitors(self) -> dict[str, str]:
        campaign = f"campaign-id={self.campaign.public_id}"
        return {
            "follow a campaign": f"{reverse('follow')}?{campaign}",
            "follow a search": f"{reverse('follow')}?q=badges",
            "a mail is on its way": reverse("follow_sent"),
            "the link is over": reverse("follow_confirm", args=["none"]),
            "what a reader follows": manage_url(self.reader).removeprefix(settings.PUBLIC_URL),
            "stop all mails": reverse("follow_unsubscribe", args=[follower_token(self.reader)]),
            "an invitation that is over": reverse("invitation", args=["none"]),
            "directory as a map": reverse("directory_map"),
            "directory to print": reverse("directory_print"),
            "campaign": self.campaign.url,
            "update": self.update.url,
            "organization": self.nurses.url,
            "coalition": self.alliance.url,
        }

    def _owners(self) -> dict[str, str]:
        nurses, campaign = [self.nurses.public_id], [self.campaign.public_id]
        membership = Membership.objects.get(user=self.olga, organization=self.nurses)
        steps = {f"step: {slug}": reverse("campaign_step", args=[*campaign, slug]) for slug in ONE_OF_A_KIND}
        return {
            "own page": reverse("you"),
            "account": reverse("account"),
            "second lock": reverse("mfa_index"),
            "desk": reverse("organization_desk", args=nurses),
            "profile": reverse("organization_profile", args=nurses),
            "leave": reverse("member_leave", args=[membership.public_id]),
            "campaigns": reverse("campaign_list", args=nurses),
            "start a campaign": reverse("campaign_start", args=nurses),
            "campaign’s desk": reverse("campaign_manage", args=campaign),
            **steps,
            "publish": reverse("campaign_publish", args=campaign),
            "take off": reverse("campaign_remove", args=campaign),
            "organizations in it": reverse("campaign_organizations", args=campaign) + "?find=drivers",
            "a new update": reverse("update_write", args=[*campaign, uuid.uuid4()]),
            "an update": reverse("update_write", args=[*campaign, self.update.public_id]),
            "preview": reverse("update_preview", args=[self.update.public_id]),
            "earlier versions": reverse("update_versions", args=[self.update.public_id]),
            "review": reverse("update_review", args=[self.waiting.public_id]),
            "allies": reverse("allies", args=nurses),
            "network": reverse("allies_network", args=nurses),
            "ask for an introduction": reverse("introduction_new", args=[*nurses, self.teachers.public_id]),
            "introductions": reverse("introductions", args=nurses),
            "thread": reverse("introduction", args=[self.introduction.public_id]),
            "coalitions and calendar": reverse("coalition_desk", args=nurses),
            "what I follow": reverse("follow_mine"),
            "news": reverse("follow_news"),
        }

    def _partners(self) -> dict[str, str]:
        return {
            "request for an introduction": reverse("introduction", args=[self.asked.public_id]),
            "join a campaign": reverse("campaign_join", args=[self.campaign.public_id]),
        }

    def _members(self) -> dict[str, str]:
        return {
            "own page": reverse("you"),
            "bring in an organization": reverse("organization_new"),
            "ask to keep": reverse("organization_apply", args=[self.drivers.public_id]),
            "invitation": reverse("invitation_mine", args=[self.invitation.public_id]),
        }

    def _editors(self) -> dict[str, str]:
        return {
            "own page": reverse("you"),
            "decide": reverse("application_decide", args=[self.claim.public_id]),
            "merge": reverse("organizations_merge"),
        }
