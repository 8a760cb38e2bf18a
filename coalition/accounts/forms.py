"""Forms about one's own account."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from coalition.accounts.models import User
from coalition.accounts.time_zones import TimeZoneField


class SetupForm(forms.Form):
    """What the first administrator fills in."""

    email = forms.EmailField(
        label=_("Your e-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    display_name = forms.CharField(
        label=_("Your name"), max_length=120, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label=_("A password"),
        help_text=_("At least eight characters. A few words in a row are easy to remember and hard to guess."),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """Hold the password against the validators, with the other fields at hand."""
        data = super().clean() or {}
        password = data.get("password")
        if password:
            user = User(email=data.get("email", ""), display_name=data.get("display_name", ""))
            try:
                password_validation.validate_password(password, user)
            except ValidationError as error:
                self.add_error("password", error)
        return data


class ProfileForm(forms.ModelForm[User]):
    """Who one is to others, and how the site writes to one."""

    time_zone = TimeZoneField(label=_("Time zone"), help_text=_("Times in mails are said in it."))

    class Meta:
        """The address is changed on a page of its own, because it must be confirmed."""

        model = User
        fields = ["display_name", "language", "time_zone"]
        labels = {"display_name": _("Your name, as others see it"), "language": _("Language")}
        help_texts = {
            "display_name": _("A made-up name is fine."),
            "language": _("Mails to you are written in it."),
        }
        widgets = {"display_name": forms.TextInput(attrs={"autocomplete": "nickname", "required": True})}

    def clean_display_name(self) -> str:
        """Refuse an empty name: others would see the address."""
        name: str = self.cleaned_data["display_name"].strip()
        if not name:
            raise ValidationError(_("Write a name. It may be made up."))
        return name


class DeleteForm(forms.Form):
    """The end of an account."""

    sure = forms.BooleanField(
        label=_("Yes, delete my account for good"),
        error_messages={"required": _("Tick the box, if you are sure.")},
    )
