"""The pages for files: of whoever tells, of whoever came back, and the copies for moderators."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods

from coalition.accounts.permissions import require
from coalition.intake.careful import AWAY, careful, report
from coalition.intake.cookies import ticket_of, ticket_set, visit_cookie
from coalition.intake.drafts import Ticket, draft_of, draft_save
from coalition.intake.evidence.arriving import EncryptingUploadHandler
from coalition.intake.evidence.chunks import Opened
from coalition.intake.evidence.filing import (
    PIECE,
    OutOfStepError,
    described,
    evidence_add,
    evidence_append,
    evidence_begin,
    evidence_offset,
    evidence_remove,
    neutral_name,
)
from coalition.intake.evidence.kinds import ACCEPT, RefusedError
from coalition.intake.evidence.models import Evidence
from coalition.intake.evidence.sharing import copy_opened, may_open
from coalition.intake.evidence.vault import file_open
from coalition.intake.limits import is_limited
from coalition.intake.models import Submission
from coalition.intake.returning.visits import visit_of
from coalition.intake.states import NotAllowedError, State
from coalition.intake.telling.steps import neighbours, step_of, steps
from coalition.intake.telling.views import language, said_away, said_limited

View = Callable[..., HttpResponse]
SLUG = "files"
SEALED = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def encrypting(view: View) -> View:
    """Let a form's files be encrypted as they arrive; what the view does not keep is gone when it has answered.

    The token is checked inside: checking reads the form, and by then it has to be settled who receives the files.
    """
    inner = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        handler = EncryptingUploadHandler(request)
        request.upload_handlers = [handler]
        try:
            return inner(request, *args, **kwargs)
        finally:
            handler.finish()

    return kept


def _owner(request: HttpRequest) -> Submission | None:
    """Return whose files the request is about: by the draft's cookie, or the visit's."""
    if _is_visit(request):
        return visit_of(request.COOKIES.get(visit_cookie(request)))
    draft = draft_of(ticket_of(request))
    return draft if draft is not None and draft.state == State.DRAFT else None


def _is_visit(request: HttpRequest) -> bool:
    return request.path.startswith("/return/")


@careful
@encrypting
@require_http_methods(["GET", "POST"])
def tell_files(request: HttpRequest) -> HttpResponse:
    """Ask for files: a step of telling."""
    ticket = ticket_of(request)
    draft = draft_of(ticket)
    if draft is not None and draft.state != State.DRAFT:
        return redirect("tell_check")
    ticket = ticket or Ticket()
    if request.method == "GET":
        response = files_page(request, draft)
    else:
        response = _posted(request, lambda: draft_save(ticket=ticket, language=language()))
    ticket_set(request, response, ticket)
    return response


@careful
@encrypting
@require_http_methods(["GET", "POST"])
def return_files(request: HttpRequest) -> HttpResponse:
    """Add files to what was sent, take some out, and take one's own along."""
    submission = _owner(request)
    if submission is None:
        return redirect("return")
    if request.method == "GET":
        return files_page(request, submission)
    found = submission
    return _posted(request, lambda: found)


def _posted(request: HttpRequest, owner: Callable[[], Submission]) -> HttpResponse:
    do = request.POST.get("do", "")
    problems: list[str] = []
    submission: Submission | None = None
    try:
        if do in ("add", "begin", "next") and (do == "begin" or request.FILES) and is_limited(request, "file"):
            return _problem(request, _owner(request), said_limited(), 429)
        submission = owner()
        if do == "begin":
            return _begun(request, submission)
        if do == "remove":
            _removed(submission, request.POST.get("file", ""))
        arrivals: list[Any] = request.FILES.getlist("files")
        for arrived in arrivals:
            try:
                evidence_add(submission=submission, arrived=arrived)
                arrived.keep()
            except RefusedError as error:
                problems.append(f"{arrived.name}: {error}")
    except RefusedError as error:
        return _problem(request, submission, str(error), 422)
    except (NotAllowedError, Submission.DoesNotExist):
        return redirect("return" if _is_visit(request) else "tell_check")
    except AWAY as error:
        report(error)
        return _problem(request, None, said_away(), 503)
    if problems:
        return files_page(request, submission, problems=problems, status=422)
    return redirect(_after(request, do))


def _removed(submission: Submission, given: str) -> None:
    try:
        evidence_remove(submission=submission, pk=UUID(given))
    except ValueError:
        raise Http404 from None


def _after(request: HttpRequest, do: str) -> str:
    if _is_visit(request):
        return reverse("return_home" if do == "next" else "return_files")
    here = step_of(SLUG)
    assert here is not None  # noqa: S101 - the app registers it
    before, after = neighbours(here)
    if do == "next":
        to_check = request.POST.get("to") == "check" or after is None
        return reverse("tell_check") if to_check else reverse("tell_step", args=[after.slug])  # type: ignore[union-attr]
    if do == "back" and before is not None:
        return reverse("tell_step", args=[before.slug])
    return reverse("tell_files") + ("?to=check" if request.POST.get("to") == "check" else "")


