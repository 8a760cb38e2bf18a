"""In which language pages are: the reader's cookie says so, and signing in writes the account's choice into it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_ASKED = "_language_of_account"


def language_ask(request: HttpRequest, language: str) -> None:
    """Have the answer to this request carry a language, from which on the switcher may choose another."""
    carrier: Any = request
    setattr(carrier, _ASKED, language)


def language_asked(request: HttpRequest) -> str:
    """Return the language that the answer to this request is to carry; empty for none."""
    return str(getattr(request, _ASKED, ""))


def language_remember(response: HttpResponse, language: str) -> None:
    """Have the reader's browser ask for pages in a language, with the cookie that the switcher sets as well."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )
