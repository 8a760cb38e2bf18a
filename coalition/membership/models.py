"""Belonging to an organization, and what an organization has settled for itself."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
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


class Invitation(models.Model):
    """An organization asks somebody by mail to belong to it. Whoever reads this table cannot use one."""

    class State(models.TextChoices):
        """What became of it. One that is open ends with its time."""

        OPEN = "open", _("open")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        REVOKED = "revoked", _("taken back")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(
        OrganizationPage, verbose_name=_("organization"), on_delete=models.CASCADE, related_name="invitations"
    )
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=12, choices=Membership.Role.choices)
    # SHA-256 of the token in the mail's link.
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("invited by")
    )
    created = models.DateTimeField(_("sent"), default=timezone.now, editable=False)
    expires = models.DateTimeField(_("ends"))
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.OPEN)

    class Meta:
        """An address has one open invitation to an organization."""

        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints: ClassVar = [
            models.UniqueConstraint(
                "organization", Lower("email"), condition=Q(state="open"), name="membership_invited_once"
            ),
        ]

    def __str__(self) -> str:
        """Return to what, not whom."""
        return str(self.organization)

    @property
    def is_open(self) -> bool:
        """Whether it can still be accepted."""
        return self.state == self.State.OPEN and self.expires > timezone.now()


class Application(models.Model):
    """Somebody asks to bring in an organization, to keep the page of one, or to belong to one."""

    class Kind(models.TextChoices):
        """What is asked for. Editors decide on the first two, an organization's owners on the third."""

        NEW = "new", _("a new organization")
        CLAIM = "claim", _("to keep an organization’s page")
        JOIN = "join", _("to belong to an organization")

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open", _("waits")
        APPROVED = "approved", _("approved")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("asks for"), max_length=8, choices=Kind.choices)
    organization = models.ForeignKey(
        OrganizationPage, verbose_name=_("organization"), on_delete=models.CASCADE, related_name="applications"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="applications"
    )
    note = models.TextField(
        _("who you are there"),
        max_length=1000,
        help_text=_("Your role, and how we can check it: a page that names you, or somebody we can call."),
    )
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.OPEN)
    answer = models.TextField(_("answer"), max_length=1000, blank=True)
    created = models.DateTimeField(_("asked"), default=timezone.now, editable=False)
    decided = models.DateTimeField(_("decided"), null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    class Meta:
        """Nobody asks twice at once."""

        verbose_name = _("application")
        verbose_name_plural = _("applications")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "user"], condition=Q(state="open"), name="membership_asked_once"
            ),
        ]

    def __str__(self) -> str:
        """Return what is asked for, and of whom."""
        return f"{self.get_kind_display()}: {self.organization}"
