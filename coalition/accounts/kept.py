"""What was posted without a session, or a second lock: kept on the server, and back in its form after signing in.

It lies in the session of whoever posted it, which is theirs before and after they sign in, and nowhere else.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

Arguments = ParamSpec("Arguments")
View = Callable[Concatenate[HttpRequest, Arguments], HttpResponse]

_KEY = "kept"
MOST_FORMS = 3
MOST_CHARACTERS = 80_000
_NEVER = {"csrfmiddlewaretoken", "do"}


def keep(request: HttpRequest) -> bool:
    """Keep what was posted to this address; files are not. Returns whether it was short enough."""
    posted = {name: request.POST.getlist(name) for name in request.POST if name not in _NEVER}
    if sum(len(value) for values in posted.values() for value in values) > MOST_CHARACTERS:
        return False
    kept = dict(request.session.get(_KEY, {}))
    kept.pop(request.path, None)
    kept[request.path] = posted
    request.session[_KEY] = dict(list(kept.items())[-MOST_FORMS:])
    return True


def kept_for(request: HttpRequest) -> QueryDict | None:
    """Return what is kept for this address."""
    posted: Mapping[str, list[str]] | None = request.session.get(_KEY, {}).get(request.path)
    if posted is None:
        return None
    data = QueryDict(mutable=True)
    for name, values in posted.items():
        data.setlist(name, values)
    return data


def posted_or_kept(request: HttpRequest) -> QueryDict | None:
    """Return what fills a form: what is posted to it now, or what is kept for it, which its reader is told."""
    if request.method == "POST":
        return request.POST
    posted = kept_for(request)
    if posted is not None:
        messages.info(request, _("What you wrote before you signed in is back. It is not saved yet."))
    return posted


def is_refused(request: HttpRequest, *forms: BaseForm | None) -> bool:
    """Whether what was posted now is refused; what is shown again after signing in was not sent yet."""
    return request.method == "POST" and any(form is not None and form.errors for form in forms)


def forget(request: HttpRequest) -> None:
    """Forget what is kept for this address: it has been saved."""
    kept = dict(request.session.get(_KEY, {}))
    if kept.pop(request.path, None) is not None:
        request.session[_KEY] = kept


def keeps_posted(view: View[Arguments]) -> View[Arguments]:
    """Let signed-in people through. What others posted is kept until they have signed in; the view shows it again."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Arguments.args, **kwargs: Arguments.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            if request.method == "POST":
                keep(request)
            return redirect_to_login(request.path)
        return view(request, *args, **kwargs)

    guarded.keeps_posted = True  # type: ignore[attr-defined]
    return guarded
