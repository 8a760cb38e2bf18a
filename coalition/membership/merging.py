"""Two entries that are one organization become one: all of the one goes to the other, and its address leads there."""

from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, Revision, Site

from cms.base.drafts import in_every_draft
from cms.base.gathering import gathered, pages_changed
from cms.campaigns.models import CampaignOrganization, CampaignPage
from cms.organizations.models import OrganizationPage
from coalition.membership.applications import applications_move
from coalition.membership.members import membership_add
from coalition.membership.models import Invitation, Membership, Practice
from coalition.membership.selectors import reviews_first
from coalition.membership.signals import organizations_merged

P = TypeVar("P", CampaignPage, OrganizationPage)


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
        applications_move(gone=gone, kept=kept)
        _practice_stays(gone=gone, kept=kept)
        gone.affiliated_participations.update(organization=kept)
        _affiliates_move(gone=gone, kept=kept)
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


def _practice_stays(*, gone: OrganizationPage, kept: OrganizationPage) -> None:
    """Of two practices the stricter holds: nobody's texts are public unread because two entries were one."""
    if reviews_first(gone):
        Practice.objects.update_or_create(organization=kept, defaults={"publishing": Practice.Publishing.REVIEW})


def _campaigns_move(*, gone: OrganizationPage, kept: OrganizationPage) -> list[int]:
    """Put the one where the other was, in campaigns as they are stored and in what waits; return those stored."""

    def replace(page: CampaignPage) -> None:
        page.organization_links.set(_replaced(list(page.organization_links.all()), gone=gone, kept=kept))

    stored = set(gone.campaign_links.values_list("campaign_id", flat=True))
    drafted = _drafted(content__organization_links__contains=[{"organization": gone.pk}])
    for campaign in _locked(CampaignPage, stored | drafted):
        in_every_draft(campaign, replace)
        if campaign.pk in stored:
            # Its rows alone: the campaign says nothing new, and what the gate would ask of it now is another matter.
            own = list(campaign.organization_links.all())
            stay = _replaced(own, gone=gone, kept=kept)
            for link in stay:
                link.save(update_fields=["organization", "organization_name", "role"])
            CampaignOrganization.objects.filter(pk__in={link.pk for link in own} - {link.pk for link in stay}).delete()
    return sorted(stored)


def _replaced(
    links: list[CampaignOrganization], *, gone: OrganizationPage, kept: OrganizationPage
) -> list[CampaignOrganization]:
    own = next((link for link in links if link.organization_id == kept.pk), None)
    stay = []
    for link in links:
        if link.organization_id == gone.pk and own is not None:
            if link.role == CampaignOrganization.Role.LEADS:
                own.role = link.role
            continue
        if link.organization_id == gone.pk:
            link.organization, own = kept, link
            link.keep_name()
        stay.append(link)
    return stay


def _affiliates_move(*, gone: OrganizationPage, kept: OrganizationPage) -> None:
    """Put the one above what the other was above, in what is stored and in what waits."""

    def replace(page: OrganizationPage) -> None:
        if page.parent_organization_id == gone.pk:
            page.parent_organization = kept if page.pk != kept.pk else None

    stored = OrganizationPage.objects.filter(parent_organization=gone).exclude(pk=kept.pk)
    ids = set(stored.values_list("pk", flat=True)) | _drafted(content__parent_organization=gone.pk)
    for organization in _locked(OrganizationPage, ids - {gone.pk}):
        in_every_draft(organization, replace)
    stored.update(parent_organization=kept)


def _drafted(**says: Any) -> set[int]:
    """Return the ids of pages of which a revision says something."""
    return {int(pk) for pk in Revision.page_revisions.filter(**says).values_list("object_id", flat=True)}


def _locked(model: type[P], ids: set[int]) -> list[P]:
    list(Page.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    return list(model.objects.filter(pk__in=ids).order_by("pk"))
