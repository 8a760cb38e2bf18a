"""The connection to Elasticsearch: one client a process, little patience, causes without a reader's words in them."""

import functools
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.conf import settings
from elasticsearch import ApiError, ConnectionTimeout, Elasticsearch, TransportError, UnsupportedProductError

from search.engines.base import EngineUnavailable
from search.engines.waiting import MOST_WAITERS

SEARCH_SECONDS = 0.8
"""How long whoever searches waits before the database answers instead; to connect and to answer, each."""
MANAGE_SECONDS = 120.0
"""How long the making, filling and comparing of indexes may take, a request."""
CONNECTIONS_BESIDES = 8
"""For threads that do not search: they publish, look how the engine is, fill an index."""

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class _Choice:
    """What the settings ask for; a client is kept for as long as they ask for the same."""

    url: str
    api_key: str
    user: str
    password: str
    ca_file: str


_lock = threading.Lock()
_made: tuple[tuple[_Choice, float], Elasticsearch] | None = None


def _forget_after_fork() -> None:
    """Start afresh in a forked child: two processes on one connection would read each other's answers."""
    global _lock, _made
    _lock, _made = threading.Lock(), None


os.register_at_fork(after_in_child=_forget_after_fork)


def client(*, seconds: float | None = None) -> Elasticsearch:
    """Return this process's client; it asks once, and whoever called decides whether to ask again.

    Args:
        seconds: how long to wait for an answer.

    Raises:
        EngineUnavailable: none is set, or with an address that is none.
    """
    global _made
    choice = _Choice(
        settings.ELASTICSEARCH_URL,
        settings.ELASTICSEARCH_API_KEY,
        settings.ELASTICSEARCH_USER,
        settings.ELASTICSEARCH_PASSWORD,
        settings.ELASTICSEARCH_CA_FILE,
    )
    with _lock:
        if _made is None or _made[0] != (choice, SEARCH_SECONDS):
            _made = (choice, SEARCH_SECONDS), _make(choice)
        # The library makes a new object for another limit: searches, which are many, have theirs from the start.
        return _made[1] if seconds in (None, SEARCH_SECONDS) else _made[1].options(request_timeout=seconds)


def ask(call: Callable[[], Answer]) -> Answer:
    """Return what a call of the client returns.

    Raises:
        EngineUnavailable: with a cause. The client's own exception is left behind, since it can quote the request.
    """
    try:
        return call()
    except UnsupportedProductError:
        cause = "What answers at ELASTICSEARCH_URL is not Elasticsearch."
    except ApiError as error:
        cause = refusal(error.status_code, error.body)
    except ConnectionTimeout:
        cause = "Elasticsearch did not answer in time."
    except TransportError as error:
        cause = f"Elasticsearch cannot be reached ({type(error).__name__})."
    raise EngineUnavailable(cause)


def refusal(status: int, body: object) -> str:
    """Return in one sentence why a request was refused: status and type of the error, never its text.

    Args:
        status: of the answer.
        body: of the answer, with the error's type if Elasticsearch itself spoke.
    """
    error = body.get("error") if isinstance(body, dict) else None
    kind = error.get("type") if isinstance(error, dict) else None
    if kind == "media_type_header_exception":
        return "Elasticsearch is not of version 9."
    if status in (401, 403) and kind in (None, "security_exception"):
        return "Elasticsearch does not accept the credentials."
    return f"Elasticsearch refused ({status}{f', {kind}' if kind else ''})."


def _make(choice: _Choice) -> Elasticsearch:
    if not choice.url:
        raise EngineUnavailable("No Elasticsearch is set.")
    make = functools.partial(
        Elasticsearch,
        choice.url,
        request_timeout=SEARCH_SECONDS,
        # Whoever waits for an answer must not have waited for a connection before.
        connections_per_node=MOST_WAITERS + CONNECTIONS_BESIDES,
        max_retries=0,
        retry_on_status=(),
        retry_on_timeout=False,
    )
    if choice.ca_file:
        make = functools.partial(make, ca_certs=choice.ca_file)
    if choice.api_key:
        make = functools.partial(make, api_key=choice.api_key)
    elif choice.user:
        make = functools.partial(make, basic_auth=(choice.user, choice.password))
    try:
        return make()
    except (ValueError, OSError) as error:
        cause = f"ELASTICSEARCH_URL or ELASTICSEARCH_CA_FILE is of no use ({type(error).__name__})."
    raise EngineUnavailable(cause)
