"""What a change of one page means for campaigns, their updates and their stories."""

from typing import Any

from django.db.models.signals import post_delete, pre_delete
from django.dispatch import receiver
from wagtail.models import Page

from cms.base.gathering import pages_changed
from cms.base.signals import page_stored
from cms.campaigns.models import CampaignPage
from cms.organizations.models import OrganizationPage


@receiver(page_stored, sender=OrganizationPage)
def on_organization(sender: type, page: OrganizationPage, **_more: Any) -> None:
    """A campaign shows its organizations' names, and leaves out those that are not public."""
    pages_changed(page.campaign_links.values_list("campaign_id", flat=True))


@receiver(page_stored, sender=CampaignPage)
def on_campaign(sender: type, page: CampaignPage, **_more: Any) -> None:
    """Updates inherit what their campaign is about; its stories are found by its organizations."""
    updates = Page.objects.child_of(page).values_list("pk", flat=True)
    stories = page.story_links.values_list("story_id", flat=True)
    pages_changed([*updates, *stories])


@receiver(pre_delete, sender=OrganizationPage)
def before_organization_goes(sender: type, instance: OrganizationPage, **_more: Any) -> None:
    """Keep the name of an organization in its campaigns: they stay readable, with a note."""
    instance.campaign_links.update(organization_name=instance.title)
    instance._its_campaigns = list(instance.campaign_links.values_list("campaign_id", flat=True))


@receiver(post_delete, sender=OrganizationPage)
def on_organization_gone(sender: type, instance: OrganizationPage, **_more: Any) -> None:
    """Its campaigns are no longer found by its name."""
    pages_changed(getattr(instance, "_its_campaigns", []))
