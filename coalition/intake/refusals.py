"""A form whose token is wrong: what was typed comes back in its form, with a new token."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import resolve
from django.utils.translation import gettext

from coalition.intake.careful import careful
from coalition.intake.evidence.views import token_refused as files_refused
from coalition.intake.middleware import is_confidential
from coalition.intake.publishing.forms import AnswerForm
from coalition.intake.returning import views as returning
from coalition.intake.returning.forms import CodeForm, MessageForm
from coalition.intake.telling import views as telling
from coalition.intake.telling.steps import all_forms, step_of
from coalition.organizing.views.kept import token_refused as organizers_refused


def token_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without a right token. Nothing is saved or sent; organizers' forms have a way of their own."""
    return _refused(request) if is_confidential(request) else organizers_refused(request, reason)


@careful
def _refused(request: HttpRequest) -> HttpResponse:
    match = resolve(request.path)
    said = gettext("This page was open for too long, or your browser takes no cookies. Nothing is lost: press again.")
    step = step_of(match.kwargs.get("slug", "")) if match.url_name == "tell_step" else None
    if step is not None and step.form is not None:
        form = step.form(request.POST)
        form.add_error(None, said)
        return telling.step_page(request, step, form, status=403)
    if match.url_name == "tell_all":
        return telling.all_page(request, all_forms(request.POST), problem=said, status=403)
    if match.url_name == "return":
        code = CodeForm(request.POST)
        code.add_error(None, said)
        return returning.code_page(request, code, status=403)
    typed = {"return_message": MessageForm, "return_text": AnswerForm}
    if form_of := typed.get(match.url_name or ""):
        return returning.over(request, form_of(request.POST))
    if files := files_refused(request, match.url_name, said):
        return files
    # No text was on those pages: they show again what is to be pressed.
    return redirect("return_home" if request.path.startswith("/return/") else "tell_check")
