"""Forms about belonging to an organization."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cms.organizations.models import OrganizationPage
from coalition.membership.models import Application, Membership, Practice


class InvitationForm(forms.Form):
    """Whom to invite, and as what."""

    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label=_("As"), choices=Membership.Role.choices, initial=Membership.Role.ORGANIZER)


class ApplicationForm(forms.ModelForm):
    """Who somebody is in an organization, for whoever decides."""

    class Meta:
        """A note is all it takes."""

        model = Application
        fields = ["note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 5})}


class DecisionForm(forms.Form):
    """Yes with a role, or no with a reason."""

    role = forms.ChoiceField(label=_("As"), choices=Membership.Role.choices)
    answer = forms.CharField(
        label=_("If no: why"),
        help_text=_("One sentence for the person who asked. They get it by mail."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    decision = forms.ChoiceField(choices=[("approve", _("Approve")), ("refuse", _("Refuse"))])

    def clean_answer(self) -> str:
        """Refuse a no without a reason."""
        answer: str = self.cleaned_data["answer"].strip()
        if self.data.get("decision") == "refuse" and not answer:
            raise forms.ValidationError(_("Say in a sentence why not: the person may be able to mend it."))
        return answer


class PracticeForm(forms.ModelForm):
    """What an organization settles for itself."""

    class Meta:
        """One choice so far."""

        model = Practice
        fields = ["publishing"]
        widgets = {"publishing": forms.RadioSelect}


class MergeForm(forms.Form):
    """Two entries that are one organization."""

    gone = forms.ModelChoiceField(
        label=_("This entry goes"),
        help_text=_("Its people, campaigns and followers go to the other; its address leads there."),
        queryset=OrganizationPage.objects.none(),
    )
    kept = forms.ModelChoiceField(
        label=_("This entry stays"),
        help_text=_("It keeps its own profile."),
        queryset=OrganizationPage.objects.none(),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choices = OrganizationPage.objects.order_by("title", "pk")
        self.fields["gone"].queryset = choices  # type: ignore[attr-defined]
        self.fields["kept"].queryset = choices.live()  # type: ignore[attr-defined]
