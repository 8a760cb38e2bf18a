"""The two cookies of the confidential pages. They end with the browser, and scripts cannot read them."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from coalition.intake.drafts import Ticket

# Everything that this site has put into the browser. Browsers heed it over https and on the same machine alone.
CLEARED = '"cache", "cookies", "storage"'


def _name(request: HttpRequest, name: str) -> str:
    # Over plain http, which an onion service has, browsers take no cookie with the prefix.
    return f"__Host-{name}" if request.is_secure() else name


def draft_cookie(request: HttpRequest) -> str:
    """Return the name of the cookie that holds a draft's ticket."""
    return _name(request, "draft")


def visit_cookie(request: HttpRequest) -> str:
    """Return the name of the cookie of whoever came back with a code."""
    return _name(request, "visit")


def _set(request: HttpRequest, response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(name, value, path="/", secure=request.is_secure(), httponly=True, samesite="Strict")


def ticket_of(request: HttpRequest) -> Ticket | None:
    """Return the ticket in the browser; None if there is none."""
    return Ticket.decode(request.COOKIES.get(draft_cookie(request)))


def ticket_set(request: HttpRequest, response: HttpResponse, ticket: Ticket) -> None:
    """Put a ticket into the browser."""
    _set(request, response, draft_cookie(request), ticket.encode())


def ticket_end(request: HttpRequest, response: HttpResponse) -> None:
    """Take the ticket out of the browser."""
    _end(request, response, draft_cookie(request))


def visit_set(request: HttpRequest, response: HttpResponse, value: str) -> None:
    """Put a visit's secret into the browser."""
    _set(request, response, visit_cookie(request), value)


def visit_end(request: HttpRequest, response: HttpResponse) -> None:
    """Take a visit's secret out of the browser."""
    _end(request, response, visit_cookie(request))


def _end(request: HttpRequest, response: HttpResponse, name: str) -> None:
    response.set_cookie(name, "", max_age=0, path="/", secure=request.is_secure(), httponly=True, samesite="Strict")


def everything_end(request: HttpRequest, response: Any) -> None:
    """Take everything of these pages out of the browser, and have it forget what it has kept of this site."""
    ticket_end(request, response)
    visit_end(request, response)
    # Another site that loads the address as a picture is not to sign people out here.
    if request.headers.get("Sec-Fetch-Site") != "cross-site":
        response.headers["Clear-Site-Data"] = CLEARED
