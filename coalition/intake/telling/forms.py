"""The questions, one form a page. Nothing is required but what happened."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.taxonomy.schemes import Scheme
from coalition.intake.telling.choices import choices, labels

LONGEST = 60_000
_SHORT = 200
_OFF = {"autocomplete": "off", "spellcheck": "true"}


class StepForm(forms.Form):
    """A question. What it asks for is a part of the answers: ``said`` reads it from there, in words."""

    def __init__(self, data: Any = None, *, answers: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=self.opened(answers or {}), auto_id="a_%s")

    @classmethod
    def opened(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the fields show for answers."""
        return {name: answers.get(name) for name in cls.base_fields}

    def written(self) -> dict[str, Any]:
        """Return the part of the answers that was filled in, as far as it makes sense."""
        return {name: self.cleaned_data[name] for name in self.fields if name in self.cleaned_data}

    @classmethod
    def said(cls, answers: Mapping[str, Any]) -> list[str]:
        """Return the answers in words, a line each; nothing where nothing was said."""
        return [str(answers[name]) for name in cls.base_fields if answers.get(name)]


def _line(label: Any, help_text: Any = "", **more: Any) -> forms.CharField:
    widget = forms.TextInput(attrs=_OFF)
    return forms.CharField(label=label, help_text=help_text, required=False, max_length=_SHORT, widget=widget, **more)


class WhatForm(StepForm):
    """What happened."""

    text = forms.CharField(
        label=_("What happened?"),
        help_text=_("In your own words, as long or as short as you like. You can leave out names."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 12, **_OFF}),
        error_messages={
            "required": _("Write what happened. One sentence is enough."),
            "max_length": _("This is too long for one telling. Shorten it, and send the rest as a message later."),
        },
    )


class ConceptForm(StepForm):
    """Something to tick, own words, or not sure: concepts of a scheme."""

    SCHEME: ClassVar[Scheme]

    def __init__(self, data: Any = None, *, answers: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, answers=answers)
        known = choices(self.SCHEME)
        if not known and data is not None:
            # The database is away and nothing was read before: what was ticked stays ticked.
            known = [(slug, slug) for slug in data.getlist(self.SCHEME.value)]
        ticks = self.fields[self.SCHEME.value]
        assert isinstance(ticks, forms.MultipleChoiceField)  # noqa: S101 - so is each form below
        ticks.choices = known

    @classmethod
    def said(cls, answers: Mapping[str, Any]) -> list[str]:
        """Return labels, own words, and whether the teller is not sure."""
        name = cls.SCHEME.value
        lines = labels(cls.SCHEME, answers.get(name) or [])
        lines += [answers[f"{name}_words"]] if answers.get(f"{name}_words") else []
        return [*lines, gettext("Not sure")] if answers.get(f"{name}_unsure") else lines


def _ticks(label: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, required=False, widget=forms.CheckboxSelectMultiple)


def _unsure() -> forms.BooleanField:
    return forms.BooleanField(label=_("I am not sure"), required=False)


class IndustryForm(ConceptForm):
    """Where the work is done."""

    SCHEME = Scheme.INDUSTRY

    industry = _ticks(_("What kind of work is it?"))
    industry_words = _line(_("Or in your own words"), _("For example: I clean hotel rooms."))
    industry_unsure = _unsure()


class TechnologyForm(ConceptForm):
    """What the technology does."""

    SCHEME = Scheme.TECHNOLOGY

    technology = _ticks(_("What does the technology do?"))
    technology_words = _line(_("Or in your own words"), _("For example: an app that tells me which room is next."))
    technology_unsure = _unsure()


class HarmForm(ConceptForm):
    """What it does to people."""

    SCHEME = Scheme.HARM

    harm = _ticks(_("What does it do to people?"))
    harm_words = _line(_("Or in your own words"), _("For example: I have no time to go to the toilet."))
    harm_unsure = _unsure()


class WhereForm(StepForm):
    """Where it happened, as coarse as wanted."""

    country = _line(_("Country"))
    state = _line(_("State or region"))
    town = _line(_("Town"), _("A small town can lead back to you. You can leave this empty."))


class WhenForm(StepForm):
    """When it happened: a month, a year, or neither."""

    month = forms.TypedChoiceField(
        label=_("Month"), required=False, coerce=int, empty_value=None, choices=[("", "–"), *MONTHS.items()]
    )
    year = forms.IntegerField(
        label=_("Year"),
        required=False,
        min_value=1950,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "invalid": _("Write the year with four digits, or leave it empty."),
            "min_value": _("Write the year with four digits, or leave it empty."),
        },
    )
    when_unsure = _unsure()

    def clean_year(self) -> int | None:
        """Refuse a year to come.

        Raises:
            ValidationError: it is one.
        """
        year: int | None = self.cleaned_data["year"]
        if year and year > timezone.localdate().year + 1:
            raise forms.ValidationError(_("Write the year with four digits, or leave it empty."))
        return year

    @classmethod
    def said(cls, answers: Mapping[str, Any]) -> list[str]:
        """Return the month in words and the year."""
        month = answers.get("month")
        parts = [str(MONTHS[month]) if month in MONTHS else "", str(answers.get("year") or "")]
        line = " ".join(part for part in parts if part)
        return [part for part in (line, gettext("Not sure") if answers.get("when_unsure") else "") if part]


NAMING = [
    ("no", _("No. Do not name the employer in public.")),
    ("ask", _("I do not know yet. Ask me first.")),
    ("yes", _("Yes. The employer may be named in public.")),
]
PUBLISH, MODERATORS = "publish", "moderators"
USES = [
    (PUBLISH, _("Write a public text. It goes public only after I have read it and said yes.")),
    (MODERATORS, _("Publish nothing and pass nothing on. Only the moderators read it.")),
]


def use_of(answers: Mapping[str, Any]) -> str:
    """Return how what was told may be used: empty where nothing was said, the careful one where it is said no more."""
    use = answers.get("use") or ""
    return use if use in dict(USES) or not use else MODERATORS


class EmployerForm(StepForm):
    """Who employs, and whether they may be named."""

    employer = _line(_("Who is the employer?"), _("You can leave this empty."))
    naming = forms.ChoiceField(
        label=_("May the employer be named in public?"),
        required=False,
        choices=NAMING,
        widget=forms.RadioSelect,
    )

    @classmethod
    def opened(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Begin with the careful answer."""
        return {"employer": answers.get("employer"), "naming": answers.get("naming") or "no"}

    @classmethod
    def said(cls, answers: Mapping[str, Any]) -> list[str]:
        """Return the name, and whether it may be named."""
        if not answers.get("employer"):
            return []
        return [answers["employer"], str(dict(NAMING).get(answers.get("naming") or "no", ""))]


class UseForm(StepForm):
    """How it may be used."""

    use = forms.ChoiceField(label=_("What may we do with it?"), required=False, choices=USES, widget=forms.RadioSelect)

    @classmethod
    def opened(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Begin with nothing ticked: nobody is led to a yes."""
        return {"use": use_of(answers) or None}

    @classmethod
    def said(cls, answers: Mapping[str, Any]) -> list[str]:
        """Return the sentence that was chosen."""
        chosen = dict(USES).get(use_of(answers))
        return [str(chosen)] if chosen else []


class ContactForm(StepForm):
    """How to reach the teller. It is sealed apart from the answers."""

    name = _line(_("What should we call you?"), _("It need not be your name."))
    reach = _line(
        _("A way to reach you"),
        _("A phone number, an e-mail address, a name on Signal. Not from work. The return code works without any."),
    )
