"""The forms of the second lock: allauth's, in plain words."""

from typing import Any

from allauth.mfa.base import forms as base_forms
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as webauthn_forms
from django.utils.translation import gettext_lazy as _

from coalition.accounts.entry_forms import PlainWords


class _Code(PlainWords):
    help_texts = {"code": _("From your authenticator app, or one of your recovery codes.")}


class AuthenticateForm(_Code, base_forms.AuthenticateForm):
    """The code after the password."""


class ReauthenticateForm(_Code, base_forms.ReauthenticateForm):
    """The code once more."""


class ActivateTOTPForm(PlainWords, totp_forms.ActivateTOTPForm):
    """The first code of a new app."""

    labels = {"code": _("The code that your app shows")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class AddWebAuthnForm(PlainWords, webauthn_forms.AddWebAuthnForm):
    """A new passkey."""

    labels = {"name": _("What you call this passkey"), "passwordless": _("Let it sign me in by itself")}
    help_texts = {
        "name": _("So that you can tell it from others: “my phone”, “the key on my ring”."),
        "passwordless": _("Then you need neither password nor code. Your device asks for your finger, face or PIN."),
    }


class EditWebAuthnForm(PlainWords, webauthn_forms.EditWebAuthnForm):
    """Another name for a passkey."""

    labels = {"name": _("What you call this passkey")}
