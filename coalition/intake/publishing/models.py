"""A text for the public, the yes to it, and what ties a page to what was told; in days, and sealed.

No column here can be compared with anything public without the pepper: a plain hash of a public text would lead
whoever has a copy of the database from the page to its teller.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from coalition.intake.models import Submission
from coalition.intake.sealing import Sealed, SealedField


class Proposal(Sealed):
    """A text for the public. ``content`` is one JSON object of every public field, see ``fields``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="proposals")
    # The first, second… of its submission.
    number = models.PositiveIntegerField(editable=False)
    # A draft is the moderator's; what was sent is not changed any more.
    is_sent = models.BooleanField(default=False, editable=False)
    content = SealedField(editable=False)

    class Meta:
        """A submission's own, in their order."""

        verbose_name = _("text for the public")
        verbose_name_plural = _("texts for the public")
        ordering: ClassVar = ["submission", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["submission", "number"], name="intake_proposal_number"),
            models.UniqueConstraint(
                fields=["submission"], condition=models.Q(is_sent=False), name="intake_proposal_one_draft"
            ),
        ]


class Consent(Sealed):
    """The teller's yes to one text. ``shown`` is what the page says since its release: the same, or coarser."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.OneToOneField(Submission, on_delete=models.CASCADE, related_name="consent")
    proposal = models.OneToOneField(Proposal, on_delete=models.CASCADE, related_name="consent")
    # A keyed hash of the SHA-256 of every public field that the yes was for.
    digest = models.BinaryField(max_length=32, editable=False)
    day = models.DateField(_("day of the yes"), editable=False)
    # Not before this day it is released; empty from then on. No page shows it.
    due_on = models.DateField(null=True, editable=False, db_index=True)
    shown = SealedField(null=True, editable=False)

    class Meta:
        """One a submission."""

        verbose_name = _("yes")
        verbose_name_plural = _("yeses")


class Tie(models.Model):
    """That a page came from a submission: a keyed hash of the page's public id, on this side alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.OneToOneField(Submission, on_delete=models.CASCADE, related_name="tie")
    tie = models.BinaryField(max_length=32, unique=True, editable=False)

    class Meta:
        """One a submission."""

        verbose_name = _("tie")
        verbose_name_plural = _("ties")

    def __str__(self) -> str:
        """Return the kind of row, and nothing of it."""
        return str(self._meta.verbose_name)


class Passed(models.Model):
    """A page that was let through the gate, and a hash of its public columns: what the database's triggers go by.

    It names no submission: of a page that came from here it says what everybody sees, in whatever order.
    """

    public_id = models.UUIDField(primary_key=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)

    class Meta:
        """One a page."""

        verbose_name = _("released page")
        verbose_name_plural = _("released pages")

    def __str__(self) -> str:
        """Return the page's public id."""
        return str(self.public_id)
