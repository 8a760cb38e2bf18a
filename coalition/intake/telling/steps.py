"""The steps in which one tells, in their order. Packages put further ones in (files)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from coalition.intake.models import Submission
from coalition.intake.telling.forms import (
    ContactForm,
    EmployerForm,
    HarmForm,
    IndustryForm,
    StepForm,
    TechnologyForm,
    UseForm,
    WhatForm,
    WhenForm,
    WhereForm,
)


@dataclass(frozen=True)
class Step:
    """A step: its name in the address, what it is about, and how it asks.

    A step with a form is drawn and saved by ``telling.views``; ``field`` is where its answers lie. A step without one
    brings a ``view`` for its page and a ``said`` for the page that checks all answers. The page with all questions at
    once leaves it out.
    """

    slug: str
    label: str | Promise
    why: str | Promise = ""
    form: type[StepForm] | None = None
    field: str = "answers"
    view: Callable[[HttpRequest], HttpResponse] | None = None
    said: Callable[[Submission], list[str]] | None = None

    def lines(self, submission: Submission) -> list[str]:
        """Return what was answered, a line each."""
        if self.said is not None:
            return self.said(submission)
        return self.form.said(submission.open(self.field) or {}) if self.form else []


_steps: list[Step] = [
    Step("what", _("What happened"), form=WhatForm),
    Step("work", _("The work"), _("It helps us to find others who face the same."), form=IndustryForm),
    Step("technology", _("The technology"), _("Tick what fits, or say it yourself."), form=TechnologyForm),
    Step("harm", _("The harm"), _("Tick what fits, or say it yourself."), form=HarmForm),
    Step("where", _("Where"), _("Say as much as you like. A country is enough; nothing is fine too."), form=WhereForm),
    Step("when", _("When"), _("Never the exact day: a month or a year is enough."), form=WhenForm),
    Step(
        "employer",
        _("The employer"),
        _("Moderators see the name. The public sees it only if you allow it."),
        form=EmployerForm,
    ),
    Step("use", _("What we may do"), _("You can change your mind at any time, with your return code."), form=UseForm),
    Step(
        "reach",
        _("How to reach you"),
        _("Nothing is needed here. With your return code you can read answers and write back."),
        form=ContactForm,
        field="contact",
    ),
]


def steps() -> list[Step]:
    """Return the steps in their order."""
    return list(_steps)


def step_add(step: Step, *, before: str) -> None:
    """Put a step before another one; a second time changes nothing.

    Raises:
        LookupError: there is no such step.
    """
    slugs = [each.slug for each in _steps]
    if step.slug in slugs:
        return
    if before not in slugs:
        raise LookupError(f"There is no step {before}.")
    _steps.insert(slugs.index(before), step)


def step_of(slug: str) -> Step | None:
    """Return the step of this name."""
    return next((step for step in _steps if step.slug == slug), None)


def neighbours(step: Step) -> tuple[Step | None, Step | None]:
    """Return the steps before and after."""
    index = _steps.index(step)
    return (_steps[index - 1] if index else None, _steps[index + 1] if index + 1 < len(_steps) else None)


def answers_said(submission: Submission) -> list[tuple[str | Promise, list[str]]]:
    """Return what was answered as moderators read it, by question; what has no answer is left out.

    How to reach the teller is not among it, nor what files were called: a camera writes the second into a name.
    """
    answers = [(step.label, step.lines(submission)) for step in _steps if step.form and step.field == "answers"]
    return [(label, lines) for label, lines in answers if lines]


def all_forms(data: Any = None, submission: Submission | None = None) -> list[tuple[Step, StepForm]]:
    """Return every question's form, for the page that asks all at once."""
    opened: dict[str, Any] = {}
    found = []
    for step in _steps:
        if step.form is None:
            continue
        if submission is not None and step.field not in opened:
            opened[step.field] = submission.open(step.field)
        found.append((step, step.form(data, answers=opened.get(step.field))))
    return found
