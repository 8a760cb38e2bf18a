"""The steps in which a campaign is written, in the order in which they are offered."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cms.campaigns.models import CampaignPage
from coalition.organizing.drafts import content_of
from coalition.organizing.forms.linked import Resources, Stories
from coalition.organizing.forms.steps import ActForm, DatesForm, DemandsForm, OutcomeForm, StepForm, WhatForm
from search.topics import Topics


@dataclass(frozen=True)
class Step:
    """A step: its name in the address, its heading, what it is for, its form and the template that draws it."""

    slug: str
    label: str | Promise
    what: str | Promise
    form: Any
    template: str

    def opened(self, page: CampaignPage, data: Any = None) -> Any:
        """Return the step's form for a draft, or with what was posted."""
        is_form = isinstance(self.form, type) and issubclass(self.form, StepForm)
        return self.form.opened(page, data) if is_form else self.form(page, data)

    def is_filled(self, page: CampaignPage) -> bool:
        """Whether something stands in it."""
        said = content_of(page, self.form.FIELDS)
        return any(value and value != "open" for value in said.values())


_FIELDS = "organizing/step_fields.html"
STEPS: dict[str, Step] = {
    step.slug: step
    for step in (
        Step("what", _("What you fight"), _("Title, in short, the text, who must act."), WhatForm, _FIELDS),
        Step(
            "about",
            _("What it is about"),
            _("Industries and technology types, harms, places: by these it is found."),
            Topics,
            "organizing/step_topics.html",
        ),
        Step(
            "demands",
            _("What is demanded"),
            _("Each demand with how it stands."),
            DemandsForm,
            "organizing/step_rows.html",
        ),
        Step("act", _("What you can do"), _("Sign-up, event, letter, phone script, contact."), ActForm, _FIELDS),
        Step(
            "dates",
            _("Key dates"),
            _("When it began, and the days that matter."),
            DatesForm,
            "organizing/step_rows.html",
        ),
        Step("outcome", _("How it stands"), _("What was won or lost, and for whom."), OutcomeForm, _FIELDS),
        Step(
            "stories",
            _("The stories behind it"),
            _("Stories on this site that show why."),
            Stories,
            "organizing/step_linked.html",
        ),
        Step(
            "resources",
            _("Won or used here"),
            _("Agreements, laws, studies on this site."),
            Resources,
            "organizing/step_linked.html",
        ),
    )
}
