"""What every request of somebody who signed in passes: the limits of a session, and the second lock."""

import copy
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import suspend_request
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from coalition.accounts.kept import keep
from coalition.accounts.languages import language_asked, language_remember
from coalition.accounts.models import User
from coalition.accounts.roles import mfa_required
from coalition.accounts.second_lock import has_second_lock
from coalition.accounts.sessions import session_mark

GetResponse = Callable[[HttpRequest], HttpResponse]

# Where no page may be kept by a browser or anything between.
ACCOUNT_PATHS = ("/account/", "/setup/", "/you/", "/moderation/")
# What only whoever has the second lock may open, and what of it stays open to all.
LOCKED_PATHS = ("/admin/", "/organize/", "/moderation/")
NEVER_LOCKED = ("/admin/login/", "/admin/logout/")
# What a form that waits for a password needs of its request. Address and browser do not belong to it.
_KEPT_OF_A_REQUEST = ("CONTENT_TYPE", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "wsgi.url_scheme")
# Where one goes on to after adding a second lock.
GO_ON = "coalition_go_on"


def signed_in(request: HttpRequest) -> User | None:
    """Return who makes the request. Without a session's cookie nothing is asked, and no answer depends on it."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    return request.user if isinstance(request.user, User) else None


class TimeZoneMiddleware:
    """Whoever has signed in reads and writes moments in their own time zone."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        user = signed_in(request)
        if user is None:
            return self.get_response(request)
        with timezone.override(ZoneInfo(user.time_zone)):
            return self.get_response(request)


class AccountPagesMiddleware:
    """Account pages are stored nowhere; what waits for a password remembers neither address nor browser.

    Whoever has just signed in takes the account's language along.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        response = self.get_response(request)
        if request.path.startswith(ACCOUNT_PATHS):
            add_never_cache_headers(response)
        if language := language_asked(request):
            language_remember(response, language)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Ask for the password again, and keep what was filled in meanwhile; never a password, and nothing of who."""
        if not isinstance(exception, ReauthenticationRequired):
            return None
        methods = get_adapter().get_reauthentication_methods(request.user)
        url = methods[0]["url"] if methods else reverse("account_login")
        if request.method != "POST" or any("password" in name for name in request.POST):
            return HttpResponseRedirect(f"{url}?{urlencode({REDIRECT_FIELD_NAME: request.get_full_path()})}")
        light = copy.copy(request)
        light.META = {name: request.META[name] for name in _KEPT_OF_A_REQUEST if name in request.META}
        return suspend_request(light, url)


class SessionLimitsMiddleware:
    """Ends a session that was idle for too long, or lasted too long."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, as one of nobody if the session is over."""
        if signed_in(request) is not None and not session_mark(request.session):
            logout(request)
            messages.info(request, _("You were signed out because your session was over. Sign in again to go on."))
        return self.get_response(request)


class MfaRequiredMiddleware:
    """Leads whoever needs a second lock and has none to where it is added."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, or send to the page about the second lock."""
        # What is posted waits for its view to be known: some keep it, and only once its token has been read.
        return (self._led(request) if request.method != "POST" else None) or self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], *_args: Any) -> HttpResponse | None:
        """Send whoever posts something to the page about the second lock, and keep what its view shows again."""
        if request.method != "POST" or (led := self._led(request)) is None:
            return None
        if getattr(view, "keeps_posted", False) and keep(request):
            request.session[GO_ON] = request.path
        return led

    def _led(self, request: HttpRequest) -> HttpResponse | None:
        if not request.path.startswith(LOCKED_PATHS) or request.path.startswith(NEVER_LOCKED):
            return None
        user: Any = signed_in(request)
        if user is None or not mfa_required(user) or has_second_lock(user):
            return None
        if request.method == "GET":
            request.session[GO_ON] = request.get_full_path()
        return redirect(reverse("mfa_index") + "?needed=1")
