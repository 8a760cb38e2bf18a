"""The pages of the moderators' area."""

import csv
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from cms.base.tables import harmless
from coalition.accounts.models import User
from coalition.intake.messages import message_write, messages_mark_seen
from coalition.intake.models import Submission, SubmissionQuerySet
from coalition.intake.publishing.proposing import draft_of, proposal_retract, waiting_of, wants_nothing_public
from coalition.intake.publishing.tie import page_of
from coalition.intake.reading.assigning import (
    note_write,
    submission_hand,
    submission_put_back,
    submission_take,
)
from coalition.intake.reading.conflicts import OwnHoldError, hold_lift, is_held
from coalition.intake.reading.desk import at_submission, desk, held, user_of
from coalition.intake.reading.files import copies_of
from coalition.intake.reading.forms import ExemptForm, HandForm, NoteForm, WhoForm, WriteForm
from coalition.intake.reading.known import names_known, told_before
from coalition.intake.reading.models import Charge, Opening
from coalition.intake.reading.opening import who_open, words_open
from coalition.intake.reading.redacting import pointed_page
from coalition.intake.states import READABLE, By, NotAllowedError, State, Step, may
from coalition.intake.submissions import submission_move
from coalition.intake.telling.steps import answers_said
from search.describing import LONGEST_DESCRIPTION, matches_for_text

PAGE = 50
STATES = [State(value) for value in State.values if value in READABLE]
WAITING, MINE, FREE = "waiting", "mine", "free"


def _queue(request: HttpRequest) -> tuple[SubmissionQuerySet, str, str]:
    """Return what the filters leave, how, and in which state; nothing of it is opened."""
    show, state = request.GET.get("show", ""), request.GET.get("state", "")
    found = Submission.objects.all().readable()
    if show == WAITING:
        found = Submission.objects.all().waiting()
    elif show == MINE:
        found = found.filter(charge__moderator=user_of(request))
    elif show == FREE:
        found = found.filter(charge=None)
    else:
        show = ""
    state = state if state in READABLE else ""
    if state:
        found = found.filter(state=state)
    found = found.with_news().select_related("charge__moderator")
    # Of sealed columns not even the ciphertext is read.
    found = found.defer("answers", "contact", "locator", "verifier", "salt", "draft_key")
    return found.order_by("received_on", "id"), show, state


@desk("moderation.queue")
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """List what there is: how it stands, the day, the language, who has it. Nothing is opened."""
    found, show, state = _queue(request)
    shows = [("", _("Everything")), (WAITING, _("Waiting")), (MINE, _("In my hands")), (FREE, _("In nobody’s hands"))]
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(each, _moderators_words(each.state)) for each in page],
        "shows": shows,
        "states": [(each.value, _moderators_words(each)) for each in STATES],
        "show": show,
        "state": state,
    }
    return render(request, "moderation/queue.html", context)


def _moderators_words(state: str) -> str:
    """Return a state as moderators say it: the labels speak to the teller."""
    return {
        State.RECEIVED: _("not read yet"),
        State.READING: _("being read"),
        State.PROPOSED: _("waits for the teller’s answer"),
        State.AGREED: _("agreed, not released yet"),
        State.PUBLISHED: _("public"),
        State.DECLINED: _("declined"),
    }[State(state)]


@desk("moderation.queue")
@require_safe
def queue_csv(request: HttpRequest) -> HttpResponse:
    """Give the queue as a table. It has no words of anybody."""
    found, _show, _state = _queue(request)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="queue.csv"'
    writer = csv.writer(response)
    writer.writerow(["state", "received on", "language", "in whose hands", "something new"])
    for each in found:
        charge = getattr(each, "charge", None)
        name = charge.moderator.display_name if charge else ""
        new = "yes" if each.has_news else ""  # type: ignore[attr-defined]
        writer.writerow([each.state, each.received_on or "", each.language, harmless(name), new])
    return response


@at_submission("moderation.queue")
@require_GET
def submission_page(request: HttpRequest, submission: Submission) -> HttpResponse:
    """Show one submission to whoever has it in hand; to others, who has it, and how to take it."""
    moderator = user_of(request)
    charge = Charge.objects.select_related("moderator").filter(submission=submission).first()
    if charge is None or charge.moderator_id != moderator.pk:
        context = {"submission": submission, "said": _moderators_words(submission.state), "charge": charge}
        return render(request, "moderation/not_yours.html", context)
    if is_held(submission, moderator):
        return held(request)
    return _opened(request, submission, WriteForm(), NoteForm())


def _opened(
    request: HttpRequest, submission: Submission, form: WriteForm, note_form: NoteForm, *, status: int = 200
) -> HttpResponse:
    moderator = user_of(request)
    told = words_open(submission=submission, moderator=moderator)
    conversation = [(each, each.open("text")) for each in submission.messages.order_by("number")]
    page = page_of(submission)
    context: dict[str, Any] = {
        "submission": submission,
        "said": _moderators_words(submission.state),
        "answers": answers_said(submission),
        "conversation": conversation,
        "notes": [(each, each.open("text")) for each in submission.notes.select_related("moderator")],
        "form": form,
        "note_form": note_form,
        "hand_form": HandForm(),
        "files": copies_of(submission),
        "has_contact": submission.contact is not None,
        "draft": draft_of(submission),
        "nothing_public": wants_nothing_public(submission),
        "waiting": waiting_of(submission),
        "page": page if page and page.live else None,
        "may": {step.name.lower(): may(submission.state, step, By.MODERATOR) for step in Step},
    }
    context |= _help(submission, told, [text for each, text in conversation if each.from_teller], moderator)
    messages_mark_seen(submission=submission, by_teller=False)
    return render(request, "moderation/submission.html", context, status=status)


