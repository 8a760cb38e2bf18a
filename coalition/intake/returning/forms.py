"""What one who comes back types."""

from django import forms
from django.utils.translation import gettext_lazy as _

from coalition.intake.messages import LONGEST


class CodeForm(forms.Form):
    """The nine words."""

    code = forms.CharField(
        label=_("Your nine words"),
        help_text=_(
            "With spaces between them. Capital letters, accents and numbers do not matter; the first four letters "
            "of each word are enough."
        ),
        max_length=1000,
        widget=forms.Textarea(
            attrs={"rows": 3, "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={"required": _("Type the nine words from your receipt.")},
    )


class MessageForm(forms.Form):
    """A message to the moderators."""

    text = forms.CharField(
        label=_("Write to us"),
        help_text=_("Answer, add something, or ask. Moderators read it."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off"}),
        error_messages={
            "required": _("Write something first."),
            "max_length": _("This is too long for one message. Send it in parts."),
        },
    )
