"""The form of an update: a title, a text, perhaps a photo; everything else is filled in already."""

import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.campaigns.models import CampaignUpdatePage
from cms.prose.cleaning import LONGEST, Cleaned, clean, to_field
from coalition.organizing.drafts import UNTITLED, due_of
from coalition.organizing.errors import OrganizingError
from coalition.organizing.photos import ACCEPT, photo_check, reference_to, referred
from coalition.organizing.publishing import Correction
from coalition.organizing.streams import is_writable, read
from coalition.organizing.updates import Entry

_MOMENT = "%Y-%m-%dT%H:%M"


class PhotoField(forms.FileField):
    """A photo, as bytes."""

    def to_python(self, data: Any) -> Any:
        """Look at the upload before Django does, which calls one that was too large empty."""
        if data in self.empty_values:
            return None
        try:
            return photo_check(data)
        except OrganizingError as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return the bytes, or None."""
        return self.to_python(data)


class CorrectionForm(forms.Form):
    """What a change of something published is: a small fix, or a correction that readers are told of."""

    change = forms.ChoiceField(
        label=_("What do you change?"),
        required=False,
        choices=[("small", _("A small fix: a typing error, a link, a word")), ("correction", _("A correction"))],
        widget=forms.RadioSelect,
        help_text=_("Something said here was wrong, or is no longer so? Then it is a correction."),
    )
    correction = forms.CharField(
        label=_("What was wrong, in a sentence"),
        required=False,
        max_length=500,
        help_text=_("It is shown below the text, so that readers who remember the old one know."),
    )
    correction_date = forms.DateField(
        label=_("When it was corrected"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def settle(self) -> Correction | None:
        """Return the correction, None for a small fix; note on the form what is missing.

        Raises:
            OrganizingError: nothing was chosen, or the sentence is missing.
        """
        chosen = self.cleaned_data.get("change")
        if not chosen:
            raise OrganizingError(gettext("Say whether this is a small fix or a correction."))
        if chosen == "small":
            return None
        text = self.cleaned_data.get("correction", "").strip()
        if not text:
            raise OrganizingError(gettext("Say in a sentence what was wrong."))
        return Correction(text, self.cleaned_data.get("correction_date") or timezone.localdate())


class UpdateForm(CorrectionForm):
    """An update. Nothing is required to keep a draft; what is missing to publish is said then."""

    title = forms.CharField(label=_("Title"), required=False, max_length=200, help_text=_("What happened, in a line."))
    text = forms.CharField(
        label=_("Text"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 10, "data-paste": "marks"}),
        help_text=_(
            "An empty line makes a new paragraph, a dash at the beginning a list, **two stars** bold letters. "
            "You can paste from elsewhere."
        ),
    )
    photo = PhotoField(
        label=_("Photo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        help_text=_("Where it was taken, and with what, is removed. Ask the people in it."),
    )
    alt = forms.CharField(
        label=_("What the photo shows"),
        required=False,
        max_length=255,
        help_text=_("For people who cannot see it: who or what, and what they do."),
    )
    remove_photo = forms.BooleanField(label=_("Take the photo out"), required=False)
    photo_ref = forms.CharField(required=False, widget=forms.HiddenInput)
    is_win = forms.BooleanField(label=_("This is a win"), required=False)
    date = forms.DateField(
        label=_("Date"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    go_live_at = forms.DateTimeField(
        label=_("Publish at"),
        required=False,
        input_formats=[_MOMENT, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MOMENT),
        help_text=_("For later. Then press “Schedule”."),
    )

    @classmethod
    def opened(cls, page: CampaignUpdatePage | None) -> "UpdateForm":
        """Return the form filled with a page's draft; with today's date for a new one."""
        if page is None:
            return cls(initial={"date": timezone.localdate(), "correction_date": timezone.localdate()})
        written, due = read(page.text), due_of(page)
        return cls(
            initial={
                "title": "" if page.title == UNTITLED else page.title,
                "text": to_field(written.html),
                "alt": written.alt,
                "photo_ref": reference_to(written.image_id),
                "is_win": page.is_win,
                "date": page.date,
                "go_live_at": timezone.localtime(due) if due else None,
                "correction_date": timezone.localdate(),
            }
        )

    def image_id(self) -> int | None:
        """Return the photo that the form came with, unless it is to be taken out."""
        if self.cleaned_data.get("remove_photo"):
            return None
        return referred(self.cleaned_data.get("photo_ref") or "")

    def cleaned_text(self) -> Cleaned:
        """Return the text as it is kept, and what was taken out of it."""
        return clean(self.cleaned_data.get("text", ""))

    def entry(self, *, page: CampaignUpdatePage | None, image_id: int | None, keeps_schedule: bool) -> Entry:
        """Return what was filled in; where a field makes no sense, what the page says so far.

        Args:
            page: the draft, if there is one.
            image_id: of the photo.
            keeps_schedule: whether the moment in the form counts; publishing at once puts it aside.
        """
        data = self.cleaned_data
        due: datetime.datetime | None = data.get("go_live_at") if keeps_schedule else None
        return Entry(
            title=data.get("title", ""),
            html=self.cleaned_text().html,
            image_id=image_id,
            alt=data.get("alt", "").strip() if image_id else "",
            is_win=bool(data.get("is_win")),
            date=data.get("date") or (page.date if page else timezone.localdate()),
            writes_text=page is None or is_writable(page.text),
            go_live_at=due,
        )
