"""Views that keep silent: what fails in them is logged by kind and line, never by what somebody wrote."""

import logging
import traceback
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.template import loader
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from coalition.intake.middleware import is_confidential
from coalition.patience import is_lost_connection

logger = logging.getLogger("coalition.intake")

View = Callable[..., HttpResponse]
# What a database that does not answer raises.
AWAY = (OperationalError, InterfaceError)
_DJANGOS = (Http404, PermissionDenied, SuspiciousOperation, BadRequest)


def careful(view: View) -> View:
    """Keep what somebody wrote out of logs and error pages, whatever happens. Use as a decorator on every view."""

    @wraps(view)
    @sensitive_variables()
    def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except _DJANGOS:
            raise
        except AWAY as error:
            # What only reads is asked once more when the database is back (coalition.patience).
            if request.method in ("GET", "HEAD") and is_lost_connection(error):
                raise
            return failed(request, error, status=503)
        except Exception as error:
            return failed(request, error)

    return sensitive_post_parameters()(kept)


def failed(request: HttpRequest, error: Exception, *, status: int = 500) -> HttpResponse:
    """Log where something failed and of what kind it was, and say so to the reader without a word of it."""
    report(error)
    # Moderators' pages are careful too, and have the frame of the site.
    broken = "intake/500.html" if is_confidential(request) else "500.html"
    name = "intake/away.html" if status == 503 else broken
    return HttpResponse(loader.get_template(name).render({}, None), status=status)


def report(error: Exception) -> None:
    """Log an error's kind and place. Its sentence may hold what somebody wrote, and is left out."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].name}, line {frames[-1].lineno}" if frames else "nowhere"
    logger.error("A confidential page failed: %s in %s", type(error).__name__, where)


def is_away(error: Exception) -> bool:
    """Whether it was the database that did not answer."""
    return isinstance(error, AWAY)
