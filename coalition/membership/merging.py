"""Two entries that are one organization become one: all of the one goes to the other, and its address leads there."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, Site

from cms.base.gathering import gathered, pages_changed
from cms.campaigns.models import CampaignOrganization
from cms.organizations.models import OrganizationPage
from coalition.membership.members import membership_add
from coalition.membership.models import Application, Invitation, Membership
from coalition.membership.signals import organizations_merged


@transaction.atomic
def organization_merge(*, gone: OrganizationPage, kept: OrganizationPage) -> OrganizationPage:
    """Merge one organization into another, which keeps its own profile.

    Raises:
        ValidationError: both are the same, or the one to keep is no longer published.
    """
    # In one order, so that two editors who merge them the other way round do not wait for each other forever.
    locked = {
        page.pk: page
        for page in OrganizationPage.objects.select_for_update(of=("self",))
        .filter(pk__in=[gone.pk, kept.pk])
        .order_by("pk")
    }
    if gone.pk == kept.pk or len(locked) < 2:
        raise ValidationError(_("Choose two different organizations."))
    gone, kept = locked[gone.pk], locked[kept.pk]
    if not kept.live:
        raise ValidationError(_("The organization to keep is not published. Publish it first."))
    with gathered():
        campaigns = _campaigns_move(gone=gone, kept=kept)
        for membership in Membership.objects.filter(organization=gone).order_by("pk"):
            membership_add(organization=kept, user=membership.user, role=membership.role)
        Invitation.objects.filter(organization=gone, state=Invitation.State.OPEN).update(state=Invitation.State.REVOKED)
        for application in Application.objects.filter(organization=gone, kind=Application.Kind.JOIN):
            if not Application.objects.filter(organization=kept, user=application.user, state="open").exists():
                application.organization = kept
                application.save(update_fields=["organization"])
        gone.affiliated_participations.update(organization=kept)
        OrganizationPage.objects.filter(parent_organization=gone).exclude(pk=kept.pk).update(parent_organization=kept)
        organizations_merged.send(sender=OrganizationPage, kept=kept, gone=gone)
        old = gone.relative_url(None)
        Page.objects.get(pk=gone.pk).specific.delete()
        if old:
            Redirect.objects.update_or_create(
                old_path=Redirect.normalise_path(old),
                site=Site.objects.filter(is_default_site=True).first(),
                defaults={"redirect_page": kept, "is_permanent": True},
            )
        pages_changed([*campaigns, kept.pk])
    return kept


def _campaigns_move(*, gone: OrganizationPage, kept: OrganizationPage) -> list[int]:
    changed = []
    for link in CampaignOrganization.objects.filter(organization=gone):
        own = CampaignOrganization.objects.filter(campaign=link.campaign, organization=kept).first()
        if own is None:
            link.organization = kept
            link.save(update_fields=["organization"])
        else:
            if link.role == CampaignOrganization.Role.LEADS:
                own.role = link.role
                own.save(update_fields=["role"])
            link.delete()
        changed.append(link.campaign_id)
    return changed
