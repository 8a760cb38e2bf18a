"""Campaigns: started for an organization, written in steps."""

import uuid

from django.db import transaction
from wagtail.models import Page

from cms.campaigns.models import CampaignIndexPage, CampaignOrganization, CampaignPage
from cms.organizations.models import OrganizationPage
from coalition.accounts.models import User
from coalition.organizing.drafts import UNTITLED
from coalition.organizing.selectors import LEADS


@transaction.atomic
def campaign_start(
    *, organization: OrganizationPage, user: User, public_id: uuid.UUID, title: str, standfirst: str = ""
) -> CampaignPage:
    """Make the draft of a campaign that an organization leads. The same id is the same campaign, however often sent.

    Raises:
        CampaignIndexPage.DoesNotExist: the site has no list of campaigns.
        LookupError: another organization's campaign has this id.
    """
    index = CampaignIndexPage.objects.get()
    # Who comes second waits here, and finds what the first has made.
    parent = Page.objects.select_for_update().get(pk=index.pk)
    known = CampaignPage.objects.filter(public_id=public_id).first()
    if known is not None:
        if not known.organization_links.filter(organization=organization, role=LEADS).exists():
            raise LookupError("Another organization's campaign has this id.")
        return known
    page = CampaignPage(
        public_id=public_id,
        title=title.strip() or UNTITLED,
        standfirst=standfirst.strip(),
        slug=f"draft-{public_id.hex[:12]}",
        live=False,
        owner=user,
        locale_id=parent.locale_id,
        is_demonstration=organization.is_demonstration,
    )
    page.organization_links.set([CampaignOrganization(organization=organization, role=LEADS, sort_order=0)])
    Page.objects.get(pk=index.pk).add_child(instance=page)
    page.save_revision(user=user, clean=False, log_action=True)
    return page
