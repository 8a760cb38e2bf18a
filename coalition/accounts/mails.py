"""What mails about one's account say: one table, one look. They name nobody, and carry no more than is needed."""

import uuid
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from coalition.accounts.models import User
from coalition.mail.models import OutgoingMail
from coalition.mail.writing import mail_send

Text = str | Promise

NOT_YOU = _("If you did not ask for this, you need not do anything.")
WAS_IT_YOU = _("If that was not you, change your password at once. The other sessions of your account end with it.")


@dataclass(frozen=True)
class Mail:
    """A mail: what it is about, what happened, a page to go to, and what to do if one did not expect it."""

    subject: Text
    text: Text
    page: str = ""
    closing: Text = NOT_YOU


MAILS: dict[str, Mail] = {
    "account/email/email_confirmation_signup": Mail(
        _("Your code to confirm your address"),
        _("Type this code on the page that asked for it. Then your account is ready."),
    ),
    "account/email/email_confirmation": Mail(
        _("Your code to confirm your address"), _("Type this code on the page that asked for it.")
    ),
    "account/email/login_code": Mail(
        _("Your code to sign in"), _("Type this code on the page that asked for it. Tell it to nobody.")
    ),
    "account/email/password_reset_code": Mail(
        _("Your code for a new password"), _("Type this code on the page that asked for it. Tell it to nobody.")
    ),
    "account/email/account_already_exists": Mail(
        _("You already have an account"),
        _("Somebody wanted to open an account with this address, and there is one. Have you lost its password?"),
        page="account_reset_password",
    ),
    "account/email/unknown_account": Mail(
        _("There is no account with this address"),
        _("Somebody wanted to sign in with this address. There is no account with it; you can open one."),
        page="account_signup",
    ),
    "account/email/email_changed": Mail(
        _("The address of your account was changed"),
        _("Your account goes with another e-mail address from now on."),
        page="account_login",
        closing=_("If that was not you, tell the people who run this site at once."),
    ),
    "account/email/email_confirm": Mail(
        _("Your address is confirmed"), _("Your e-mail address is confirmed."), closing=WAS_IT_YOU
    ),
    "account/email/email_deleted": Mail(
        _("An address was taken out of your account"),
        _("This e-mail address no longer goes with your account."),
        closing=WAS_IT_YOU,
    ),
    "account/email/password_changed": Mail(
        _("Your password was changed"),
        _("Your password was changed, and your other sessions have ended."),
        page="account_reset_password",
        closing=WAS_IT_YOU,
    ),
    "account/email/password_set": Mail(
        _("Your account has a password"),
        _("A password was set for your account."),
        page="account_reset_password",
        closing=WAS_IT_YOU,
    ),
    "account/email/password_reset": Mail(
        _("Your password was changed"),
        _("Your password was changed, and your other sessions have ended."),
        page="account_reset_password",
        closing=WAS_IT_YOU,
    ),
    "mfa/email/totp_activated": Mail(
        _("Your account has a second lock"),
        _("An authenticator app is now asked for when you sign in."),
        page="mfa_index",
        closing=WAS_IT_YOU,
    ),
    "mfa/email/totp_deactivated": Mail(
        _("A second lock was taken off your account"),
        _("The authenticator app is no longer asked for when you sign in."),
        page="mfa_index",
        closing=WAS_IT_YOU,
    ),
    "mfa/email/webauthn_added": Mail(
        _("A passkey was added to your account"),
        _("A passkey can now be used to sign in."),
        page="mfa_index",
        closing=WAS_IT_YOU,
    ),
    "mfa/email/webauthn_removed": Mail(
        _("A passkey was taken out of your account"),
        _("A passkey can no longer be used to sign in."),
        page="mfa_index",
        closing=WAS_IT_YOU,
    ),
    "mfa/email/recovery_codes_generated": Mail(
        _("Your account has new recovery codes"),
        _("The old recovery codes no longer serve."),
        page="mfa_index",
        closing=WAS_IT_YOU,
    ),
    "socialaccount/email/account_connected": Mail(
        _("Another way to sign in was added to your account"),
        _("Somebody connected your account with a sign-in elsewhere."),
        page="account",
        closing=WAS_IT_YOU,
    ),
    "socialaccount/email/account_disconnected": Mail(
        _("A way to sign in was taken out of your account"),
        _("Your account is no longer connected with a sign-in elsewhere."),
        page="account",
        closing=WAS_IT_YOU,
    ),
}


def account_mail_send(*, template_prefix: str, to: str, code: str = "") -> OutgoingMail:
    """Have a mail sent that allauth knows by a prefix, in the language of whoever has the address.

    Raises:
        KeyError: no such mail is written.
    """
    mail = MAILS[template_prefix]
    user = User.objects.filter(email__iexact=to).only("language").first()
    return mail_send(
        # Each is an event of its own: asking twice for a code means two mails.
        key=f"account:{uuid.uuid4()}",
        kind="account",
        to=to,
        context={
            "subject": mail.subject,
            "text": mail.text,
            "code": code,
            "link": settings.PUBLIC_URL + reverse(mail.page) if mail.page else "",
            "closing": mail.closing,
        },
        language=user.language if user else (translation.get_language() or ""),
    )
