"""The pages on which one tells: what is promised, one question a page, all answers, and the receipt."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from coalition.intake.careful import AWAY, careful, report
from coalition.intake.codes import Code
from coalition.intake.cookies import everything_end, ticket_end, ticket_of, ticket_set
from coalition.intake.drafts import Ticket, draft_code_make, draft_of, draft_save
from coalition.intake.limits import is_limited
from coalition.intake.models import Submission
from coalition.intake.states import NotAllowedError, State
from coalition.intake.submissions import submission_send
from coalition.intake.telling.forms import StepForm
from coalition.intake.telling.steps import Step, all_forms, neighbours, step_of, steps
from coalition.intake.withdrawing import submission_withdraw
from coalition.promises import LIMITS


def language() -> str:
    """Return the language in which the page is read."""
    found = get_language() or ""
    return found if found in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def said_away() -> str:
    """Return what one who sent something is told while the database does not answer."""
    return gettext("This could not be saved just now. What you wrote is still here: wait a minute, then press again.")


def said_limited() -> str:
    """Return what one is told when too much was sent."""
    return gettext(
        "A lot is being sent right now, from your network or from everywhere. What you wrote is still here: "
        "wait a quarter of an hour, then press again."
    )


@careful
@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    """Say who will read it, what is kept, what cannot be promised and how to be safer, before anything is asked."""
    return render(
        request,
        "intake/begin.html",
        {
            "first": steps()[0],
            "goes_on": ticket_of(request) is not None,
            "keep_days": settings.INTAKE_KEEP_DAYS,
            "original_days": settings.INTAKE_ORIGINAL_DAYS,
            "limits": LIMITS.sentences,
        },
    )


@careful
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask one question, and save what is answered."""
    here = step_of(slug)
    if here is None:
        raise Http404
    if here.view is not None:
        return here.view(request)
    assert here.form is not None  # noqa: S101 - a step has one or the other
    ticket = ticket_of(request)
    if request.method == "POST":
        return _step_posted(request, here, here.form(request.POST), ticket or Ticket())
    draft = draft_of(ticket)
    if draft is not None and draft.state != State.DRAFT:
        return redirect("tell_check")
    form = here.form(answers=draft.open(here.field) if draft else None)
    response = step_page(request, here, form)
    if ticket is None:
        ticket_set(request, response, Ticket())
    return response


def _step_posted(request: HttpRequest, here: Step, form: StepForm, ticket: Ticket) -> HttpResponse:
    do = request.POST.get("do", "next")
    is_valid = form.is_valid()
    before, after = neighbours(here)
    try:
        # Whoever goes back or leaves keeps what makes sense of it, also where something is missing.
        if is_valid or do in ("back", "later"):
            draft_save(ticket=ticket, language=language(), **{here.field: form.written()})
        if do == "later":
            return _code_page(request, draft_code_make(ticket=ticket), is_sent=False)
    except NotAllowedError:
        return redirect("tell_check")
    except AWAY as error:
        report(error)
        form.add_error(None, said_away())
        response = step_page(request, here, form, status=503)
    else:
        if do == "back":
            response = redirect("tell_step", before.slug) if before else redirect("tell")
        elif not is_valid:
            response = step_page(request, here, form, status=422)
        elif after is None or "check" in (do, request.POST.get("to")):
            response = redirect("tell_check")
        else:
            response = redirect("tell_step", after.slug)
    ticket_set(request, response, ticket)
    return response


def step_page(request: HttpRequest, here: Step, form: StepForm, *, status: int = 200) -> HttpResponse:
    """Return the page that asks one question."""
    every = steps()
    context = {
        "step": here,
        "form": form,
        "number": every.index(here) + 1,
        "steps": every,
        "is_first": here == every[0],
        "to_check": "check" in (request.GET.get("to"), request.POST.get("to")),
    }
    return render(request, "intake/step.html", context, status=status)


@careful
@require_GET
def check(request: HttpRequest) -> HttpResponse:
    """Show all answers, each with a way to change it, before anything is sent."""
    ticket = ticket_of(request)
    draft = draft_of(ticket)
    if draft is None:
        return redirect("tell")
    return _check_page(request, draft)


def _check_page(request: HttpRequest, draft: Submission, *, problem: str = "", status: int = 200) -> HttpResponse:
    is_sent = draft.state != State.DRAFT
    answers = [] if is_sent else [(each, each.lines(draft)) for each in steps()]
    context = {
        "answers": answers,
        "is_sent": is_sent,
        "can_send": bool(answers and answers[0][1]),
        "has_code": draft.has_code,
        "problem": problem,
    }
    return render(request, "intake/check.html", context, status=status)


