"""What was told, what was written back and forth about it, and what is gone.

Everything that somebody wrote is sealed. In clear stand a state, a language and days; never a time, nothing of who, and
no number that counts up: ids are random.
"""

import uuid
from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from coalition.intake.sealing import Sealed, SealedField
from coalition.intake.states import READABLE, State


class SubmissionQuerySet(models.QuerySet["Submission"]):
    """Reads that are used twice."""

    def readable(self) -> "SubmissionQuerySet":
        """Return what moderators may see: neither drafts nor what was taken back."""
        return self.filter(state__in=READABLE)

    def waiting(self, *, before: date | None = None) -> "SubmissionQuerySet":
        """Return what nobody has begun to read, or what the teller has written something new about.

        Args:
            before: count only what came before that day.
        """
        unread = models.Q(state=State.RECEIVED)
        if before is not None:
            unread &= models.Q(received_on__lt=before)
        return self.with_news(before=before).readable().filter(unread | models.Q(has_news=True))

    def with_news(self, *, before: date | None = None) -> "SubmissionQuerySet":
        """Return them with ``has_news``: whether the teller has written something that nobody has seen."""
        news = Message.objects.filter(submission=models.OuterRef("pk"), from_teller=True, is_seen=False)
        if before is not None:
            news = news.filter(day__lt=before)
        return self.annotate(has_news=models.Exists(news))


class Submission(Sealed):
    """Something told, from the first saved answer until it is deleted.

    ``answers`` is one JSON object as ``coalition.intake.telling.forms`` writes it; ``contact`` is how to reach the
    teller, sealed apart, because only whoever states a reason may open it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    # In which one speaks with the teller; the code's words are of this language, so it stays once there is a code.
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="en")
    answers = SealedField(null=True, editable=False)
    contact = SealedField(null=True, editable=False)
    # The return code, see coalition.intake.codes; ``turn`` says how often another one was asked for.
    locator = models.BinaryField(max_length=32, null=True, unique=True, editable=False)
    verifier = models.BinaryField(max_length=32, null=True, editable=False)
    salt = models.BinaryField(max_length=16, null=True, editable=False)
    turn = models.PositiveSmallIntegerField(default=0, editable=False)
    # A keyed hash of the secret in the draft's cookie; empty again on the day after sending.
    draft_key = models.BinaryField(max_length=32, null=True, unique=True, editable=False)
    received_on = models.DateField(_("received on"), null=True, editable=False)
    # On this day the whole row goes; empty while something is agreed or public.
    expires_on = models.DateField(_("kept until"), null=True, editable=False)
    # On this day the original goes (answers, contact, messages, files), counted from the first yes,
    # whatever has become of that; code and consent stay.
    original_until = models.DateField(_("original kept until"), null=True, editable=False)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        """The order tells days and nothing finer."""

        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        ordering: ClassVar = ["received_on", "id"]
        indexes: ClassVar = [
            models.Index(fields=["state", "received_on", "id"], name="intake_state"),
            models.Index(fields=["expires_on"], name="intake_expires"),
            models.Index(fields=["original_until"], name="intake_original"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="intake_code_whole",
                condition=models.Q(locator=None, verifier=None, salt=None)
                | models.Q(locator__isnull=False, verifier__isnull=False, salt__isnull=False),
            ),
            models.CheckConstraint(
                name="intake_sent_has_code",
                condition=models.Q(state__in=[State.DRAFT, State.WITHDRAWN])
                | models.Q(locator__isnull=False, received_on__isnull=False),
            ),
        ]

    @property
    def has_code(self) -> bool:
        """Whether one can return to it."""
        return self.locator is not None


class Message(Sealed):
    """Something that the teller or a moderator wrote about a submission. ``text`` is sealed; opened it is a string."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="messages")
    # The first, second… of its submission: the order in which it is read, and no time.
    number = models.PositiveIntegerField(editable=False)
    from_teller = models.BooleanField()
    text = SealedField(editable=False)
    day = models.DateField(_("day"), editable=False)
    is_seen = models.BooleanField(default=False)

    class Meta:
        """In the order in which they were written, a submission's own."""

        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering: ClassVar = ["submission", "number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["submission", "number"], name="intake_message_number")]


class Deletion(models.Model):
    """That something is gone: its id and the day. The ledger file says the same, and no restored backup undoes that.

    ``gone_id`` is a submission's; of a file or a yes it is that row's own, which names no submission.
    """

    class What(models.TextChoices):
        """What of it is gone."""

        WHOLE = "whole", _("all of it")
        ORIGINAL = "original", _("what the teller wrote; code and consent stay")
        FILE = "file", _("one file")
        CONSENT = "consent", _("a yes, which is void")

    gone_id = models.UUIDField(editable=False)
    what = models.CharField(max_length=10, choices=What.choices, editable=False)
    day = models.DateField(editable=False)
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        """One row a deletion."""

        verbose_name = _("deletion")
        verbose_name_plural = _("deletions")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["gone_id", "what"], name="intake_deleted_once"),
        ]

    def __str__(self) -> str:
        """Return what is gone, not of whom."""
        return self.get_what_display()


# In a package of their own; this app's all the same.
from coalition.intake.evidence.models import Evidence as Evidence  # noqa: E402
