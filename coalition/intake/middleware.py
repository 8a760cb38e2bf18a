"""What every request to the confidential pages passes first, and what all their answers carry last."""

import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils import translation

from coalition.intake.cookies import draft_cookie, visit_cookie

GetResponse = Callable[[HttpRequest], HttpResponse]

PREFIXES = ("/tell/", "/return/", "/leave/")
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_REMOVED = ("ETag", "Last-Modified", "Expires")


class ConfidentialPagesMiddleware:
    """Stands before all others.

    The pages see no session: whoever has signed in is nobody here. They are not compressed, because the length of a
    compressed page tells of secrets in it (BREACH); they are stored nowhere and send no referrer. Over plain
    http they are closed.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, poorer by what these pages need not know."""
        if not is_confidential(request):
            return self.get_response(request)
        _make_poor(request)
        _settle_origin(request)
        response = self.get_response(request) if is_safe(request) else _closed(request)
        for name, value in HEADERS.items():
            response.headers[name] = value
        for name in _REMOVED:
            response.headers.pop(name, None)
        return response


def is_confidential(request: HttpRequest) -> bool:
    """Whether the request is to one of the confidential pages."""
    return request.path.startswith(PREFIXES)


def is_safe(request: HttpRequest) -> bool:
    """Whether nobody between the teller and this site can read along: https, the same machine, or an onion service."""
    host = urlsplit(f"//{request.get_host()}").hostname or ""
    if request.is_secure() or host == "localhost" or host.endswith((".localhost", ".onion")):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _make_poor(request: HttpRequest) -> None:
    known = {settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME, draft_cookie(request), visit_cookie(request)}
    for name in set(request.COOKIES) - known:
        del request.COOKIES[name]
    for name in ("HTTP_USER_AGENT", "HTTP_ACCEPT_ENCODING", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"):
        request.META.pop(name, None)


def _settle_origin(request: HttpRequest) -> None:
    """Let the token alone tell a form of ours from another's, where the browser says nothing of the origin.

    A page that sends no referrer sends its forms with ``Origin: null`` (Fetch standard), which Django refuses. The
    token is tied to a cookie that no other host can set or send. A browser that does say that the form is another
    site's is believed.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return
    if request.headers.get("Origin", "null") == "null" and "HTTP_REFERER" not in request.META:
        request.META["HTTP_ORIGIN"] = f"{request.scheme}://{request.get_host()}"


def _closed(request: HttpRequest) -> HttpResponse:
    public = settings.PUBLIC_URL if settings.PUBLIC_URL.startswith("https:") else f"https://{request.get_host()}"
    # The way out leads straight outside: leaving is closed here too, and nothing of ours is in the browser.
    shown = {"address": public + request.path, "way_out": settings.EXIT_URL}
    # No request: context processors would read what this page does not need.
    with translation.override(translation.get_language_from_request(request)):
        page = loader.get_template("intake/closed.html").render(shown)
    return HttpResponse(page, status=403)
