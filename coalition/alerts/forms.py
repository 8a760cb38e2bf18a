"""Forms of following."""

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from coalition.accounts.time_zones import TimeZoneField
from coalition.alerts.models import Channel, Follower, Rhythm


class FollowForm(forms.Form):
    """How a member hears of something."""

    rhythm = forms.ChoiceField(label=_("How often"), choices=Rhythm.choices, initial=Rhythm.DAILY)
    channel = forms.ChoiceField(
        label=_("Where"),
        help_text=_("Your page of news on this site lists everything in any case."),
        choices=Channel.choices,
        initial=Channel.MAIL,
    )


class AskForm(forms.Form):
    """Where somebody without an account hears of something."""

    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("We send one mail to ask you. Until you say yes, no other follows."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    rhythm = forms.ChoiceField(label=_("How often"), choices=Rhythm.choices, initial=Rhythm.DAILY)
    time_zone = TimeZoneField(
        label=_("Time zone"),
        help_text=_("So that it is eight in the morning where you are."),
        initial=settings.TIME_ZONE,
    )


class ChangeForm(forms.Form):
    """How one hears of something one follows; a field that is not shown keeps what it was."""

    rhythm = forms.ChoiceField(label=_("How often"), choices=Rhythm.choices)
    channel = forms.ChoiceField(label=_("Where"), choices=Channel.choices, required=False)


class SeveralForm(forms.Form):
    """How one hears of several things one follows; what is left empty stays as it is for each."""

    rhythm = forms.ChoiceField(label=_("How often"), choices=[("", _("as it is")), *Rhythm.choices], required=False)
    channel = forms.ChoiceField(label=_("Where"), choices=[("", _("as it is")), *Channel.choices], required=False)


class ReaderForm(forms.Form):
    """In which language and time zone mails come to somebody without an account."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = TimeZoneField(label=_("Time zone"))

    def __init__(self, data: QueryDict | None = None, *, follower: Follower) -> None:
        super().__init__(data, initial={"language": follower.language, "time_zone": follower.time_zone})
