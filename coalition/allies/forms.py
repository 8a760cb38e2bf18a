"""Forms between organizations."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _


class AskForm(forms.Form):
    """What the other side reads first, and whom it can reach once it has accepted."""

    note = forms.CharField(
        label=_("What you write to them"),
        help_text=_(
            "Who you are, what you fight, and what you would like from them. They read this before they decide."
        ),
        max_length=1500,
        widget=forms.Textarea(attrs={"rows": 7}),
    )
    contact = forms.CharField(
        label=_("Whom to reach at yours"),
        help_text=_("A name with a telephone number or an address. They see it only after they have accepted."),
        max_length=255,
    )


class AnswerForm(forms.Form):
    """Whom the other side may reach, with a yes."""

    contact = forms.CharField(
        label=_("Whom to reach at yours"),
        help_text=_("A name with a telephone number or an address. They see it as soon as you accept."),
        max_length=255,
        required=False,
    )
    decision = forms.ChoiceField(choices=[("accept", _("Accept")), ("decline", _("Decline"))])

    def clean_contact(self) -> str:
        """Refuse a yes without a contact: contacts are shared both ways."""
        contact: str = self.cleaned_data["contact"].strip()
        if self.data.get("decision") == "accept" and not contact:
            raise forms.ValidationError(_("Say whom they can reach: both sides share a contact."))
        return contact


class MessageForm(forms.Form):
    """Something to write to the other side."""

    text = forms.CharField(label=_("Your message"), max_length=5000, widget=forms.Textarea(attrs={"rows": 5}))
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
