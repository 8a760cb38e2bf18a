"""Who reads a submission, notes among moderators, who may not open it, and the log of who opened what."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from coalition.intake.models import Submission
from coalition.intake.sealing import Sealed, SealedField


class Charge(models.Model):
    """Who has a submission in hand: nobody, or one moderator."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.OneToOneField(Submission, on_delete=models.CASCADE, related_name="charge")
    moderator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        """One a submission."""

        verbose_name = _("charge")
        verbose_name_plural = _("charges")

    def __str__(self) -> str:
        """Return the kind of row, and nothing of it."""
        return str(self._meta.verbose_name)


class Note(Sealed):
    """What moderators write for each other. The teller does not see it; it goes with the original."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="notes")
    number = models.PositiveIntegerField(editable=False)
    moderator = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    text = SealedField(editable=False)
    day = models.DateField(_("day"), editable=False)

    class Meta:
        """In the order in which they were written."""

        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering: ClassVar = ["submission", "number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["submission", "number"], name="intake_note_number")]


class Named(Sealed):
    """The organizations that a submission names, as a sealed list of their pages' public ids: their people are held.

    Once the original is gone, the public ids of the moderators who were held stand there instead.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.OneToOneField(Submission, on_delete=models.CASCADE, related_name="named")
    organizations = SealedField(null=True, editable=False)

    class Meta:
        """One a submission."""

        verbose_name = _("named organizations")
        verbose_name_plural = _("named organizations")


class Exemption(models.Model):
    """An administrator lets a moderator open what names an organization of theirs. The log says why."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="exemptions")
    moderator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        """One a submission and moderator."""

        verbose_name = _("exemption")
        verbose_name_plural = _("exemptions")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["submission", "moderator"], name="intake_exempted_once")
        ]

    def __str__(self) -> str:
        """Return the kind of row, and nothing of it."""
        return str(self._meta.verbose_name)


class Opening(models.Model):
    """Somebody opened something: who, what, on which day, and why. For two years it outlives what was opened."""

    class What(models.TextChoices):
        """What was opened."""

        WORDS = "words", _("what was told")
        WHO = "who", _("how to reach the teller")
        EXEMPTED = "exempted", _("a hold was lifted")
        HANDED = "handed", _("handed to a moderator")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission_id = models.UUIDField(editable=False, db_index=True)
    who = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    # The name of whoever deleted their account since: the log has its two years.
    signed = models.CharField(_("name"), max_length=254, blank=True, editable=False)
    # To whom it was handed, or for whom a hold was lifted.
    whom = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    what = models.CharField(_("what"), max_length=10, choices=What.choices, editable=False)
    reason = models.TextField(_("reason"), blank=True, editable=False)
    day = models.DateField(_("day"), editable=False)

    class Meta:
        """The newest first."""

        verbose_name = _("opening")
        verbose_name_plural = _("openings")
        ordering: ClassVar = ["-day", "id"]

    def __str__(self) -> str:
        """Return what was opened."""
        return self.get_what_display()