def _problem(request: HttpRequest, submission: Submission | None, sentence: str, status: int) -> HttpResponse:
    if request.POST.get("do") == "begin":
        return JsonResponse({"problem": sentence}, status=status)
    return files_page(request, submission, problems=[sentence], status=status)


def _begun(request: HttpRequest, submission: Submission) -> HttpResponse:
    try:
        size = int(request.POST.get("size", ""))
    except ValueError:
        raise Http404 from None
    evidence, offset = evidence_begin(
        submission=submission,
        name=request.POST.get("name", ""),
        declared=request.POST.get("declared", ""),
        mark=request.POST.get("mark", ""),
        size=size,
    )
    name = "return_piece" if _is_visit(request) else "tell_piece"
    return JsonResponse({"address": reverse(name, args=[evidence.pk]), "offset": offset, "piece": PIECE})


def files_page(
    request: HttpRequest, submission: Submission | None, *, problems: list[str] | None = None, status: int = 200
) -> HttpResponse:
    """Return the page with the files that are there, and the form for more."""
    every = steps()
    here = step_of(SLUG)
    context = {
        "files": described(submission) if submission is not None else [],
        "accept": ACCEPT,
        "problems": problems or [],
        "is_visit": _is_visit(request),
        "step": here,
        "number": every.index(here) + 1 if here in every else 0,
        "steps": every,
        "to_check": "check" in (request.GET.get("to"), request.POST.get("to")),
    }
    return render(request, "intake/files.html", context, status=status)


@careful
@csrf_exempt
@csrf_protect
@require_http_methods(["GET", "POST"])
def piece(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say how much of a file has arrived; or take its next piece in. For the script: the answers are JSON."""
    if request.method == "GET":
        return JsonResponse({"offset": evidence_offset(_begun_before(request, pk)[1])})
    try:
        submission, _evidence = _begun_before(request, pk)
        offset = int(request.headers.get("Upload-Offset", ""))
        evidence = evidence_append(submission=submission, pk=pk, offset=offset, data=request.body)
    except ValueError:
        raise Http404 from None
    except RefusedError as error:
        return JsonResponse({"problem": str(error)}, status=422)
    except OutOfStepError as error:
        return JsonResponse({"offset": error.offset}, status=409)
    except (Evidence.DoesNotExist, Submission.DoesNotExist, NotAllowedError):
        raise Http404 from None
    except AWAY as error:
        report(error)
        return JsonResponse({"problem": said_away()}, status=503)
    is_whole = evidence.state == Evidence.State.WHOLE
    return JsonResponse({"offset": evidence_offset(evidence), "is_whole": is_whole})


def _begun_before(request: HttpRequest, pk: UUID) -> tuple[Submission, Evidence]:
    submission = _owner(request)
    evidence = submission.evidence.filter(pk=pk).first() if submission is not None else None
    if submission is None or evidence is None:
        raise Http404
    return submission, evidence


def token_refused(request: HttpRequest, name: str | None, sentence: str) -> HttpResponse | None:
    """Answer a form or a piece without a right token; None where it is no address of files."""
    if name in ("tell_piece", "return_piece"):
        return JsonResponse({"problem": sentence}, status=403)
    if name not in ("tell_files", "return_files"):
        return None
    return _problem(request, _owner(request), sentence, 403)


@careful
@require_GET
def own_file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the teller their own file as they sent it. Nobody else gets it."""
    submission = _owner(request)
    if submission is None:
        return redirect("return")
    for number, each in enumerate(described(submission), start=1):
        if each["pk"] == pk:
            row: Evidence = each["row"]
            opened = file_open(file=row.file, key=bytes.fromhex(row.open("key")))
            return _streamed(opened, neutral_name(number, each["about"]["kind"]))
    raise Http404


@careful
@login_required
@require_GET
def moderators_copy(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a moderator the cleaned copy of a file, to be saved and never to be shown by the browser."""
    evidence = Evidence.objects.select_related("submission").filter(pk=pk, state=Evidence.State.WHOLE).first()
    if evidence is None:
        raise Http404
    require(request.user, "intake.files", evidence.submission)
    if not may_open(request.user, evidence.submission):  # type: ignore[arg-type]
        raise Http404
    try:
        opened = copy_opened(evidence)
    except Evidence.DoesNotExist:
        raise Http404 from None
    return _streamed(opened, f"file.{evidence.open('copy')['kind']}")


def _streamed(opened: Opened, name: str) -> HttpResponse:
    response = StreamingHttpResponse(opened.pieces(), content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Length"] = str(opened.size)
    # It is not to be compressed on its way: lengths would tell, and the length above would be wrong.
    response.headers["Content-Encoding"] = "identity"
    for header, value in SEALED.items():
        response.headers[header] = value
    return response  # type: ignore[return-value]
