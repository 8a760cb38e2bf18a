"""What was posted when the session had ended: kept on the server, and back in its form after signing in.

It lies in the session of whoever posted it, which is theirs before and after they sign in, and nowhere else.
"""

from collections.abc import Mapping

from django.http import HttpRequest, QueryDict

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


def forget(request: HttpRequest) -> None:
    """Forget what is kept for this address: it has been saved."""
    kept = dict(request.session.get(_KEY, {}))
    if kept.pop(request.path, None) is not None:
        request.session[_KEY] = kept
