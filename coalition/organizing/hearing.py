"""What happens through whichever door: reviews are told of; updates go with their campaign, requests with a merge."""

from typing import Any

from django.db import transaction
from django.dispatch import receiver
from wagtail.models import TaskState, WorkflowState
from wagtail.signals import page_unpublished, task_approved, task_rejected, task_submitted

from cms.campaigns.models import CampaignPage
from cms.organizations.models import OrganizationPage
from coalition.mail.writing import mail_send
from coalition.membership.signals import contact_refused, organizations_merged
from coalition.organizing.joining import unheard_become
from coalition.organizing.models import JoinRequest, OrganizationReview
from coalition.organizing.publishing import updates_follow
from coalition.organizing.reviewing import page_of, reviewers_of


def _is_ours(review: TaskState) -> bool:
    return isinstance(review.task.specific, OrganizationReview)


@receiver(task_submitted)
def on_submitted(sender: Any, instance: TaskState, **_more: Any) -> None:
    """Ask the reviewers by mail."""
    page = page_of(instance) if _is_ours(instance) else None
    if page is None:
        return
    author = instance.workflow_state.requested_by
    for person in reviewers_of(page, author):
        mail_send(
            key=f"review-asked:{instance.pk}:{person.pk}",
            kind="review_asked",
            to=person.email,
            context={"page_title": page.draft_title, "page_id": page.public_id, "author": author},
            language=person.language,
        )


@receiver([task_approved, task_rejected])
def on_answered(sender: Any, instance: TaskState, user: Any = None, **_more: Any) -> None:
    """Tell the author by mail."""
    page = page_of(instance) if _is_ours(instance) else None
    author = instance.workflow_state.requested_by
    if page is None or author is None or author == user or not author.is_active:
        return
    review = TaskState.objects.get(pk=instance.pk)
    with transaction.atomic():
        mail_send(
            key=f"review-answered:{review.pk}",
            kind="review_answered",
            to=author.email,
            context={
                "page_title": page.draft_title,
                "page_id": page.public_id,
                "is_approved": review.status == TaskState.STATUS_APPROVED,
                "comment": review.comment,
                "is_update": hasattr(page, "is_win"),
            },
            language=author.language,
        )


@receiver(page_unpublished, sender=CampaignPage)
def on_unpublished(sender: type[CampaignPage], instance: CampaignPage, **_more: Any) -> None:
    """Take the updates along, where an editor or a date took the campaign off the site."""
    with transaction.atomic():
        updates_follow(campaign=instance, user=None)


@receiver(organizations_merged)
def on_merge(sender: type, kept: OrganizationPage, gone: OrganizationPage, **_more: Any) -> None:
    """Turn requests to join campaigns to the organization that stays, where it is not asked or in the campaign."""
    for request in JoinRequest.objects.filter(unheard_by=gone):
        request.unheard_by.add(kept)
    for request in JoinRequest.objects.select_for_update().filter(organization=gone).order_by("pk"):
        is_settled = (
            request.campaign.organization_links.filter(organization=kept).exists()
            or JoinRequest.objects.filter(campaign=request.campaign, organization=kept, state="open").exists()
        )
        if request.state != JoinRequest.State.OPEN or not is_settled:
            request.organization = kept
            request.save(update_fields=["organization"])


@receiver(contact_refused)
def on_block(sender: type, organization: OrganizationPage, blocked: OrganizationPage, **_more: Any) -> None:
    """Take requests to join away from an organization that no longer hears those who made them."""
    unheard_become(organization=organization, blocked=blocked)


def quieten(notifier: Any) -> Any:
    """Return Wagtail's own notice of a workflow, silent about ours: its mails lead to an admin that owners lack."""

    def tell(sender: Any, instance: WorkflowState, **more: Any) -> Any:
        from coalition.organizing.reviewing import is_ours

        return None if is_ours(instance) else notifier(sender=sender, instance=instance, **more)

    return tell
