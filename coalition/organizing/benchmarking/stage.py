"""People, organizations and campaigns that are there for as long as it is measured, and what came of their updates."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction

from cms.base.gathering import gathered
from cms.campaigns.models import CampaignPage, CampaignUpdatePage
from cms.organizations.models import OrganizationIndexPage, OrganizationPage
from cms.taxonomy.models import PROXIES
from cms.taxonomy.schemes import Scheme
from coalition.accounts.models import Session, User
from coalition.accounts.sessions import session_mark
from coalition.membership.models import Membership
from coalition.organizing.campaigns import campaign_start
from coalition.organizing.streams import read
from search.models import Document

# No mail can ever go there.
DOMAIN = "benchmark.invalid"


@dataclass(frozen=True)
class Organizer:
    """Somebody who posts: the cookie of their session, their campaign, and the words of theirs that must arrive."""

    session: str
    campaign: str
    title: str
    text: str


@contextmanager
def stage(*, organizers: int, campaigns: int) -> Iterator[list[Organizer]]:
    """Make people who have signed in and lead campaigns, several to a campaign; take everything away at the end."""
    run = uuid4().hex[:8]
    pages: list[Any] = []
    try:
        with transaction.atomic(), gathered():
            led = [_campaign(f"{run}-{number}", pages) for number in range(campaigns)]
            made = [_organizer(run, number, *led[number % campaigns]) for number in range(organizers)]
        yield made
    finally:
        with transaction.atomic(), gathered():
            for page in reversed(pages):
                type(page).objects.get(pk=page.pk).delete()
        people = User.objects.filter(email__endswith=f"@{DOMAIN}")
        Session.objects.filter(user__in=people).delete()
        people.delete()


def _campaign(name: str, pages: list[Any]) -> tuple[OrganizationPage, CampaignPage]:
    organization = OrganizationPage(
        title=f"Benchmark {name}", slug=f"benchmark-{name}", kind="union", is_demonstration=True
    )
    _tag(organization)
    OrganizationIndexPage.objects.get().add_child(instance=organization)
    pages.append(organization)
    owner = User.objects.create_user(f"owner-{name}@{DOMAIN}", None, display_name=name)
    campaign = campaign_start(organization=organization, user=owner, public_id=uuid4(), title=f"Benchmark {name}")
    _tag(campaign)
    pages.append(campaign)
    campaign.save_revision(user=owner).publish(user=owner, skip_permission_checks=True)
    return organization, campaign


def _tag(page: Any) -> None:
    for scheme in (Scheme.INDUSTRY, Scheme.TECHNOLOGY):
        page.set_concepts(scheme, [PROXIES[scheme].objects.order_by("pk")[0]])


def _organizer(run: str, number: int, organization: OrganizationPage, campaign: CampaignPage) -> Organizer:
    user = User.objects.create_user(f"organizer-{run}-{number}@{DOMAIN}", None, display_name=f"Organizer {number}")
    Membership.objects.create(organization=organization, user=user, role=Membership.Role.ORGANIZER)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session_mark(session, begins=True)
    session.create()
    text = f"Update {number} of {run}: the board voted, and sixty days of notice are ours."
    return Organizer(session.session_key, str(campaign.public_id), f"Benchmark update {run}-{number}", text)


def outcome(organizers: list[Organizer]) -> dict[str, int]:
    """Return what became of their updates: published once, published more than once, lost, found by search."""
    updates = CampaignUpdatePage.objects.filter(title__in=[each.title for each in organizers]).live()
    said = {(update.title, _text(update)) for update in updates}
    times = Counter(update.title for update in updates)
    return {
        "published_once": sum(times[each.title] == 1 and (each.title, each.text) in said for each in organizers),
        "published_twice": sum(number > 1 for number in times.values()),
        "lost": sum((each.title, each.text) not in said for each in organizers),
        "found_by_search": Document.objects.present().filter(page_id__in=updates.values("pk")).count(),
    }


def _text(update: CampaignUpdatePage) -> str:
    return read(update.text).html.removeprefix("<p>").removesuffix("</p>")
