"""Lets a reader wait out a restart of the database, instead of telling them that something went wrong."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse

logger = logging.getLogger(__name__)

# A server that was killed is back within a second or two, on a busy machine within ten; longer, and readers are told.
SECONDS = 20.0
_PAUSE = 0.2


class DatabasePatienceMiddleware:
    """Asks once more for what only reads, when the connection to the database was lost under it.

    All wait for the same end: while a database stays away, not every request is to hold a thread for so long.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._end: float | None = None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        response = self.get_response(request)
        if response.status_code < 500:
            self._end = None
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Wait until the database takes connections again, then call the same view again."""
        if request.method not in {"GET", "HEAD"} or not is_lost_connection(exception):
            return None
        self._end = end = self._end or time.monotonic() + SECONDS
        while time.monotonic() < end:
            connection.close()
            time.sleep(_PAUSE)
            try:
                connection.ensure_connection()
                return _again(request)
            except (OperationalError, InterfaceError) as error:
                if not is_lost_connection(error):
                    return None
        logger.error("The database did not come back within %d seconds.", SECONDS)
        return None


def is_lost_connection(error: Exception) -> bool:
    """Whether the error says that there is no connection, rather than that a statement was wrong or too slow."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    # Class 08: no connection; 57P: the server goes down or comes up. A lost socket has no state at all.
    return state is None or state.startswith(("08", "57P"))


def _again(request: HttpRequest) -> HttpResponse:
    match = request.resolver_match
    assert match is not None  # noqa: S101  a view was called
    response: Any = match.func(request, *match.args, **match.kwargs)
    if hasattr(response, "render") and callable(response.render):
        response = response.render()
    return response
