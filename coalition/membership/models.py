"""Belonging to an organization, and what an organization has settled for itself."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.organizations.models import OrganizationPage


class Membership(models.Model):
    """Somebody belongs to an organization."""

    class Role(models.TextChoices):
        """What they are there."""

        OWNER = "owner", _("owner")
        ORGANIZER = "organizer", _("organizer")
        MEMBER = "member", _("member")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(
        OrganizationPage, verbose_name=_("organization"), on_delete=models.CASCADE, related_name="memberships"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=12, choices=Role.choices, default=Role.MEMBER)
    since = models.DateTimeField(_("since"), default=timezone.now, editable=False)

    class Meta:
        """Somebody belongs to an organization once."""

        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "user"], name="membership_once"),
            models.CheckConstraint(
                condition=Q(role__in=["owner", "organizer", "member"]), name="membership_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        """Return who and where."""
        return f"{self.user}, {self.organization}"


class Practice(models.Model):
    """What an organization has settled for itself. Without a row, the defaults hold."""

    class Publishing(models.TextChoices):
        """What happens when one of its organizers is done writing."""

        AT_ONCE = "at-once", _("is published at once")
        REVIEW = "review", _("is read by another owner first")

    organization = models.OneToOneField(
        OrganizationPage, verbose_name=_("organization"), on_delete=models.CASCADE, related_name="practice"
    )
    publishing = models.CharField(
        _("what its organizers write"), max_length=12, choices=Publishing.choices, default=Publishing.AT_ONCE
    )

    def __str__(self) -> str:
        """Return the organization's name."""
        return str(self.organization)
