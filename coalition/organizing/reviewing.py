"""An owner reads first: Wagtail's workflow with one step, ``OrganizationReview``, answered here or in the admin."""

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from wagtail.models import TaskState, Workflow, WorkflowState, WorkflowTask

from cms.base.models import BasePage
from cms.campaigns.models import CampaignPage, CampaignUpdatePage
from coalition.accounts.models import User
from coalition.accounts.permissions import may
from coalition.accounts.roles import EDITORS, Actor
from coalition.membership.models import Membership
from coalition.membership.selectors import organized_by, people_of, reviews_first
from coalition.organizing.drafts import campaign_locked, version_of
from coalition.organizing.errors import OrganizingError
from coalition.organizing.models import OrganizationReview
from coalition.organizing.selectors import campaign_of, leaders_of

NAME = gettext_noop("Review by the organization")
_LOCK = 0x6F726776


def is_ours(state: WorkflowState) -> bool:
    """Whether a page is in the organizations' review, and not in a workflow that editors have made."""
    task_state = state.current_task_state
    return task_state is not None and isinstance(task_state.task.specific, OrganizationReview)


@transaction.atomic
def review_workflow_sync() -> Workflow:
    """Return the workflow of the organizations' review; make it, or mend it, where somebody took it away."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    task = OrganizationReview.objects.order_by("pk").first() or OrganizationReview.objects.create(name=NAME)
    if not task.active:
        task.active = True
        task.save(update_fields=["active"])
    workflow = Workflow.objects.filter(workflow_tasks__task=task, active=True).order_by("pk").first()
    if workflow is None:
        workflow = Workflow.objects.create(name=NAME)
        WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    return workflow


def is_reviewed(page: CampaignPage | CampaignUpdatePage, user: User) -> bool:
    """Whether what somebody writes about this campaign is read by somebody else first."""
    campaign = campaign_of(page)
    if campaign is None:
        return False
    mine = set(organized_by(user).values_list("pk", flat=True))
    return any(reviews_first(one) for one in leaders_of(campaign) if one.pk in mine)


def reviewers_of(page: BasePage, author: User | None) -> list[User]:
    """Return who is asked to read: the other owners of the leading organizations; else editors."""
    campaign = campaign_of(page)
    leaders = leaders_of(campaign) if campaign else []
    owners = [owner for owner in people_of(leaders, roles=(Membership.Role.OWNER,)) if owner != author]
    if owners:
        return owners
    active = User.objects.filter(is_active=True)
    editors = (active.filter(groups__name=EDITORS) | active.filter(is_superuser=True)).distinct().order_by("pk")
    return [editor for editor in editors if editor != author]


def may_review(review: TaskState | None, user: Actor) -> bool:
    """Whether somebody may answer a review, as the one table has it: nobody answers their own text's."""
    return review is not None and may(user, "update.review", _plain(review))


def _plain(review: TaskState) -> TaskState:
    """Return a step as the type that standings are registered for."""
    return review if type(review) is TaskState else TaskState.objects.get(pk=review.pk)


def review_of(page: BasePage) -> TaskState | None:
    """Return the step at which a page waits to be read, if it does."""
    state = page.current_workflow_state
    if state is None or state.status != WorkflowState.STATUS_IN_PROGRESS or not is_ours(state):
        return None
    return state.current_task_state


def sent_back(page: BasePage) -> TaskState | None:
    """Return the answer by which a page was sent back to its author, until it is sent in again."""
    state = page.current_workflow_state
    if state is None or state.status != WorkflowState.STATUS_NEEDS_CHANGES or not is_ours(state):
        return None
    return state.current_task_state


def reviews_open() -> list[TaskState]:
    """Return every step that waits, the oldest first."""
    return list(
        TaskState.objects.filter(
            task__in=OrganizationReview.objects.all(),
            status=TaskState.STATUS_IN_PROGRESS,
            workflow_state__status=WorkflowState.STATUS_IN_PROGRESS,
        )
        .select_related("workflow_state__requested_by", "revision")
        .order_by("started_at", "pk")
    )


def waiting_for(user: User) -> list[TaskState]:
    """Return the steps at which somebody is asked to read."""
    found = []
    for review in reviews_open():
        page = page_of(review)
        if page is not None and user in reviewers_of(page, review.workflow_state.requested_by):
            found.append(review)
    return found


def page_of(review: TaskState) -> CampaignPage | CampaignUpdatePage | None:
    """Return the page that waits, as it is stored."""
    stored = review.workflow_state.content_object
    page = stored.specific if stored is not None else None
    return page if isinstance(page, CampaignPage | CampaignUpdatePage) else None


@transaction.atomic
def review_request(*, page: CampaignPage | CampaignUpdatePage, user: User) -> None:
    """Send a page's latest draft to be read. One that was sent back is sent in again; one that waits stays."""
    state = page.current_workflow_state
    if state is not None and state.status == WorkflowState.STATUS_NEEDS_CHANGES:
        state.resume(user=user)
    elif state is None:
        review_workflow_sync().start(page, user)


@transaction.atomic
def review_withdraw(*, page: CampaignPage | CampaignUpdatePage, user: User) -> None:
    """Take a page back, to go on writing. Nothing happens when it no longer waits."""
    state = page.current_workflow_state
    if state is not None and is_ours(state):
        state.cancel(user=user)


@transaction.atomic
def review_answer(*, review: TaskState, user: User, approves: bool, comment: str, version: str) -> None:
    """Approve a page, which publishes it now or when it is due; or send it back with what should change.

    Args:
        review: the step.
        user: who has read.
        approves: or sends back.
        comment: what the author is told; needed to send back.
        version: of the text that was read.

    Raises:
        OrganizingError: somebody has answered, the text has changed since it was read, or there is no comment.
        PublicationRefusedError: the gate says no; the review stays open.
    """
    waiting = page_of(review)
    if waiting is not None:
        campaign_locked(waiting)
    review = TaskState.objects.select_for_update().get(pk=review.pk)
    page = page_of(review)
    if page is None or review.status != TaskState.STATUS_IN_PROGRESS:
        raise OrganizingError(_("Somebody has answered this already. Nothing has changed."))
    if approves and version_of(page.get_latest_revision_as_object()) != version:
        raise OrganizingError(_("The text has changed since you opened it. Read it again."))
    if not approves and not comment.strip():
        raise OrganizingError(_("Say what should change, so that the author knows."))
    action = "approve" if approves else "reject"
    review.task.specific.on_action(review.specific, user, action, comment=comment.strip())
