"""What organizers' pages ask: whose campaigns, which updates, who leads."""

import uuid

from django.db.models import QuerySet

from cms.base.models import BasePage
from cms.campaigns.models import CampaignOrganization, CampaignPage, CampaignUpdatePage
from cms.organizations.models import OrganizationPage
from coalition.accounts.models import User
from coalition.accounts.permissions import may
from coalition.organizing.models import JoinRequest

LEADS = CampaignOrganization.Role.LEADS


def leader_ids(campaign: CampaignPage) -> list[int]:
    """Return the ids of the organizations that lead a campaign, as it is stored; asks once a campaign object."""
    known: list[int] | None = getattr(campaign, "_leader_ids", None)
    if known is None:
        links = CampaignOrganization.objects.filter(campaign_id=campaign.pk, role=LEADS, organization__isnull=False)
        known = campaign._leader_ids = list(links.values_list("organization_id", flat=True))
    return known


def leaders_of(campaign: CampaignPage) -> QuerySet[OrganizationPage]:
    """Return the organizations that lead a campaign."""
    return OrganizationPage.objects.filter(pk__in=leader_ids(campaign)).order_by("title", "pk")


def campaign_of(page: BasePage) -> CampaignPage | None:
    """Return the campaign a page is, or is news of; asks once a page object."""
    if isinstance(page, CampaignPage):
        return page
    if not isinstance(page, CampaignUpdatePage):
        return None
    if not hasattr(page, "_its_campaign"):
        page._its_campaign = page.campaign()
    found: CampaignPage | None = page._its_campaign
    return found


def campaign_in(campaign_id: uuid.UUID) -> CampaignPage | None:
    """Return the campaign with a public id."""
    return CampaignPage.objects.filter(public_id=campaign_id).first()


def page_in(public_id: uuid.UUID) -> CampaignPage | CampaignUpdatePage | None:
    """Return the campaign or update with a public id."""
    return campaign_in(public_id) or CampaignUpdatePage.objects.filter(public_id=public_id).first()


def campaigns_led_by(organization: OrganizationPage) -> QuerySet[CampaignPage]:
    """Return the campaigns an organization leads, whatever their state, the latest first."""
    return (
        CampaignPage.objects.filter(organization_links__organization=organization, organization_links__role=LEADS)
        .distinct()
        .order_by("-latest_revision_created_at", "-pk")
    )


def updates_of(campaign: CampaignPage) -> QuerySet[CampaignUpdatePage]:
    """Return a campaign's updates, whatever their state, the latest first."""
    return CampaignUpdatePage.objects.child_of(campaign).order_by("-latest_revision_created_at", "-pk")


def open_requests(campaign: CampaignPage, user: User) -> list[JoinRequest]:
    """Return what is still to be answered about joining a campaign, as far as somebody may see it."""
    waiting = (
        JoinRequest.objects.filter(campaign=campaign, state=JoinRequest.State.OPEN)
        .select_related("organization")
        .prefetch_related("unheard_by")
        .order_by("created", "pk")
    )
    found = list(waiting)
    for request in found:
        # One object: who leads it is asked once.
        request.campaign = campaign
    return [request for request in found if may(user, "campaign.join.see", request)]
