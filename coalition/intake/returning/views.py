"""The pages of whoever came back with a code."""

import contextlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from coalition.intake.careful import AWAY, careful, report
from coalition.intake.codes import code_read
from coalition.intake.cookies import everything_end, ticket_set, visit_cookie, visit_set
from coalition.intake.drafts import draft_resume
from coalition.intake.limits import is_limited
from coalition.intake.messages import message_write, messages_mark_seen
from coalition.intake.models import Submission
from coalition.intake.returning.forms import CodeForm, MessageForm
from coalition.intake.returning.panels import Panel, panels_of
from coalition.intake.returning.visits import visit_begin, visit_forget, visit_of
from coalition.intake.states import NotAllowedError, State
from coalition.intake.submissions import submission_find
from coalition.intake.telling.steps import steps
from coalition.intake.telling.views import said_away, said_limited
from coalition.intake.withdrawing import submission_withdraw


@careful
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Ask for the code; with the right one, a visit begins, or the draft is gone on with."""
    if request.method == "GET":
        return code_page(request, CodeForm())
    form = CodeForm(request.POST)
    if not form.is_valid():
        return code_page(request, form, status=422)
    try:
        if is_limited(request, "code"):
            form.add_error(None, said_limited())
            return code_page(request, form, status=429)
        code = code_read(form.cleaned_data["code"])
        found = submission_find(code)
        if found is None or code is None:
            form.add_error(
                "code", gettext("Nothing is found with these words. Look at each of them once more: are there nine?")
            )
            return code_page(request, form, status=422)
        if found.state == State.DRAFT:
            response: HttpResponse = redirect("tell_check")
            ticket_set(request, response, draft_resume(draft=found, code=code))
        else:
            response = redirect("return_home")
            visit_set(request, response, visit_begin(found))
    except NotAllowedError:
        return redirect("return")
    except AWAY as error:
        report(error)
        form.add_error(None, said_away())
        return code_page(request, form, status=503)
    with translation.override(found.language):
        return response


def code_page(request: HttpRequest, form: CodeForm, *, status: int = 200) -> HttpResponse:
    """Return the page that asks for the code."""
    return render(request, "intake/enter.html", {"form": form}, status=status)


def visited(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give a view the submission of the visit; where there is none, lead to where the code is asked for."""

    @careful
    @wraps(view)
    def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        submission = visit_of(request.COOKIES.get(visit_cookie(request)))
        if submission is None:
            return redirect("return")
        return view(request, submission, *args, **kwargs)

    return kept


@visited
@require_GET
def home(request: HttpRequest, submission: Submission) -> HttpResponse:
    """Say how it stands, and show what was written back and forth."""
    response = home_page(request, submission, MessageForm())
    messages_mark_seen(submission=submission, by_teller=True)
    return response


def home_page(
    request: HttpRequest,
    submission: Submission,
    form: MessageForm,
    *,
    status: int = 200,
    is_away: bool = False,
    panels: list[Panel] | None = None,
) -> HttpResponse:
    """Return the page of whoever came back.

    Args:
        request: theirs.
        submission: theirs.
        form: a message that is not sent yet.
        status: of the answer.
        is_away: whether the database is.
        panels: what is shown instead of what packages show otherwise: a form that was filled in.
    """
    context: dict[str, Any] = {"form": form, "is_away": is_away, "panels": panels or []}
    if not is_away:
        context |= {
            "submission": submission,
            "sentence": _sentence(submission),
            "conversation": [(message, message.open("text")) for message in submission.messages.order_by("number")],
            "panels": panels_of(submission) if panels is None else panels,
        }
    return render(request, "intake/home.html", context, status=status)


def _sentence(submission: Submission) -> str:
    """Return in words how it stands and until when it is kept."""
    until = min((day for day in (submission.expires_on, submission.original_until) if day), default=None)
    sentences = {
        State.RECEIVED: gettext("It has arrived. Nobody has read it yet."),
        State.READING: gettext("A moderator is reading it."),
        State.PROPOSED: gettext("We have written a text for the public. Nothing is public before you say yes to it."),
        State.AGREED: gettext(
            "You said yes. It will be public soon; the day is left to chance, so that it tells nothing."
        ),
        State.PUBLISHED: gettext("It is public. You can take it back at any time."),
        State.DECLINED: gettext("It will not be published."),
    }
    said = sentences.get(State(submission.state), "")
    if until is None:
        return said
    kept = gettext("What you wrote is kept until %(day)s and then deleted.") % {"day": date_format(until)}
    return f"{said} {kept}"


@careful
@require_POST
def message(request: HttpRequest) -> HttpResponse:
    """Take a message in."""
    form = MessageForm(request.POST)
    submission = None
    try:
        submission = visit_of(request.COOKIES.get(visit_cookie(request)))
        if submission is None:
            return over(request, form)
        if not form.is_valid():
            return home_page(request, submission, form, status=422)
        if is_limited(request, "message"):
            form.add_error(None, said_limited())
            return home_page(request, submission, form, status=429)
        message_write(submission=submission, text=form.cleaned_data["text"], from_teller=True)
    except Submission.DoesNotExist:
        return over(request, form)
    except NotAllowedError:
        form.add_error(None, gettext("There are too many messages here. Tell it as something new."))
        assert submission is not None  # noqa: S101 - whoever writes has one
        return home_page(request, submission, form, status=409)
    except AWAY as error:
        report(error)
        form.add_error(None, said_away())
        return home_page(request, Submission(), form, status=503, is_away=True)
    return redirect(reverse("return_home") + "#conversation")


def over(request: HttpRequest, form: Form) -> HttpResponse:
    """Ask for the code again, with what was typed on the page to copy: it has nowhere else to be."""
    context = {"form": CodeForm(), "unsent": form.data.get("text", "")}
    return render(request, "intake/enter.html", context, status=403)


@visited
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, submission: Submission) -> HttpResponse:
    """Delete everything for good, after asking once."""
    if request.method == "GET":
        return render(request, "intake/withdraw.html", {"submission": submission})
    # It may be gone already, which is what was asked for.
    with contextlib.suppress(NotAllowedError, Submission.DoesNotExist):
        submission_withdraw(submission=submission)
    visit_forget(request.COOKIES.get(visit_cookie(request)))
    response = render(request, "intake/ended.html", {"is_withdrawn": True})
    everything_end(request, response)
    return response


@visited
@require_GET
def own_words(request: HttpRequest, submission: Submission) -> HttpResponse:
    """Give the teller their own words as plain text."""
    lines: list[str] = []
    if submission.answers is not None:
        for step in steps():
            said = step.lines(submission)
            lines += [str(step.label), *said, ""] if said else []
    for each in submission.messages.order_by("number"):
        who = gettext("You") if each.from_teller else gettext("Moderators")
        lines += [f"{who}, {date_format(each.day)}", each.open("text"), ""]
    response = HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="notes.txt"'
    return response


@careful
@require_POST
def close(request: HttpRequest) -> HttpResponse:
    """End the visit, and have the browser forget it."""
    visit_forget(request.COOKIES.get(visit_cookie(request)))
    response = render(request, "intake/ended.html")
    everything_end(request, response)
    return response


@csrf_exempt
@careful
@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """Get out at once: to a page that says nothing, with nothing left in the browser."""
    try:
        visit_forget(request.COOKIES.get(visit_cookie(request)))
    except AWAY as error:
        report(error)
    response = HttpResponseRedirect(settings.EXIT_URL)
    response.status_code = 303
    everything_end(request, response)
    return response
