"""Introductions between organizations, what they write to each other afterwards, and blocks."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.organizations.models import OrganizationPage


class Introduction(models.Model):
    """One organization asks another to be introduced. Contacts are shared once both have said yes, and both ways.

    What the one that asked sees never tells a no from silence, nor either from a block.
    """

    class State(models.TextChoices):
        """How it stands. Declined and unheard look like waiting to those who asked, until its time is over."""

        WAITING = "waiting", _("waits for an answer")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        # The other side has blocked those who asked, or has said no to them within the month: it was never shown.
        UNHEARD = "unheard", _("never shown")
        WITHDRAWN = "withdrawn", _("taken back")
        ENDED = "ended", _("ended")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    asking = models.ForeignKey(
        OrganizationPage, verbose_name=_("asks"), on_delete=models.CASCADE, related_name="introductions_asked"
    )
    asked = models.ForeignKey(
        OrganizationPage, verbose_name=_("is asked"), on_delete=models.CASCADE, related_name="introductions_received"
    )
    note = models.TextField(_("note"), max_length=1500)
    reason = models.CharField(_("what both share"), max_length=500, blank=True)
    asking_contact = models.CharField(_("whom to reach there"), max_length=255)
    asked_contact = models.CharField(_("whom to reach there"), max_length=255, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.WAITING)
    # The other side had said no before those who asked, who do not know that, took it back.
    was_declined = models.BooleanField(default=False, editable=False)
    created = models.DateTimeField(_("asked on"), default=timezone.now, editable=False)
    expires = models.DateTimeField(_("answer until"))
    changed = models.DateTimeField(_("changed"), default=timezone.now, editable=False)

    class Meta:
        """Nobody asks twice at once, nor is introduced to themselves."""

        verbose_name = _("introduction")
        verbose_name_plural = _("introductions")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(asking=F("asked")), name="allies_not_oneself"),
            models.UniqueConstraint(
                fields=["asking", "asked"], condition=Q(state="accepted"), name="allies_introduced_once"
            ),
        ]

    def __str__(self) -> str:
        """Return both organizations."""
        return f"{self.asking} – {self.asked}"

    @property
    def is_over(self) -> bool:
        """Whether the time for an answer has passed."""
        return self.expires <= timezone.now()

    @property
    def is_answerable(self) -> bool:
        """Whether the other side can still say yes or no."""
        return self.state == self.State.WAITING and not self.is_over

    def other(self, organization_id: int) -> OrganizationPage:
        """Return the organization on the other side."""
        return self.asked if organization_id == self.asking_id else self.asking


class Message(models.Model):
    """Something one side writes to the other, after both have agreed."""

    introduction = models.ForeignKey(Introduction, on_delete=models.CASCADE, related_name="messages")
    organization = models.ForeignKey(
        OrganizationPage, on_delete=models.CASCADE, related_name="+", verbose_name=_("organization")
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField(_("message"), max_length=5000)
    created = models.DateTimeField(default=timezone.now, editable=False)
    # When anybody of the other side first had it on their screen.
    read = models.DateTimeField(null=True, editable=False)
    # The form it came from: sent twice, it is written once.
    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)

    class Meta:
        """In the order in which they were written."""

        ordering: ClassVar = ["created", "pk"]

    def __str__(self) -> str:
        """Return whose it is, not what it says."""
        return str(self.organization)


class Block(models.Model):
    """An organization wants to hear nothing from another. The other is not told."""

    organization = models.ForeignKey(OrganizationPage, on_delete=models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey(OrganizationPage, on_delete=models.CASCADE, related_name="blocked_by")
    since = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        """Once is enough."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "blocked"], name="allies_blocked_once"),
        ]

    def __str__(self) -> str:
        """Return both organizations."""
        return f"{self.organization} – {self.blocked}"
