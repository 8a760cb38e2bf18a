"""What the teller sees of a text for the public, by the code, and what they say to it."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from coalition.intake.careful import AWAY, careful, report
from coalition.intake.cookies import visit_cookie
from coalition.intake.limits import is_limited
from coalition.intake.models import Submission
from coalition.intake.publishing.consent import OtherTextError, agreed_content, consent_give
from coalition.intake.publishing.fields import sha256
from coalition.intake.publishing.forms import AnswerForm
from coalition.intake.publishing.models import Consent
from coalition.intake.publishing.previewing import preview_of
from coalition.intake.publishing.proposing import changes_ask, proposal_refuse, waiting_of
from coalition.intake.publishing.tie import page_of
from coalition.intake.returning.forms import MessageForm
from coalition.intake.returning.panels import Panel, on_return_page
from coalition.intake.returning.views import home_page, over
from coalition.intake.returning.visits import visit_of
from coalition.intake.states import NotAllowedError, State
from coalition.intake.telling.views import said_away, said_limited


@on_return_page
def text_of(submission: Submission) -> Iterable[Panel]:
    """Show the text that waits for an answer; later, the one that was agreed to, and where it is."""
    if submission.state == State.PROPOSED:
        yield from _asked(submission, AnswerForm())
        return
    consent = Consent.objects.select_related("proposal").filter(submission=submission).first()
    content = agreed_content(consent) if consent else None
    if content is not None:
        page = page_of(submission)
        url = page.relative_url(None) if page and page.live else None
        yield Panel("intake/agreed.html", {"preview": preview_of(content), "url": url})


def _asked(submission: Submission, form: AnswerForm) -> Iterable[Panel]:
    proposal = waiting_of(submission)
    if proposal is not None:
        content = proposal.open("content")
        seen = sha256(content).hex()
        yield Panel("intake/proposal.html", {"preview": preview_of(content), "seen": seen, "form": form})


@careful
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest) -> HttpResponse:
    """Take the answer in. Wherever it is refused, what was typed stands on the page."""
    secret = request.COOKIES.get(visit_cookie(request))
    if request.method == "GET":
        return redirect("return_home" if visit_of(secret) else "return")
    form = AnswerForm(request.POST)
    try:
        submission = visit_of(secret)
        return over(request, form) if submission is None else _answered(request, submission, form)
    except Submission.DoesNotExist:
        return over(request, form)
    except AWAY as error:
        report(error)
        form.add_error(None, said_away())
        panel = Panel("intake/proposal.html", {"seen": request.POST.get("seen", ""), "form": form})
        return home_page(request, Submission(), MessageForm(), status=503, is_away=True, panels=[panel])


def _answered(request: HttpRequest, submission: Submission, form: AnswerForm) -> HttpResponse:
    if submission.state != State.PROPOSED:
        return _otherwise(request, submission, form)
    if not form.is_valid():
        return _again(request, submission, form, status=422)
    if is_limited(request, "message"):
        form.add_error(None, said_limited())
        return _again(request, submission, form, status=429)
    said, text = form.cleaned_data["answer"], form.cleaned_data["text"].strip()
    try:
        if said == AnswerForm.YES:
            consent_give(submission=submission, seen=form.cleaned_data["seen"])
        elif said == AnswerForm.CHANGES:
            changes_ask(submission=submission, text=text)
        elif said == AnswerForm.NO:
            proposal_refuse(submission=submission, text=text)
    except OtherTextError:
        form.add_error(None, gettext("The text is another one by now. Read it once more."))
        return _again(request, submission, form, status=409)
    except NotAllowedError:
        # The same, at the same moment.
        submission.refresh_from_db()
        return _otherwise(request, submission, form)
    return redirect("return_home")


def _otherwise(request: HttpRequest, submission: Submission, form: AnswerForm) -> HttpResponse:
    """Say how it stands: it was answered, in another window, or taken back. What was typed may go as a message."""
    if not (typed := form.data.get("text", "").strip()):
        return redirect("return_home")
    unsent = MessageForm({"text": typed})
    unsent.add_error(None, gettext("The text no longer waits for an answer. You can send what you wrote as a message."))
    return home_page(request, submission, unsent, status=409)


def _again(request: HttpRequest, submission: Submission, form: AnswerForm, *, status: int) -> HttpResponse:
    return home_page(request, submission, MessageForm(), status=status, panels=list(_asked(submission, form)))
