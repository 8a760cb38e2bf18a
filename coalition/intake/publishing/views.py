"""The moderator's page of a text for the public, beside what was told."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from coalition.intake.models import Submission
from coalition.intake.publishing.anonymity import Hidden, content_hide
from coalition.intake.publishing.fields import Content, content_make
from coalition.intake.publishing.forms import ProposalForm
from coalition.intake.publishing.k_anonymity import K
from coalition.intake.publishing.previewing import names_of, preview_of
from coalition.intake.publishing.proposing import (
    draft_of,
    proposal_save,
    proposal_send,
    waiting_of,
    wants_nothing_public,
)
from coalition.intake.publishing.tie import page_of
from coalition.intake.reading.desk import at_submission, user_of
from coalition.intake.reading.known import names_known
from coalition.intake.reading.opening import words_open
from coalition.intake.reading.redacting import pointed_page
from coalition.intake.states import By, NotAllowedError, State, Step, may
from coalition.intake.telling.steps import answers_said


@at_submission("moderation.keep", opens=True)
@require_http_methods(["GET", "POST"])
def text(request: HttpRequest, submission: Submission) -> HttpResponse:
    """Write a text, keep it, look at it as it may be published, and send it to the teller."""
    if request.method == "GET":
        content = _begun(submission)
        form = ProposalForm(content=content, nothing_public=wants_nothing_public(submission))
        return _page(request, submission, form, content)
    form = ProposalForm(request.POST, nothing_public=wants_nothing_public(submission))
    if not form.is_valid():
        return _page(request, submission, form, None, status=422)
    content = form.content()
    try:
        if request.POST.get("do") != "send":
            proposal_save(submission=submission, content=content)
            return _page(request, submission, form, content, is_kept=True)
        if not form.require_whole():
            proposal_save(submission=submission, content=content)
            return _page(request, submission, form, content, status=422)
        proposal_send(
            submission=submission,
            content=content,
            words=form.cleaned_data["words"],
            allowed_since=form.cleaned_data.get("allowed_since", False),
        )
    except NotAllowedError:
        form.add_error(None, _("It stands otherwise by now. Look at it once more."))
        return _page(request, submission, form, content, status=409)
    messages.success(request, _("Sent. The teller sees it when they come back with their code."))
    return redirect("moderation_submission", submission.pk)


def _begun(submission: Submission) -> Content:
    draft = draft_of(submission) or waiting_of(submission)
    if draft is not None:
        found: Content = draft.open("content")
        return found
    answers = submission.open("answers") or {}
    return content_make(
        language=submission.language,
        standing="worker",
        year=answers.get("year"),
        month=answers.get("month"),
        employer=answers.get("employer") if answers.get("naming") == "yes" else "",
    )


def _page(
    request: HttpRequest,
    submission: Submission,
    form: ProposalForm,
    content: Content | None,
    *,
    is_kept: bool = False,
    status: int = 200,
) -> HttpResponse:
    told = words_open(submission=submission, moderator=user_of(request))
    page = page_of(submission)
    hidden: Hidden | None = None
    if content is not None and content["headline"]:
        hidden = content_hide(content, but=page.public_id if page else None)
    context: dict[str, Any] = {
        "submission": submission,
        "form": form,
        "is_kept": is_kept,
        "nothing_public": wants_nothing_public(submission),
        "hidden": hidden,
        "preview": preview_of(hidden.content) if hidden else None,
        "coarser": names_of(hidden.changed) if hidden else [],
        "names_employer_still": hidden is not None and _names_employer(submission, hidden.content),
        "least": K,
        "answers": answers_said(submission),
        "can_send": may(submission.state, Step.PROPOSE, By.MODERATOR) or submission.state == State.PUBLISHED,
        "takes_down": submission.state == State.PUBLISHED,
    }
    if content is not None and (words := _words(content)):
        context |= {"words_language": content["language"], **pointed_page(words, names_known(told))}
    return render(request, "moderation/text.html", context, status=status)


def _words(content: Content) -> str:
    """Return the words of a text, as they are written."""
    parts = [content["headline"], content["standfirst"], *content["body"], content["content_note"]]
    return "\n\n".join(part for part in parts if part)


def _names_employer(submission: Submission, content: Content) -> bool:
    """Whether the words of a text name an employer that its fields do not."""
    name = ((submission.open("answers") or {}).get("employer") or "").strip().casefold()
    return bool(name) and not content["employer"] and name in _words(content).casefold()
