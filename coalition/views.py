"""Pages that belong to no part: errors, health, and the style guide."""

import logging
import sys

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from coalition.intake.middleware import is_confidential
from coalition.patience import is_lost_connection
from coalition.promises import SECTIONS
from search.engines.choosing import engine

logger = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that the request could not be understood."""
    return _refusal(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that this is not for the reader."""
    return _refusal(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is no such page, and offer ways on."""
    return _refusal(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that something went wrong here, or that the database is away. Uses none: that may be what went wrong."""
    error = sys.exception()
    if isinstance(error, Exception) and is_lost_connection(error):
        return _alone("intake/away.html" if is_confidential(request) else "503.html", 503)
    return _alone("intake/500.html" if is_confidential(request) else "500.html", 500)


def _refusal(request: HttpRequest, status: int) -> HttpResponse:
    """Return the page of a status: where people tell and come back one with a way out, without menu and search."""
    if is_confidential(request):
        return _alone(f"intake/{status}.html", status)
    return render(request, f"{status}.html", status=status)


def _alone(name: str, status: int) -> HttpResponse:
    return HttpResponse(loader.get_template(name).render({}, None), status=status)


@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Tell a supervisor whether this process can serve."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        logger.warning("Health check: the database does not answer.")
        return JsonResponse({"status": "database unavailable"}, status=503)
    answering = engine()
    if answering.is_as_configured:
        return JsonResponse({"status": "ok", "search": answering.name})
    # Still 200: the site serves. The cause is the operator's to read (doctor), not everybody's.
    return JsonResponse({"status": "degraded", "search": f"{answering.name}, in place of another engine"})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Show what the site promises, and what nobody can."""
    return render(request, "pages/privacy.html", {"sections": SECTIONS})


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Show every component with a sample context. Only in development."""
    from coalition.samples import SAMPLES  # samples are no part of the running site

    return render(request, "styleguide.html", {"samples": SAMPLES})
