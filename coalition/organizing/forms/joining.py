"""Asking, being asked, starting: the short forms around campaigns."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from coalition.organizing.models import JoinRequest


class StartForm(forms.Form):
    """A campaign's first two lines."""

    title = forms.CharField(label=_("Title"), max_length=200, help_text=_("What you fight, in a line."))
    standfirst = forms.CharField(
        label=_("In short"),
        required=False,
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One or two sentences that stand alone. They are shown in lists."),
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def opened(cls) -> "StartForm":
        """Return an empty form that makes one campaign, however often it is sent."""
        return cls(initial={"token": uuid.uuid4()})


class JoinForm(forms.Form):
    """A request: what the organization would do, and a note."""

    role = forms.ChoiceField(label=_("What it would do"), choices=JoinRequest.ROLES, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Who you are, and why together. Only the organizers of the other side read it."),
    )
