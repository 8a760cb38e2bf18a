"""What waits for organizers, and where they go from their own page."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.models import WorkflowState

from cms.campaigns.models import CampaignOrganization, CampaignUpdatePage
from coalition.accounts.models import User
from coalition.accounts.needs import Need, needs_you
from coalition.accounts.permissions import may
from coalition.accounts.places import Place, places_for
from coalition.membership.selectors import organized_by
from coalition.organizing.models import JoinRequest, OrganizationReview
from coalition.organizing.reviewing import page_of, waiting_for
from coalition.organizing.selectors import LEADS


@needs_you
def requests_to_answer(user: User) -> Iterable[Need]:
    """Return requests to join that one of somebody's organizations has to answer."""
    mine = list(organized_by(user).values_list("pk", flat=True))
    if not mine:
        return
    led = CampaignOrganization.objects.filter(organization__in=mine, role=LEADS).values("campaign_id")
    waiting = (
        JoinRequest.objects.filter(state=JoinRequest.State.OPEN)
        .select_related("organization", "campaign")
        .prefetch_related("unheard_by")
    )
    to_us = waiting.filter(is_invitation=True, organization__in=mine)
    to_campaigns = waiting.filter(is_invitation=False, campaign__in=led)
    for request in [*to_us, *to_campaigns]:
        if not may(user, "campaign.join.answer", request):
            continue
        names = {"organization": request.organization.title, "campaign": request.campaign.draft_title}
        sentence = (
            _("%(organization)s is asked to join the campaign “%(campaign)s”.")
            if request.is_invitation
            else _("%(organization)s asks to join the campaign “%(campaign)s”.")
        )
        address = reverse("campaign_join_request", args=[request.public_id])
        yield Need(sentence % names, address, _("Answer"), request.created)


@needs_you
def texts_to_read(user: User) -> Iterable[Need]:
    """Return what somebody is asked to read before it is published."""
    for review in waiting_for(user):
        page = page_of(review)
        if page is not None:
            sentence = _("“%(title)s” waits to be read before it is published.") % {"title": page.draft_title}
            yield Need(sentence, reverse("update_review", args=[page.public_id]), _("Read"), review.started_at)


@needs_you
def texts_sent_back(user: User) -> Iterable[Need]:
    """Return what somebody wrote and got back."""
    states = WorkflowState.objects.filter(
        requested_by=user,
        status=WorkflowState.STATUS_NEEDS_CHANGES,
        current_task_state__task__in=OrganizationReview.objects.all(),
    ).select_related("current_task_state")
    for state in states:
        page = page_of(state.current_task_state)
        if page is None:
            continue
        name = "update_edit" if isinstance(page, CampaignUpdatePage) else "campaign_manage"
        sentence = _("“%(title)s” was sent back to you: %(comment)s") % {
            "title": page.draft_title,
            "comment": state.current_task_state.comment,
        }
        since = state.current_task_state.finished_at or state.created_at
        yield Need(sentence, reverse(name, args=[page.public_id]), _("Go on writing"), since)


@places_for
def campaigns_of_mine(user: User) -> Iterable[Place]:
    """Lead organizers to their campaigns."""
    if organized_by(user).exists():
        yield Place(_("Your campaigns"), reverse("campaign_mine"), _("Start one, post an update."))
