"""A refusal (of the publication gate, or to delete what is in use) said in sentences instead of an error page."""

from collections.abc import Callable

from django.contrib import messages
from django.db.models import ProtectedError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from cms.base.gate import PublicationRefusedError


class RefusalMiddleware:
    """Sends an editor back to where a page was to be published from, with what is missing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Turn a refusal into messages; leave everything else alone."""
        if isinstance(exception, PublicationRefusedError):
            sentences = exception.messages
        elif isinstance(exception, ProtectedError):
            sentences = [str(exception.args[0])]
        else:
            return None
        for sentence in sentences:
            messages.error(request, sentence)
        back = request.META.get("HTTP_REFERER", "")
        if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
            return redirect("wagtailadmin_home")
        return redirect(back)
