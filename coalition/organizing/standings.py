"""What somebody is to a campaign, an update, a request to join, a review; and in which state each of these is."""

from collections.abc import Iterable

from wagtail.models import TaskState

from cms.base.models import BasePage
from cms.campaigns.models import CampaignOrganization, CampaignPage, CampaignUpdatePage
from coalition.accounts.models import User
from coalition.accounts.permissions import state_of
from coalition.accounts.roles import Role, standing_to
from coalition.membership.standings import standing_in
from coalition.organizing.models import JoinRequest
from coalition.organizing.selectors import campaign_of, leader_ids


@standing_to(CampaignPage, CampaignUpdatePage)
def to_page(user: User, page: CampaignPage | CampaignUpdatePage) -> Iterable[Role]:
    """Return what somebody is to the organizations that lead the campaign."""
    campaign = campaign_of(page)
    return standing_in(user, leader_ids(campaign)) if campaign else set()


@standing_to(CampaignOrganization)
def to_participation(user: User, link: CampaignOrganization) -> Iterable[Role]:
    """Return what somebody is to an organization's part in a campaign: in that organization, or in a leading one."""
    own = [link.organization_id] if link.organization_id else []
    return standing_in(user, [*own, *leader_ids(link.campaign)])


@standing_to(JoinRequest)
def to_request(user: User, request: JoinRequest) -> Iterable[Role]:
    """Return what somebody is to a request: on the side that answers; or on the side that asked, whose it is.

    To an organization that has blocked those who asked it does not exist.
    """
    organization, leaders = [request.organization_id], leader_ids(request.campaign)
    answers, asks = (organization, leaders) if request.is_invitation else (leaders, organization)
    asked = standing_in(user, asks) & {Role.ORGANIZER, Role.OWNER}
    unheard = {each.pk for each in request.unheard_by.all()}
    return standing_in(user, set(answers) - unheard) | ({Role.SELF} if asked else set())


@standing_to(TaskState)
def to_review(user: User, review: TaskState) -> Iterable[Role]:
    """Return what somebody is to a review: of their own text they are the author, and nothing else."""
    state = review.workflow_state
    if state.requested_by_id == user.pk:
        return {Role.SELF}
    page = state.content_object.specific if state.content_object else None
    return to_page(user, page) if isinstance(page, CampaignPage | CampaignUpdatePage) else set()


@state_of(CampaignPage, CampaignUpdatePage)
def state_of_page(page: BasePage) -> str:
    """Return ``draft``, ``scheduled``, ``live``, ``unpublished`` (once live), ``in-review``, or ``live-in-review``.

    The last is a change of what is live that somebody has yet to read.
    """
    if page.workflow_in_progress:
        return "live-in-review" if page.live else "in-review"
    if page.live:
        return "live"
    if page.revisions.filter(approved_go_live_at__isnull=False).exists():
        return "scheduled"
    return "unpublished" if page.first_published_at else "draft"


@state_of(JoinRequest)
def state_of_request(request: JoinRequest) -> str:
    """Return its state."""
    return request.state


@state_of(TaskState)
def state_of_review(review: TaskState) -> str:
    """Return whether it still waits."""
    return "open" if review.status == TaskState.STATUS_IN_PROGRESS else "answered"
