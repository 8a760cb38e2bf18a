"""A mail on its way. What it says is kept until it has been handed over, and no longer."""

from collections.abc import Iterable
from typing import ClassVar, Self

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    """Mails by what is to be done with them."""

    def undecided(self) -> Self:
        """Return those that were cut off or refused: a person decides whether they are sent again."""
        return self.filter(state__in=[OutgoingMail.State.UNSURE, OutgoingMail.State.FAILED])

    def to_any(self, addresses: Iterable[str]) -> Self:
        """Return those to one of these addresses, whichever way it is written there."""
        return self.annotate(written=Lower("to")).filter(written__in=[address.lower() for address in addresses])


class OutgoingMail(models.Model):
    """One mail to one person."""

    class State(models.TextChoices):
        """How far it has come."""

        WAITING = "waiting", _("waits")
        # Committed before the mail server hears of it: what is found here after a while was cut off in between.
        HANDING_OVER = "handing-over", _("is being handed over")
        SENT = "sent", _("sent")
        # The server may or may not have taken it: only a person may send it again.
        UNSURE = "unsure", _("cut off: perhaps sent, perhaps not")
        FAILED = "failed", _("refused for good")

    # What it is about, the same for every attempt: two calls with one key are one mail.
    key = models.CharField(_("key"), max_length=200, unique=True)
    kind = models.CharField(_("kind"), max_length=40)
    # Empty once it is sent: what is remembered is that it was, not to whom.
    to = models.EmailField(_("to"), blank=True)
    subject = models.CharField(_("subject"), max_length=255, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict, blank=True)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    problem = models.CharField(_("what went wrong"), max_length=120, blank=True)
    created = models.DateTimeField(_("written"), default=timezone.now, editable=False)
    due = models.DateTimeField(_("next attempt"), default=timezone.now)
    changed = models.DateTimeField(_("changed"), default=timezone.now)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        """What waits is found fast, however much was sent."""

        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mail")
        indexes: ClassVar = [
            models.Index(
                fields=["due", "id"],
                name="mail_unsent",
                condition=models.Q(state__in=["waiting", "handing-over"]),
            ),
            models.Index(fields=["state", "changed"], name="mail_state"),
        ]

    def __str__(self) -> str:
        """Return its kind and state, not to whom it goes."""
        return f"{self.kind}: {self.get_state_display()}"
