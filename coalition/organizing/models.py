"""What organizing keeps beside the pages: who was asked to join a campaign, and the step at which an owner reads."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.models import Task, TaskState

from cms.campaigns.models import CampaignOrganization, CampaignPage
from cms.organizations.models import OrganizationPage


class JoinRequest(models.Model):
    """An organization is asked to join a campaign, or asks to. It is in it only once the other side has said yes."""

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open", pgettext_lazy("request", "open")
        ACCEPTED = "accepted", pgettext_lazy("request", "accepted")
        DECLINED = "declined", pgettext_lazy("request", "declined")
        WITHDRAWN = "withdrawn", pgettext_lazy("request", "withdrawn")

    # Leading is not joined: whoever starts a campaign leads it.
    ROLES: ClassVar = [(role.value, role.label) for role in CampaignOrganization.Role if role.value != "leads"]

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campaign = models.ForeignKey(
        CampaignPage, verbose_name=_("campaign"), on_delete=models.CASCADE, related_name="join_requests"
    )
    organization = models.ForeignKey(
        OrganizationPage, verbose_name=_("organization"), on_delete=models.CASCADE, related_name="join_requests"
    )
    role = models.CharField(_("role"), max_length=12, choices=ROLES, default=CampaignOrganization.Role.TAKES_PART.value)
    # True: the campaign's leaders ask, and the organization answers. False: the other way round.
    is_invitation = models.BooleanField(_("asked by the campaign"))
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("proposed by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    note = models.TextField(_("note"), blank=True, max_length=1000)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.OPEN)
    # Of those who would answer, who has blocked those who asked: it was never shown to them.
    unheard_by = models.ManyToManyField(OrganizationPage, related_name="+", blank=True, editable=False)
    created = models.DateTimeField(_("asked"), default=timezone.now, editable=False)
    answered = models.DateTimeField(_("answered"), null=True, editable=False)

    class Meta:
        """A pair has one open request at a time."""

        verbose_name = _("request to join")
        verbose_name_plural = _("requests to join")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["campaign", "organization"], condition=Q(state="open"), name="organizing_one_open_request"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "accepted", "declined", "withdrawn"]), name="organizing_join_state"
            ),
        ]

    def __str__(self) -> str:
        """Return its state."""
        return str(self.get_state_display())


class OrganizationReview(Task):
    """An owner of the campaign's organization, not its author, reads first; editors do where there is no other owner.

    The same step, whether it is answered below ``/organize/`` or in Wagtail's admin.
    """

    class Meta:
        """How editors see it."""

        verbose_name = _("review by the organization")
        verbose_name_plural = _("reviews by the organization")

    @classmethod
    def get_description(cls) -> str:
        """Return what it is, for whoever builds a workflow."""
        return gettext("An owner of the organization that leads the campaign reads it, or an editor if there is none.")

    def get_actions(self, obj: Any, user: Any) -> list[tuple[str, Any, bool]]:
        """Return what somebody may do at this step, as Wagtail asks for it."""
        from coalition.organizing.reviewing import may_review  # it stands on these models

        if not may_review(obj.current_workflow_task_state, user):
            return []
        return [
            ("reject", _("Send back"), True),
            ("approve", _("Approve"), False),
            ("approve", _("Approve with a comment"), True),
        ]

    def get_task_states_user_can_moderate(self, user: Any, **kwargs: Any) -> Any:
        """Return the steps that wait for somebody, for the admin's start page."""
        from coalition.organizing.reviewing import waiting_for

        waiting = [state.pk for state in waiting_for(user)]
        return TaskState.objects.filter(pk__in=waiting)

    def user_can_access_editor(self, obj: Any, user: Any) -> bool:
        """Whether somebody who could not otherwise may open the page in the admin while it waits."""
        return bool(self.get_actions(obj, user))
