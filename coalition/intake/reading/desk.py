"""What the views of the moderators' area have in common."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from coalition.accounts.models import User
from coalition.accounts.permissions import require
from coalition.intake.careful import careful
from coalition.intake.models import Submission
from coalition.intake.reading.conflicts import is_held

View = Callable[..., HttpResponse]


def user_of(request: HttpRequest) -> User:
    """Return who makes the request.

    Raises:
        Http404: nobody has signed in.
    """
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def desk(action: str) -> Callable[[View], View]:
    """Let in whoever may do something without looking at one submission. Use as a decorator."""

    def wrap(view: View) -> View:
        @careful
        @login_required
        @wraps(view)
        def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            _keep_whole(request)
            require(request.user, action)
            return view(request, *args, **kwargs)

        return kept

    return wrap


def at_submission(action: str, *, opens: bool = False) -> Callable[[View], View]:
    """Give a view a submission that its reader may do something to. Use as a decorator.

    Args:
        action: of the table of permissions.
        opens: whether the view shows or uses words of it: whoever is held by a conflict gets a page that says so.
    """

    def wrap(view: View) -> View:
        @careful
        @login_required
        @wraps(view)
        def kept(request: HttpRequest, pk: UUID) -> HttpResponse:
            _keep_whole(request)
            submission = get_object_or_404(Submission.objects.all().readable(), pk=pk)
            require(request.user, action, submission)
            if opens and is_held(submission, user_of(request)):
                return held(request)
            return view(request, submission)

        return kept

    return wrap


def held(request: HttpRequest) -> HttpResponse:
    """Say why somebody may not open a submission."""
    return render(request, "moderation/held.html", status=403)


def _keep_whole(request: HttpRequest) -> None:
    # What is compressed tells by its length of secrets in it (BREACH).
    request.META.pop("HTTP_ACCEPT_ENCODING", None)
