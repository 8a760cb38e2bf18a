"""What moderators and administrators type."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from coalition.accounts.models import User
from coalition.accounts.roles import moderators
from coalition.intake.messages import LONGEST

_OFF = {"autocomplete": "off"}


class WriteForm(forms.Form):
    """A message to the teller, or a note for moderators."""

    text = forms.CharField(
        label=_("Write to the teller"),
        help_text=_("They read it when they come back with their code. Nobody is told by mail."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5, **_OFF}),
        error_messages={
            "required": _("Write something first."),
            "max_length": _("This is too long for one message. Send it in parts."),
        },
    )


class NoteForm(WriteForm):
    """A note."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="note_%s")
        self.fields["text"].label = _("A note for moderators")
        self.fields["text"].help_text = _("The teller does not see it. It is deleted with what was told.")


class WhoForm(forms.Form):
    """Why somebody needs to know how to reach the teller."""

    reason = forms.CharField(
        label=_("Why do you need to know?"),
        help_text=_("Administrators read this, with your name and the day. Leave out what was told."),
        min_length=10,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, **_OFF}),
        error_messages={
            "required": _("Give a reason: without one this is not shown."),
            "min_length": _("Say it in a sentence."),
        },
    )


class HandForm(forms.Form):
    """To whom it is handed."""

    moderator = forms.ModelChoiceField(queryset=User.objects.none(), label=_("Hand it to"), to_field_name="public_id")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="hand_%s")
        field = self.fields["moderator"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - so it is, above
        field.queryset = moderators()


class ExemptForm(HandForm):
    """For whom a hold is lifted, and why."""

    reason = forms.CharField(
        label=_("Why may they read it all the same?"),
        help_text=_("It stands in the log, with your name."),
        min_length=10,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, **_OFF}),
        error_messages={
            "required": _("Give a reason: without one the hold stays."),
            "min_length": _("Say it in a sentence."),
        },
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["moderator"].label = _("Moderator")
