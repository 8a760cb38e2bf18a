"""People, organizations and campaigns for the tests of organizing; everybody comes in through the public door."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from cms.campaigns.models import CampaignOrganization, CampaignPage
from cms.organizations.models import OrganizationPage
from coalition.accounts.models import User
from coalition.membership.models import Membership, Practice
from tests import factories


def person(organization: OrganizationPage | None = None, role: str = "organizer", **more: Any) -> User:
    """Return somebody; with an organization, somebody of it. Owners have the second lock that they need."""
    user = factories.user(**{"second_lock": role == "owner", **more})
    if organization is not None:
        Membership.objects.create(organization=organization, user=user, role=role)
    return user


def campaign_led_by(organization: OrganizationPage, *, live: bool = True, **fields: Any) -> CampaignPage:
    """Return a campaign that an organization leads."""
    campaign = factories.campaign(live=live, **fields)
    campaign.organization_links.add(CampaignOrganization(organization=organization, role="leads"))
    campaign.save()
    return campaign


def reviewed(organization: OrganizationPage) -> None:
    """Have an organization's texts read before they are published."""
    Practice.objects.create(organization=organization, publishing="review")


@dataclass
class Team:
    """An organization with its organizer and owner, their browsers, and a campaign it leads."""

    organization: OrganizationPage = field(default_factory=lambda: factories.organization("Local 1"))

    def __post_init__(self) -> None:
        self.organizer = person(self.organization)
        self.owner = person(self.organization, "owner")
        self.client, self.owners_client = factories.client_of(self.organizer), factories.client_of(self.owner)
        self.campaign = campaign_led_by(self.organization, title="No algorithm boss")

    def new_update(self) -> str:
        """Return the address at which a new update is written."""
        response = self.client.get(f"/organize/campaigns/{self.campaign.public_id}/updates/new/")
        assert response.status_code == 302
        return urlsplit(response["Location"]).path


@pytest.fixture
def team(db: None) -> Team:
    """An organization whose people are signed in, with a live campaign."""
    return Team()


def fields(**more: Any) -> dict[str, Any]:
    """Return what the form of an update posts."""
    return {
        "version": "",
        "title": "We won notice",
        "text": "The board voted.\n\n- sixty days",
        "date": timezone.localdate().isoformat(),
        "do": "draft",
        **more,
    }


def version_on(response: Any) -> str:
    """Return the version that a page's form carries."""
    return str(response.context["version"])
