"""Where files join what the rest of the intake shows: a step of telling, and a part of the page one comes back to."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from coalition.intake.evidence.filing import described
from coalition.intake.models import Submission
from coalition.intake.returning.panels import Panel, on_return_page
from coalition.intake.telling.steps import Step, step_add


def _view(request: HttpRequest) -> HttpResponse:
    from coalition.intake.evidence.views import tell_files  # it needs the steps

    return tell_files(request)


def files_said(submission: Submission) -> list[str]:
    """Return names and sizes, a line each."""
    return [f"{each['about']['name']} ({filesizeformat(each['about']['size'])})" for each in described(submission)]


@on_return_page
def files_panel(submission: Submission) -> Iterable[Panel]:
    """Show which files are there, and where one adds to them."""
    return [Panel("intake/files_panel.html", {"files": described(submission)})]


step_add(
    Step(
        "files",
        _("Files"),
        _("Photos, a PDF, a recording: if you like. They are locked with a key while they arrive."),
        view=_view,
        said=files_said,
    ),
    before="use",
)
