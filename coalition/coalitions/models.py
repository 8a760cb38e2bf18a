"""Who belongs to a coalition, and its calendar. The coalition itself is an organization like any other.

So it has a page, people, campaigns, allies and followers by the same roads, and what is added is here.
"""

import uuid
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cms.organizations.models import OrganizationPage

# The kinds of organizations that others can belong to.
GROUPS = (OrganizationPage.Kind.COALITION, OrganizationPage.Kind.FEDERATION)


class Affiliation(models.Model):
    """An organization belongs to a coalition, once one side has asked and the other has said yes."""

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open", pgettext_lazy("request", "open")
        ACCEPTED = "accepted", pgettext_lazy("request", "accepted")
        DECLINED = "declined", pgettext_lazy("request", "declined")
        WITHDRAWN = "withdrawn", pgettext_lazy("request", "withdrawn")
        ENDED = "ended", pgettext_lazy("request", "ended")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    coalition = models.ForeignKey(
        OrganizationPage, verbose_name=_("coalition"), on_delete=models.CASCADE, related_name="affiliated"
    )
    member = models.ForeignKey(
        OrganizationPage, verbose_name=_("member"), on_delete=models.CASCADE, related_name="affiliations"
    )
    # True: the coalition asks, and the organization answers. False: the other way round.
    is_invitation = models.BooleanField(_("asked by the coalition"))
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.OPEN)
    # Whoever would answer has blocked those who asked: it was never shown.
    is_unheard = models.BooleanField(default=False, editable=False)
    created = models.DateTimeField(_("asked"), default=timezone.now, editable=False)
    changed = models.DateTimeField(_("changed"), default=timezone.now, editable=False)

    class Meta:
        """A pair stands in one relation at a time."""

        verbose_name = _("affiliation")
        verbose_name_plural = _("affiliations")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["coalition", "member"],
                condition=Q(state__in=["open", "accepted"]),
                name="coalitions_affiliated_once",
            ),
            models.CheckConstraint(condition=~Q(coalition=F("member")), name="coalitions_not_oneself"),
        ]

    def __str__(self) -> str:
        """Return both names."""
        return f"{self.member} – {self.coalition}"

    @property
    def answering(self) -> OrganizationPage:
        """Return the side that says yes or no."""
        return self.member if self.is_invitation else self.coalition

    @property
    def asking(self) -> OrganizationPage:
        """Return the side that asked."""
        return self.coalition if self.is_invitation else self.member


class CalendarEntry(models.Model):
    """A date in a coalition's shared calendar."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    coalition = models.ForeignKey(OrganizationPage, on_delete=models.CASCADE, related_name="calendar_entries")
    organization = models.ForeignKey(
        OrganizationPage, verbose_name=_("whose it is"), on_delete=models.CASCADE, related_name="+"
    )
    title = models.CharField(_("what"), max_length=160)
    starts = models.DateTimeField(_("begins"))
    ends = models.DateTimeField(_("ends"), null=True, blank=True)
    place = models.CharField(_("where"), max_length=255, blank=True)
    link = models.URLField(_("link"), blank=True)
    note = models.TextField(_("note"), blank=True, max_length=1000)
    created = models.DateTimeField(default=timezone.now, editable=False)
    changed = models.DateTimeField(auto_now=True)

    class Meta:
        """Soonest first."""

        verbose_name = _("date")
        verbose_name_plural = _("dates")
        ordering: ClassVar = ["starts", "pk"]

    def __str__(self) -> str:
        """Return what happens."""
        return self.title

    def clean(self) -> None:
        """Refuse an end before the beginning."""
        if self.starts and self.ends and self.ends < self.starts:
            raise ValidationError({"ends": _("It ends before it begins. Mend one of the two.")})