# What the teller wrote in words of their own.
_OWN_WORDS = ("text", "industry_words", "technology_words", "harm_words")


def _help(submission: Submission, told: dict[str, Any], written: list[str], moderator: User) -> dict[str, Any]:
    """Return what is pointed out in all that the teller wrote, and what is like it: for this page, kept nowhere."""
    own = [*(told.get(name) or "" for name in _OWN_WORDS), *written]
    everything = "\n\n".join(part for part in own if part)
    found = pointed_page(everything, names_known(told)) if everything else {}
    words = told.get("text") or ""
    if not words:
        return found
    return found | {
        "told_before": told_before(submission, words, moderator),
        "alike": matches_for_text(words[:LONGEST_DESCRIPTION], language=submission.language).stories,
    }


@at_submission("moderation.queue")
@require_POST
def take(request: HttpRequest, submission: Submission) -> HttpResponse:
    """Take a submission in hand, if nobody has it and it names no organization of one's own."""
    if is_held(submission, user_of(request)):
        return held(request)
    try:
        submission_take(submission=submission, moderator=user_of(request))
    except NotAllowedError:
        messages.error(request, _("Somebody else has it by now."))
    return redirect("moderation_submission", submission.pk)


@at_submission("moderation.keep", opens=True)
@require_POST
def step(request: HttpRequest, submission: Submission) -> HttpResponse:
    """Put it back, decline it, open it again, or take back a text that is not public yet."""
    doing = request.POST.get("do", "")
    try:
        if doing == Step.PUT_BACK:
            submission_put_back(submission=submission)
            return redirect("moderation")
        if doing == Step.RETRACT:
            proposal_retract(submission=submission)
        elif doing in (Step.DECLINE, Step.REOPEN):
            submission_move(submission=submission, step=Step(doing), by=By.MODERATOR)
    except NotAllowedError:
        messages.error(request, _("It stands otherwise by now. Look at it once more."))
    return redirect("moderation_submission", submission.pk)


@at_submission("moderation.keep", opens=True)
@require_POST
def write(request: HttpRequest, submission: Submission) -> HttpResponse:
    """Write to the teller, or a note."""
    is_note = request.POST.get("kind") == "note"
    form = NoteForm(request.POST) if is_note else WriteForm(request.POST)
    if not form.is_valid():
        pair = (WriteForm(), form) if isinstance(form, NoteForm) else (form, NoteForm())
        return _opened(request, submission, *pair, status=422)
    text = form.cleaned_data["text"]
    try:
        if is_note:
            note_write(submission=submission, moderator=user_of(request), text=text)
        else:
            message_write(submission=submission, text=text, from_teller=False)
    except NotAllowedError:
        form.add_error(None, _("There are too many messages here already."))
        pair = (WriteForm(), form) if isinstance(form, NoteForm) else (form, NoteForm())
        return _opened(request, submission, *pair, status=409)
    return redirect("moderation_submission", submission.pk)


@at_submission("moderation.keep", opens=True)
@require_POST
def hand(request: HttpRequest, submission: Submission) -> HttpResponse:
    """Hand it to another moderator, who is not held by a conflict."""
    form = HandForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a moderator."))
        return redirect("moderation_submission", submission.pk)
    to: User = form.cleaned_data["moderator"]
    if is_held(submission, to):
        messages.error(request, _("They cannot read it: it names an organization that they belong to."))
        return redirect("moderation_submission", submission.pk)
    submission_hand(submission=submission, to=to, by=user_of(request))
    messages.success(request, _("It is in the hands of %(name)s now.") % {"name": to.display_name})
    return redirect("moderation")


@at_submission("moderation.identity", opens=True)
@require_http_methods(["GET", "POST"])
def who(request: HttpRequest, submission: Submission) -> HttpResponse:
    """Show how to reach the teller, on this page once, to whoever says why."""
    form = WhoForm(request.POST or None)
    contact = None
    if request.method == "POST" and form.is_valid():
        contact = who_open(submission=submission, moderator=user_of(request), reason=form.cleaned_data["reason"])
    context = {"submission": submission, "form": form, "contact": contact}
    status = 422 if request.method == "POST" and contact is None else 200
    return render(request, "moderation/who.html", context, status=status)


@desk("moderation.log")
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """Show administrators who opened what, and why."""
    rows = Opening.objects.select_related("who", "whom")
    what = request.GET.get("what", "")
    if what in Opening.What.values:
        rows = rows.filter(what=what)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    there = set(
        Submission.objects.filter(Q(pk__in=[each.submission_id for each in page]), state__in=READABLE).values_list(
            "pk", flat=True
        )
    )
    context = {"page": page, "there": there, "whats": Opening.What.choices, "what": what}
    return render(request, "moderation/log.html", context)


@desk("moderation.exempt")
@require_http_methods(["GET", "POST"])
def exempt(request: HttpRequest, pk: Any) -> HttpResponse:
    """Let a moderator read what names an organization of theirs."""
    submission = get_object_or_404(Submission.objects.all().readable(), pk=pk)
    form = ExemptForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            hold_lift(
                submission=submission,
                moderator=form.cleaned_data["moderator"],
                by=user_of(request),
                reason=form.cleaned_data["reason"],
            )
        except OwnHoldError:
            form.add_error("moderator", _("Nobody lifts a hold of their own. Ask another administrator."))
        else:
            messages.success(request, _("The hold is lifted. It stands in the log."))
            return redirect("moderation_log")
    status = 422 if request.method == "POST" else 200
    return render(request, "moderation/exempt.html", {"form": form, "submission": submission}, status=status)
