"""Who signs in (by an e-mail address; shown is a display name, and a pseudonym is fine), and the sessions of all."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from coalition.accounts.time_zones import time_zone_names


def default_time_zone() -> str:
    """Return the site's own time zone."""
    return settings.TIME_ZONE


def validate_time_zone(name: str) -> None:
    """Refuse what is not the name of a time zone.

    Raises:
        ValidationError: the tz database does not have it.
    """
    if name not in time_zone_names():
        raise ValidationError(_("“%(name)s” is not a time zone. Choose one from the list."), params={"name": name})


class UserManager(BaseUserManager["User"]):
    """Makes users from an e-mail address and a password."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a user by address, whatever its case."""
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user who may sign in and nothing more.

        Raises:
            ValueError: the address is empty.
        """
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an administrator."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who signs in."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    display_name = models.CharField(
        _("display name"), max_length=120, blank=True, help_text=_("Shown to others. A pseudonym is fine.")
    )
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, default=default_time_zone, validators=[validate_time_zone]
    )
    is_staff = models.BooleanField(_("staff"), default=False)
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Untick this instead of deleting the account.")
    )
    date_joined = models.DateTimeField(_("date joined"), default=timezone.now, editable=False)

    objects = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        """Two spellings of one address are one person."""

        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [models.UniqueConstraint(Lower("email"), name="accounts_user_email_ci")]

    def __str__(self) -> str:
        """Return the display name, as others see it; never the address."""
        return self.display_name or gettext("somebody")

    def clean(self) -> None:
        """Write the address small, as it is looked up."""
        super().clean()
        self.email = self.email.lower()

    def get_full_name(self) -> str:
        """Return the display name as Wagtail's admin asks for it, where an address serves without one."""
        return self.display_name or self.email

    def get_short_name(self) -> str:
        """Return the same, as Wagtail's admin asks for it."""
        return self.display_name or self.email


class Session(AbstractBaseSession):
    """A session, of somebody who signed in or of nobody yet. Neither address nor browser is in it."""

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")
    began_on = models.DateField(default=timezone.localdate)
    seen_on = models.DateField(default=timezone.localdate)

    class Meta(AbstractBaseSession.Meta):
        """Not one of Django's own table."""

        abstract = False
        verbose_name = "session"
        verbose_name_plural = "sessions"

    def __str__(self) -> str:
        """Return when it began; never its key."""
        return str(self.began_on)

    @classmethod
    def get_session_store_class(cls) -> Any:
        """Return the store that reads and writes it."""
        from coalition.accounts.sessions import SessionStore

        return SessionStore
