"""The forms at the door. They are allauth's, in plain words and without placeholders, which vanish as one types."""

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.internal.flows.manage_email import sync_user_email_address
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from coalition.accounts.models import User

PASSWORD_HELP = _("At least eight characters. A few words in a row are easy to remember and hard to guess.")
LABELS = {
    "login": _("E-mail address"),
    "email": _("E-mail address"),
    "password": _("Password"),
    "password1": _("New password"),
    "password2": _("The new password once more"),
    "oldpassword": _("Your password until now"),
    "code": _("Code"),
}


class PlainWords:
    """Words of our own for the fields of a form."""

    labels: dict[str, Any] = {}
    help_texts: dict[str, Any] = {}

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {**LABELS, **self.labels}
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = words.get(name, field.label)
            # The pages themselves lead to a new password; allauth's list of rules is no text for a line of help.
            if name.startswith(("password", "oldpassword")):
                field.help_text = PASSWORD_HELP if name == "password1" else ""
            field.help_text = self.help_texts.get(name, field.help_text)
            if name == "code":
                field.widget.attrs.setdefault("autocomplete", "one-time-code")


class LoginForm(PlainWords, allauth_forms.LoginForm):
    """Address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class SignupForm(PlainWords, allauth_forms.SignupForm):
    """Address, a name to be shown, and a password."""

    display_name = forms.CharField(
        label=_("Your name, as others see it"),
        help_text=_("A made-up name is fine. You can change it at any time."),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    labels = {"password1": _("A password")}
    help_texts = {"email": _("We send you a code, to see that it is yours. Nobody else sees it.")}
    field_order = ["display_name", "email", "password1"]

    def try_save(self, request: HttpRequest) -> Any:
        """Make the account; where there is one, take as long, so that the time does not tell."""
        if self.account_already_exists:
            User().set_password(self.cleaned_data["password1"])
        return super().try_save(request)


class ChangeEmailForm(PlainWords, allauth_forms.AddEmailForm):
    """Another address."""

    labels = {"email": _("Your new e-mail address")}


class ChangePasswordForm(PlainWords, allauth_forms.ChangePasswordForm):
    """Another password."""


class SetPasswordForm(PlainWords, allauth_forms.SetPasswordForm):
    """A first password."""


class ResetPasswordForm(PlainWords, allauth_forms.ResetPasswordForm):
    """The address of whoever forgot the password."""


class ResetPasswordKeyForm(PlainWords, allauth_forms.ResetPasswordKeyForm):
    """The new password of whoever forgot the old."""


class ReauthenticateForm(PlainWords, allauth_forms.ReauthenticateForm):
    """The password once more."""


class RequestLoginCodeForm(PlainWords, allauth_forms.RequestLoginCodeForm):
    """The address that a code is sent to."""

    def clean_email(self) -> str:
        """Note the address of whoever an administrator made, so that the code that signs in confirms it as well."""
        email: str = super().clean_email()
        if isinstance(self._user, User):
            sync_user_email_address(self._user)
        return email


class ConfirmLoginCodeForm(PlainWords, allauth_forms.ConfirmLoginCodeForm):
    """The code that signs in."""


class ConfirmEmailVerificationCodeForm(PlainWords, allauth_forms.ConfirmEmailVerificationCodeForm):
    """The code that shows that an address is one's own."""


class ConfirmPasswordResetCodeForm(PlainWords, allauth_forms.ConfirmPasswordResetCodeForm):
    """The code that allows a new password."""
