"""In the editors' admin, too, a thing that somebody may not touch answers as one that is not there.

Wagtail leads whoever may not to the admin's first page, and says "not found" of what is absent: the difference tells
which accounts, groups or redirects there are.
"""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers
from django.views.defaults import page_not_found
from wagtail.admin import auth

_to_the_first_page: Callable[[HttpRequest], HttpResponse] = auth.permission_denied


def names_a_thing(request: HttpRequest) -> bool:
    """Whether an address of the admin says which thing it is about."""
    match = request.resolver_match
    return match is not None and match.route.startswith("admin/") and bool(match.kwargs)


def refuse(request: HttpRequest) -> HttpResponse:
    """Answer somebody who may not.

    Raises:
        Http404: the address names a thing.
    """
    if names_a_thing(request):
        raise Http404
    return _to_the_first_page(request)


def refusals_settle() -> None:
    """Have the admin refuse so: all of its views ask this one function, and no setting names another."""
    auth.permission_denied = refuse


class AdminRefusalMiddleware:
    """The same for the admin's scripts, which are not led anywhere."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Turn a refusal into an absence: the page that the admin has for one, kept by nobody, as it is there."""
        if not isinstance(exception, PermissionDenied) or not names_a_thing(request):
            return None
        response: HttpResponse = page_not_found(request, exception, template_name="wagtailadmin/404.html")
        add_never_cache_headers(response)
        return response
