"""A text for the public, as a moderator writes it, and the teller's answer."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from cms.stories.models import StoryPage
from cms.taxonomy.models import Concept
from cms.taxonomy.schemes import Scheme
from coalition.intake.messages import LONGEST
from coalition.intake.publishing.fields import SCHEMES, Content, content_make
from search.vocabulary import Vocabulary

_OFF = {"autocomplete": "off", "spellcheck": "true"}
_TICKS = {
    Scheme.INDUSTRY: _("Industries"),
    Scheme.TECHNOLOGY: _("Technology types"),
    Scheme.HARM: _("Harms"),
    Scheme.OCCUPATION: _("Occupations"),
    Scheme.PLACE: _("Places"),
}


def _line(label: Any, help_text: Any = "", *, most: int = 255, required: bool = False) -> forms.CharField:
    widget = forms.TextInput(attrs=_OFF)
    return forms.CharField(label=label, help_text=help_text, required=required, max_length=most, widget=widget)


def _words(label: Any, help_text: Any, *, rows: int, most: int) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, **_OFF})
    return forms.CharField(label=label, help_text=help_text, required=False, max_length=most, widget=widget)


class ProposalForm(forms.Form):
    """Every public field. A draft may leave out anything; what is sent may not: see :meth:`missing`."""

    headline = _line(_("Headline"), _("What happens, in one line. It becomes the address too."))
    standfirst = _words(_("In short"), _("One or two sentences that stand alone."), rows=3, most=1000)
    text = _words(_("Text"), _("An empty line begins a new paragraph."), rows=14, most=60_000)
    content_note = _line(_("Content note"), _("What readers should know before they read on."))
    employer = _line(_("Employer"), _("Only if the teller said that it may be named. Leave empty otherwise."), most=160)
    year = forms.IntegerField(
        label=_("Year"),
        required=False,
        min_value=1950,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    month = forms.TypedChoiceField(
        label=_("Month"), required=False, coerce=int, empty_value=None, choices=[("", "–"), *MONTHS.items()]
    )
    stage = forms.ChoiceField(
        label=_("Stage"),
        required=False,
        choices=StoryPage.Stage.choices,
        widget=forms.RadioSelect,
        help_text=_("A fear is not an event: say how far the technology has really come."),
    )
    standing = forms.ChoiceField(
        label=_("What it rests on"),
        required=False,
        choices=StoryPage.Standing.choices,
        initial=StoryPage.Standing.WORKER,
        widget=forms.RadioSelect,
    )
    language = forms.ChoiceField(label=_("Language of the text"), choices=settings.LANGUAGES)
    words = _words(
        _("To the teller"), _("What you want to say beside the text. Empty: a plain sentence."), rows=3, most=LONGEST
    )
    # Asked only where the teller said that nothing is to be published.
    allowed_since = forms.BooleanField(label=_("They have since written that it may be published"), required=False)

    def __init__(
        self, data: Any = None, *, content: Mapping[str, Any] | None = None, nothing_public: bool = False
    ) -> None:
        super().__init__(data, initial=_initial(content or {}), auto_id="p_%s")
        if not nothing_public:
            del self.fields["allowed_since"]
        self._ids = dict(Concept.objects.current().filter(scheme__in=SCHEMES).values_list("pk", "public_id"))
        vocabulary = Vocabulary.load()
        for scheme in SCHEMES:
            terms = list(vocabulary.walk(vocabulary.roots(scheme.value)))
            self.fields[scheme.value] = forms.MultipleChoiceField(
                label=_TICKS[scheme],
                required=False,
                # What lies below something else is set off, for the eye and the ear.
                choices=[(str(self._ids[each.id]), f"{'– ' * each.depth}{each.label}") for each in terms],
                widget=forms.CheckboxSelectMultiple,
                initial=(content or {}).get(scheme.value) or [],
            )

    def ticks(self) -> Iterator[tuple[forms.BoundField, int]]:
        """Yield the lists of concepts, each with how many are ticked."""
        for scheme in SCHEMES:
            field = self[scheme.value]
            yield field, len(field.value() or [])

    def content(self) -> Content:
        """Return what was filled in."""
        given = dict(self.cleaned_data)
        text = given.pop("text").replace("\r\n", "\n")
        given["body"] = [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]
        return content_make(**given)

    def clean_year(self) -> int | None:
        """Refuse a year to come.

        Raises:
            ValidationError: it is one.
        """
        year: int | None = self.cleaned_data["year"]
        if year and year > timezone.localdate().year:
            raise forms.ValidationError(_("Write the year with four digits, or leave it empty."))
        return year

    def require_whole(self) -> bool:
        """Note what is missing before it can be sent; whether nothing is."""
        needed = {
            "headline": _("Write a headline."),
            "standfirst": _("Write in a sentence or two what it is about."),
            "stage": _("Say how far the technology has come."),
            "standing": _("Say what it rests on."),
            Scheme.INDUSTRY.value: _("Tick at least one industry."),
            Scheme.TECHNOLOGY.value: _("Tick at least one technology type."),
        }
        for name, sentence in needed.items():
            if not self.cleaned_data.get(name):
                self.add_error(name, sentence)
        if "allowed_since" in self.fields and not self.cleaned_data.get("allowed_since"):
            self.add_error(
                "allowed_since",
                _("The teller wants nothing published. Ask them first, by a message, and tick this once they say yes."),
            )
        if self.cleaned_data.get("month") and not self.cleaned_data.get("year"):
            self.add_error("year", _("A month needs its year."))
        return not self.errors


def _initial(content: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in content.items() if value}
    given["text"] = "\n\n".join(content.get("body") or [])
    return given


class AnswerForm(forms.Form):
    """What the teller says to a text."""

    YES, CHANGES, NO = "yes", "changes", "no"

    answer = forms.ChoiceField(
        label=_("What do you say?"),
        choices=[
            (YES, _("Yes. Publish exactly this.")),
            (CHANGES, _("Change something first.")),
            (NO, _("No. Publish nothing.")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the three.")},
    )
    text = forms.CharField(
        label=_("What should change?"),
        help_text=_("Needed only if you want a change."),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
    )
    # The hash of the text that was on the page: the yes is to that one.
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="answer_%s")

    def clean(self) -> dict[str, Any]:
        """Ask for what should change."""
        given = super().clean() or {}
        if given.get("answer") == self.CHANGES and not given.get("text", "").strip():
            self.add_error("text", _("Write what should change."))
        return given