@careful
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Send the draft and show the receipt; sent once more, it shows the same receipt."""
    ticket = ticket_of(request)
    if ticket is None:
        return redirect("tell")
    draft = None
    try:
        draft = draft_of(ticket)
        if draft is None:
            return redirect("tell")
        # The receipt again costs nothing.
        if draft.state == State.DRAFT and is_limited(request, "send"):
            return _check_page(request, draft, problem=said_limited(), status=429)
        code = submission_send(ticket=ticket, language=language())
    except ValueError:
        return redirect("tell_step", steps()[0].slug)
    except NotAllowedError:
        return redirect("tell")
    except AWAY as error:
        report(error)
        return render(request, "intake/send_again.html", {"problem": said_away()}, status=503)
    return _code_page(request, code, is_sent=True)


def _code_page(request: HttpRequest, code: Code, *, is_sent: bool) -> HttpResponse:
    """Show the nine words, and end the browser's hold on the draft."""
    response = render(
        request,
        "intake/receipt.html",
        {
            "words": code.words,
            "language_of_words": code.language,
            "is_sent": is_sent,
            "keep_days": settings.INTAKE_KEEP_DAYS,
            "draft_days": settings.INTAKE_DRAFT_CODE_DAYS,
        },
    )
    ticket_end(request, response)
    return response


@careful
@require_POST
def later(request: HttpRequest) -> HttpResponse:
    """Show the code with which one can go on later."""
    ticket = ticket_of(request)
    try:
        draft = draft_of(ticket)
        if ticket is None or draft is None:
            return redirect("tell")
        return _code_page(request, draft_code_make(ticket=ticket), is_sent=draft.state != State.DRAFT)
    except AWAY as error:
        report(error)
        return render(request, "intake/send_again.html", {"problem": said_away()}, status=503)


@careful
@require_http_methods(["GET", "POST"])
def discard(request: HttpRequest) -> HttpResponse:
    """Delete a draft for good, after asking once."""
    draft = draft_of(ticket_of(request))
    if request.method == "GET":
        return render(request, "intake/discard.html") if draft else redirect("tell")
    if draft is not None and draft.state == State.DRAFT:
        submission_withdraw(submission=draft)
    return _ended(request)


@careful
@require_http_methods(["GET", "POST"])
def all_at_once(request: HttpRequest) -> HttpResponse:
    """Ask everything on one page, and send it with one press."""
    ticket = ticket_of(request)
    if request.method == "POST":
        return _all_posted(request, ticket or Ticket())
    draft = draft_of(ticket)
    if draft is not None and draft.state != State.DRAFT:
        return redirect("tell_check")
    response = all_page(request, all_forms(submission=draft))
    if ticket is None:
        ticket_set(request, response, Ticket())
    return response


def _all_posted(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    forms = all_forms(request.POST)
    problem, status = "", 422
    # Every form is looked at, so that all mistakes are marked at once.
    if not [form for _step, form in forms if not form.is_valid()]:
        try:
            sent = draft_of(ticket)
            if (sent is None or sent.state == State.DRAFT) and is_limited(request, "send"):
                problem, status = said_limited(), 429
            else:
                parts: dict[str, dict[str, Any]] = {"answers": {}, "contact": {}}
                for each, form in forms:
                    parts[each.field].update(form.written())
                code = submission_send(ticket=ticket, language=language(), **parts)
                return _code_page(request, code, is_sent=True)
        except NotAllowedError:
            return redirect("tell")
        except AWAY as error:
            report(error)
            problem, status = said_away(), 503
    response = all_page(request, forms, problem=problem, status=status)
    ticket_set(request, response, ticket)
    return response


def all_page(
    request: HttpRequest, forms: list[tuple[Step, StepForm]], *, problem: str = "", status: int = 200
) -> HttpResponse:
    """Return the page that asks everything."""
    wrong = any(form.errors for _step, form in forms if form.is_bound)
    return render(request, "intake/all.html", {"forms": forms, "problem": problem, "is_wrong": wrong}, status=status)


@careful
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest) -> HttpResponse:
    """Say that all is done, and have the browser forget it."""
    return _ended(request)


def _ended(request: HttpRequest) -> HttpResponse:
    response = render(request, "intake/ended.html")
    everything_end(request, response)
    return response
