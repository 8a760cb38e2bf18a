"""The form of an organization's profile, as people fill it in who have never seen an admin."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cms.organizations.models import OrganizationPage
from cms.prose.cleaning import LONGEST, clean, to_field
from cms.prose.links import SCHEMES
from coalition.membership.profiles import version_of

_RICH = ("offers", "looks_for")


def _prose(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5, "data-paste": "marks"}),
    )


class ProfileForm(forms.ModelForm):
    """Name, kind, what it offers and looks for, how to reach it. Topics are a form of their own."""

    standfirst = forms.CharField(
        label=_("In short"),
        help_text=_("One or two sentences: who you are, and what you do. They are shown in lists."),
        required=False,
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    offers = _prose(_("What it offers"), _("To workers, and to other organizations."))
    looks_for = _prose(_("What it looks for"), _("Allies, stories, help: others read it."))
    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")

    class Meta:
        """What its own people may say of an organization."""

        model = OrganizationPage
        fields = ["title", "short_name", "kind", "standfirst", "offers", "looks_for", "website", "contact"]
        labels = {"title": _("Name")}
        # Wagtail's speaks of a page title.
        help_texts = {"title": ""}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in _RICH:
            self.initial[name] = to_field(getattr(self.instance, name))
        # What somebody else has changed since the form was first opened is not written over.
        self.version = self.data.get("version", "") if self.is_bound else version_of(self.instance)

    def clean_website(self) -> str:
        """Refuse an address that is none of the web's."""
        website: str = self.cleaned_data["website"]
        if website and website.partition(":")[0].lower() not in {"http", "https"} & set(SCHEMES):
            raise ValidationError(_("Give the address of a web page, such as https://example.org."))
        return website

    def clean(self) -> dict[str, Any]:
        """Clean pasted text; what was taken out is in ``removed``."""
        data = super().clean() or {}
        self.removed = ""
        for name in _RICH:
            cleaned = clean(data.get(name, ""), headings=False)
            data[name] = cleaned.html
            self.removed = self.removed or cleaned.sentence
        return data
