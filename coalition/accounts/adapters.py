"""How allauth behaves here: what it mails, what it counts by, what it seals."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal.httpkit import get_client_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.forms import BaseForm
from django.http import HttpRequest
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from cms.base.qr import qr_svg
from coalition.accounts.limits import network_hash
from coalition.accounts.mails import account_mail_send
from coalition.accounts.models import User
from coalition.accounts.roles import mfa_required
from coalition.accounts.sealing import seal, unseal
from coalition.accounts.second_lock import has_second_lock


class AccountAdapter(DefaultAccountAdapter):
    """Accounts: neither address nor browser of anybody is mailed or stored."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("That address and that password do not go together. Try again."),
        "incorrect_code": _("That is not the code. Look at the newest mail or at your app, and try again."),
        "incorrect_password": _("That is not your password. Try again."),
        "too_many_login_attempts": _("That was tried too often. Wait five minutes, then try again."),
        "rate_limited": _("That was tried too often. Wait a minute, then try again."),
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return what limits count by; it is no address."""
        return network_hash(get_client_ip(request))

    def get_http_user_agent(self, request: HttpRequest) -> str:
        """Return nothing: which browser somebody uses is not our business."""
        return ""

    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:
        """Keep what the form says beyond address and password, and the language it was read in."""
        user.display_name = form.cleaned_data.get("display_name", "")
        language = get_language()
        if language in dict(settings.LANGUAGES):
            user.language = str(language)
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Hand over a mail. This is the one place where mails about accounts leave."""
        account_mail_send(template_prefix=template_prefix, to=email, code=str(context.get("code", "")))

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell somebody of a change to their account, without saying from where it came."""
        self.send_mail(template_prefix, email or user.email, context or {})


class MfaAdapter(DefaultMFAAdapter):
    """The second lock: secrets are sealed, and whoever needs it cannot take off the last one."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": _("Your role asks for a second lock. Add another one first."),
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
        "unverified_email": _("Confirm your e-mail address first."),
    }

    def encrypt(self, text: str) -> str:
        """Seal a secret."""
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Open a secret."""
        return unseal(encrypted_text)

    def build_totp_svg(self, url: str) -> str:
        """Draw the code that an app reads, as part of the page."""
        return qr_svg(url)

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002
        """Suggest what a new passkey is called."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return gettext("Passkey %(number)d") % {"number": number}

    def get_totp_issuer(self) -> str:
        """Return what apps call this site."""
        return settings.SITE_NAME

    def _get_site_name(self) -> str:
        return settings.SITE_NAME

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Whether somebody may take off this lock."""
        user = authenticator.user
        return not mfa_required(user) or has_second_lock(user, but=authenticator)
