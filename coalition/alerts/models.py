"""Who follows what, what happened, who is to hear of it, and the digests that said so.

Something happens (``News``, in the transaction that publishes) → it is matched with follows (``Entry``, once each) →
entries go into a ``Digest``, in one transaction with its mail. So none is lost and none is told twice.
"""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from coalition.accounts.models import User, default_time_zone, validate_time_zone
from search.models import Document


class Rhythm(models.TextChoices):
    """How often somebody hears of news."""

    AT_ONCE = "at-once", _("at once")
    DAILY = "daily", _("every day, at eight in the morning")
    WEEKLY = "weekly", _("every Monday, at eight in the morning")


class Channel(models.TextChoices):
    """Where somebody hears of news. On the site everything is listed in any case."""

    MAIL = "mail", _("by e-mail")
    SITE = "site", _("only on this site")


class Follower(models.Model):
    """Somebody who follows: a member, or whoever reads an address and has no account."""

    class Mail(models.TextChoices):
        """Whether mails go to them."""

        ON = "on", _("mails are sent")
        STOPPED = "stopped", _("they stopped all mails")
        REFUSED = "refused", _("their mail server refused three in a row")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="follower", verbose_name=_("user")
    )
    # Of whoever has no account; a member's address, language and time zone are the account's.
    own_email = models.EmailField(_("e-mail address"), blank=True)
    own_language = models.CharField(_("language"), max_length=10, blank=True)
    own_time_zone = models.CharField(
        _("time zone"), max_length=64, default=default_time_zone, validators=[validate_time_zone]
    )
    mail = models.CharField(_("mail"), max_length=8, choices=Mail.choices, default=Mail.ON)
    # Refusals before this moment no longer count.
    mail_changed = models.DateTimeField(default=timezone.now, editable=False)
    created = models.DateTimeField(_("since"), default=timezone.now, editable=False)

    class Meta:
        """A user or an address, each once."""

        verbose_name = _("follower")
        verbose_name_plural = _("followers")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, own_email="") | (Q(user__isnull=True) & ~Q(own_email="")),
                name="alerts_follower_user_or_email",
            ),
            models.UniqueConstraint(Lower("own_email"), condition=~Q(own_email=""), name="alerts_follower_email_once"),
        ]

    def __str__(self) -> str:
        """Return an id: whoever it is stays unsaid."""
        return str(self.public_id)

    @property
    def email(self) -> str:
        """Return where mails go; empty for nowhere."""
        if self.user is not None:
            return self.user.email if self.user.is_active else ""
        return self.own_email

    @property
    def language(self) -> str:
        """Return the language that mails are written in."""
        return self.user.language if self.user is not None else self.own_language

    @property
    def time_zone(self) -> str:
        """Return the time zone in which it is eight in the morning."""
        return self.user.time_zone if self.user is not None else self.own_time_zone


class FormerFollower(models.Model):
    """Somebody without an account who has one by now: links in the mails they got before go on working."""

    public_id = models.UUIDField(unique=True, editable=False)
    follower = models.ForeignKey(Follower, on_delete=models.CASCADE, related_name="former")

    class Meta:
        """Nothing more is kept: no address."""

        verbose_name = _("former follower")
        verbose_name_plural = _("former followers")

    def __str__(self) -> str:
        """Return an id: whoever it is stays unsaid."""
        return str(self.public_id)


class FollowQuerySet(models.QuerySet["Follow"]):
    """Reads of follows that are used in more than one place."""

    def active(self) -> "FollowQuerySet":
        """Leave out what is not confirmed yet, or paused."""
        return self.filter(confirmed__isnull=False, is_paused=False)


