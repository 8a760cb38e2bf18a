"""Forms about a coalition's calendar."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from coalition.coalitions.models import CalendarEntry


class CalendarEntryForm(forms.ModelForm):
    """A date: what, when, where."""

    # The date's own id: sent twice, it is one date.
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    # What somebody types without a scheme is meant to be safe.
    link = forms.URLField(label=_("link"), required=False, assume_scheme="https")

    class Meta:
        """Everything that is shown."""

        model = CalendarEntry
        fields = ["title", "starts", "ends", "place", "link", "note"]
        widgets = {
            "starts": forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            "ends": forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            "note": forms.Textarea(attrs={"rows": 3}),
        }
