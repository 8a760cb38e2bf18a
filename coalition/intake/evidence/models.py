"""A file that a teller sent. In clear stand a state, a day and random names; all that says what it is is sealed."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from coalition.intake.sealing import Sealed, SealedField


class Evidence(Sealed):
    """A file of a submission.

    ``about`` is ``{"name", "declared", "mark", "size", "kind", "sha256"}``: what the file was called and said to be on
    the teller's device, then what was found in it. ``key`` is what its chunks are encrypted with, in hexadecimal
    digits. ``copy`` is ``{"key", "kind", "size"}`` of the copy for moderators.
    """

    class State(models.TextChoices):
        """How far it has come. What is refused leaves no row."""

        ARRIVING = "arriving", _("arriving")
        WHOLE = "whole", _("here")

    class Copying(models.TextChoices):
        """Whether moderators can have a copy."""

        WAITING = "waiting", _("a copy is being made")
        MADE = "made", _("cleaned copy")
        NONE = "none", _("no clean copy can be made of this file; ask the teller for a photo of it, or what it says")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey("intake.Submission", on_delete=models.CASCADE, related_name="evidence")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ARRIVING)
    copying = models.CharField(_("copy"), max_length=10, choices=Copying.choices, default=Copying.WAITING)
    # How often making a copy was begun: what ends the process every time is given up.
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    # Names in the folder of files.
    file = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    copy_file = models.UUIDField(unique=True, null=True, editable=False)
    # How many chunks have arrived of one that comes in pieces.
    chunks = models.PositiveIntegerField(default=0, editable=False)
    about = SealedField(editable=False)
    key = SealedField(editable=False)
    copy = SealedField(null=True, editable=False)
    day = models.DateField(_("day"), editable=False)

    class Meta:
        """The order tells days and nothing finer."""

        app_label = "intake"
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering: ClassVar = ["day", "id"]
        indexes: ClassVar = [models.Index(fields=["state", "copying"], name="intake_file_state")]