class Follow(models.Model):
    """Something that somebody wants to hear of."""

    class Kind(models.TextChoices):
        """What its target names: the public id of a campaign or organization, or a search as a normalised address."""

        CAMPAIGN = "campaign", _("campaign")
        ORGANIZATION = "organization", _("organization")
        SEARCH = "search", _("search")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    follower = models.ForeignKey(Follower, on_delete=models.CASCADE, related_name="follows", verbose_name=_("follower"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    target = models.TextField(_("target"), blank=True)
    label = models.CharField(_("what it is"), max_length=255)
    rhythm = models.CharField(_("how often"), max_length=8, choices=Rhythm.choices, default=Rhythm.DAILY)
    channel = models.CharField(_("where"), max_length=4, choices=Channel.choices, default=Channel.MAIL)
    is_paused = models.BooleanField(_("paused"), default=False)
    created = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    # Without an account: until the link in a mail was followed, nothing is sent. SHA-256 of the token in that link.
    confirmed = models.DateTimeField(_("confirmed"), null=True, editable=False)
    token_hash = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001  unique
    token_expires = models.DateTimeField(null=True, editable=False)
    # What of it the reader has seen on the site.
    seen_until = models.DateTimeField(_("read until"), default=timezone.now, editable=False)
    # When a mail last told of it.
    last_heard = models.DateTimeField(_("last mail"), null=True, editable=False)

    objects = FollowQuerySet.as_manager()

    class Meta:
        """One follows a thing once."""

        verbose_name = _("follow")
        verbose_name_plural = _("follows")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["follower", "kind", "target"], name="alerts_follow_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["kind", "target"], name="alerts_follow_target")]

    def __str__(self) -> str:
        """Return what it is."""
        return self.label


class News(models.Model):
    """Something that happened to a public document: it was new, or a campaign's outcome changed."""

    class What(models.TextChoices):
        """What happened."""

        NEW = "new", _("new")
        OUTCOME = "outcome", _("how it stands has changed")

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="news")
    what = models.CharField(max_length=8, choices=What.choices, default=What.NEW)
    outcome = models.CharField(max_length=12, blank=True)
    # The campaign it is news of: itself, or what an update belongs to.
    campaign = models.UUIDField(null=True, db_index=True)
    created = models.DateTimeField(default=timezone.now)
    # What is shown instead of the moment: the day, of a story the first of the month. Lists are in this order as well.
    shown_on = models.DateField()
    is_matched = models.BooleanField(default=False)

    class Meta:
        """What waits is found fast; a document is new once."""

        verbose_name = _("news")
        verbose_name_plural = _("news")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document"], condition=Q(what="new"), name="alerts_news_new_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(is_matched=False), name="alerts_news_unmatched"),
            models.Index(fields=["-shown_on"], name="alerts_news_shown"),
        ]

    def __str__(self) -> str:
        """Return what happened."""
        return self.what

    @property
    def holds(self) -> bool:
        """Whether it is still so: the document is public, and the campaign stands as was told."""
        if self.document.is_gone:
            return False
        return self.what == self.What.NEW or self.document.card.get("outcome") == self.outcome


class Digest(models.Model):
    """What a follower was told in one mail: recorded with it, so that no period is told twice."""

    follower = models.ForeignKey(Follower, on_delete=models.CASCADE, related_name="digests")
    rhythm = models.CharField(max_length=8, choices=Rhythm.choices)
    # The day on which the period ended; of at-once digests, the last entry in it.
    period = models.CharField(max_length=40)
    mail = models.ForeignKey("mail.OutgoingMail", null=True, on_delete=models.SET_NULL, related_name="+")
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        """One a follower, rhythm and period."""

        verbose_name = _("digest")
        verbose_name_plural = _("digests")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["follower", "rhythm", "period"], name="alerts_digest_once"),
        ]

    def __str__(self) -> str:
        """Return the period."""
        return f"{self.rhythm} {self.period}"


class Entry(models.Model):
    """A piece of news that a follow brought somebody."""

    follow = models.ForeignKey(Follow, on_delete=models.CASCADE, related_name="entries")
    news = models.ForeignKey(News, on_delete=models.CASCADE, related_name="entries")
    created = models.DateTimeField(default=timezone.now)
    # Waits for a mail while it is for one and in none.
    for_mail = models.BooleanField(default=False)
    digest = models.ForeignKey(Digest, null=True, on_delete=models.SET_NULL, related_name="entries")

    class Meta:
        """Once a follow; what waits for a mail is found fast."""

        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        constraints: ClassVar = [models.UniqueConstraint(fields=["follow", "news"], name="alerts_entry_once")]
        indexes: ClassVar = [
            models.Index(
                fields=["follow", "created"],
                condition=Q(for_mail=True, digest__isnull=True),
                name="alerts_entry_waits",
            ),
            models.Index(fields=["follow", "-created"], name="alerts_entry_of_follow"),
        ]

    def __str__(self) -> str:
        """Return both ends."""
        return f"{self.follow_id} ← {self.news_id}"


def follower_of(user: User) -> Follower:
    """Return somebody as a follower, made if need be."""
    return Follower.objects.get_or_create(user=user)[0]
