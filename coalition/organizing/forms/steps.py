"""A campaign in short steps. Each is a form that is filled from a draft and writes back only what it shows."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from cms.base.outcomes import Outcome
from cms.campaigns.models import CampaignPage, Demand, KeyDate
from cms.prose.cleaning import LONGEST, clean, to_field
from coalition.organizing.drafts import UNTITLED
from coalition.organizing.streams import Written, blocks, is_writable, read

_SHORT = 255


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more
    )


def _prose(label: Any, help_text: Any = "", rows: int = 5) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "data-paste": "marks"})
    return forms.CharField(label=label, required=False, max_length=LONGEST, widget=widget, help_text=help_text)


class StepForm(forms.Form):
    """A step: ``FIELDS`` are those of the page in which it says something, ``ROWS`` is the form of one row."""

    FIELDS: ClassVar[tuple[str, ...]]
    RICH: ClassVar[frozenset[str]] = frozenset()
    ROWS: ClassVar[type[forms.Form] | None] = None

    @classmethod
    def opened(cls, page: CampaignPage, data: Mapping[str, Any] | None = None) -> "StepForm":
        """Return the step for a draft, or what was posted for it."""
        if data is not None:
            return cls(data)
        initial = {name: getattr(page, name) for name in cls.FIELDS if name in cls.base_fields}
        for name in cls.RICH:
            initial[name] = to_field(initial[name])
        return cls(initial=initial)

    def write(self, page: CampaignPage) -> None:
        """Put what was filled in into a page."""
        for name in self.FIELDS:
            if name in self.cleaned_data:
                value = self.cleaned_data[name]
                setattr(page, name, clean(value, headings=False).html if name in self.RICH else value)

    def removed(self) -> str:
        """Return a sentence on what was taken out of pasted text; empty if nothing was."""
        return " ".join(filter(None, (clean(self.cleaned_data.get(name, "")).sentence for name in self.RICH)))


class WhatForm(StepForm):
    """What is fought, and who must act."""

    FIELDS = ("title", "standfirst", "body", "target")

    title = forms.CharField(label=_("Title"), max_length=200, required=False, help_text=_("What you fight, in a line."))
    standfirst = forms.CharField(
        label=_("In short"),
        required=False,
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One or two sentences that stand alone. They are shown in lists."),
    )
    text = _prose(_("What happens, and what you do about it"), rows=10)
    target = forms.CharField(
        label=_("Who must act"), max_length=_SHORT, required=False, help_text=_("An employer, a board, a legislature.")
    )

    @classmethod
    def opened(cls, page: CampaignPage, data: Mapping[str, Any] | None = None) -> "StepForm":
        """Return the step for a draft; the text only where a form can show it."""
        form = super().opened(page, data)
        if page.title == UNTITLED:
            form.initial["title"] = ""
        if not is_writable(page.body):
            del form.fields["text"]
        elif data is None:
            form.initial["text"] = to_field(read(page.body).html)
        return form

    def write(self, page: CampaignPage) -> None:
        """Put it into a page; a picture that stands in the text stays there."""
        super().write(page)
        page.title = page.title.strip() or UNTITLED
        if "text" in self.cleaned_data and is_writable(page.body):
            before = read(page.body)
            html = clean(self.cleaned_data["text"]).html
            if html != before.html:
                block = CampaignPage._meta.get_field("body").stream_block
                page.body = block.to_python(blocks(Written(html, before.image_id, before.alt)))

    def removed(self) -> str:
        """Return a sentence on what was taken out of the text."""
        return clean(self.cleaned_data.get("text", "")).sentence


class DemandRow(forms.Form):
    """One demand."""

    text = forms.CharField(label=_("Demand"), max_length=_SHORT, required=False)
    state = forms.ChoiceField(label=_("How it stands"), choices=Outcome.choices, required=False)
    note = forms.CharField(label=_("Note"), max_length=_SHORT, required=False)


class DateRow(forms.Form):
    """One key date."""

    date = _day(_("Date"))
    text = forms.CharField(label=_("What happens"), max_length=_SHORT, required=False)


class RowsForm(StepForm):
    """A step of rows: three empty ones stand below those there are; an emptied one is gone."""

    RELATION: ClassVar[str]
    EMPTY = 3
    rows: Any

    @classmethod
    def opened(cls, page: CampaignPage, data: Mapping[str, Any] | None = None) -> "StepForm":
        """Return the step with a row for each child of the draft."""
        form = super().opened(page, data)
        assert isinstance(form, RowsForm) and cls.ROWS is not None  # noqa: S101, PT018 - how the steps are made
        factory = forms.formset_factory(cls.ROWS, extra=cls.EMPTY, max_num=60, absolute_max=70)
        children = [
            {name: getattr(row, name) for name in cls.ROWS.base_fields} for row in getattr(page, cls.RELATION).all()
        ]
        form.rows = factory(data, prefix="rows") if data is not None else factory(initial=children, prefix="rows")
        return form

    def is_valid(self) -> bool:
        """Whether the step and all its rows make sense."""
        return bool(super().is_valid() & self.rows.is_valid())

    def filled(self) -> list[dict[str, Any]]:
        """Return the rows in which something stands."""
        return [row.cleaned_data for row in self.rows if row.cleaned_data.get("text", "").strip()]


class DemandsForm(RowsForm):
    """What is demanded, each with how it stands."""

    FIELDS = ("demands",)
    RELATION, ROWS = "demands", DemandRow

    def write(self, page: CampaignPage) -> None:
        """Put the demands into a page."""
        rows = self.filled()
        page.demands.set(
            [
                Demand(text=row["text"], state=row["state"] or Outcome.OPEN, note=row["note"], sort_order=i)
                for i, row in enumerate(rows)
            ]
        )


class DatesForm(RowsForm):
    """When it began and ended, and what days matter."""

    FIELDS = ("started", "ended", "key_dates")
    RELATION, ROWS = "key_dates", DateRow

    started = _day(_("Started"))
    ended = _day(_("Ended"), help_text=_("Empty while it goes on."))

    def is_valid(self) -> bool:
        """Whether every row that says something has a day."""
        valid = super().is_valid()
        for row in self.rows:
            if row.cleaned_data.get("text") and not row.cleaned_data.get("date"):
                row.add_error("date", _("Say on which day."))
                valid = False
        return valid

    def write(self, page: CampaignPage) -> None:
        """Put the dates into a page."""
        super().write(page)
        rows = sorted(self.filled(), key=lambda row: row["date"])
        page.key_dates.set([KeyDate(date=row["date"], text=row["text"], sort_order=i) for i, row in enumerate(rows)])


class OutcomeForm(StepForm):
    """How it stands, what was won or lost, and for whom."""

    FIELDS = ("outcome", "outcome_text", "outcome_scope", "did_not_work")
    RICH = frozenset({"outcome_text", "did_not_work"})

    outcome = forms.ChoiceField(label=_("How it stands"), choices=Outcome.choices)
    outcome_text = _prose(_("What was won or lost"), _("As the agreement or law puts it."))
    outcome_scope = forms.CharField(
        label=_("For whom"),
        max_length=_SHORT,
        required=False,
        help_text=_("Which workers, workplaces or places it covers."),
    )
    did_not_work = _prose(_("What was tried and did not work"), _("Others learn most from this."))


class ActForm(StepForm):
    """What readers can do."""

    FIELDS = ("what_you_can_do", "sign_up_url", "event_url", "letter", "phone_script", "contact")
    RICH = frozenset({"what_you_can_do"})

    what_you_can_do = _prose(_("What you can do"), _("For somebody who has just read about it."))
    sign_up_url = forms.URLField(
        label=_("Where to sign up"),
        required=False,
        assume_scheme="https",
        max_length=200,
        help_text=_("The address of a form, a petition or a mailing list."),
    )
    event_url = forms.URLField(
        label=_("Next event"),
        required=False,
        assume_scheme="https",
        max_length=200,
        help_text=_("The address of a page that says when and where."),
    )
    letter = forms.CharField(
        label=_("Letter to send"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("People copy it and put in their own words and name."),
    )
    phone_script = forms.CharField(
        label=_("What to say on the phone"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    contact = forms.CharField(
        label=_("Whom to contact"),
        required=False,
        max_length=_SHORT,
        help_text=_("It is public: an address of the organization, not of a person."),
    )
