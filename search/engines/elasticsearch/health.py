"""Says how Elasticsearch is, quickly and whatever happens: for ``doctor``, and for whoever chooses an engine."""

import time
from collections.abc import Callable

from django.db import Error as DatabaseError
from django.utils import timezone

from search.engines.base import EngineUnavailable
from search.engines.elasticsearch import is_set, mapping
from search.engines.elasticsearch.client import SEARCH_SECONDS, ask, client
from search.engines.elasticsearch.indexes import alias_names
from search.models import EngineIndex
from search.outbox import waits_since

# Older ones of version 9 do not read vectors as they are sent.
OLDEST, NEWER = (9, 3), (10, 0)
# Longer than any publication takes: whoever waits so long is waited for in vain.
MOST_WAITING_SECONDS = 60.0
_REMEDY = "run python3 -m coalition manage search rebuild"


def health() -> tuple[bool, str]:
    """Return whether Elasticsearch can answer, and one sentence on it; takes at most ``SEARCH_SECONDS``.

    It must not answer while it would show what is gone, or for long not show what is there. Where none is set, that is
    well, too.
    """
    if not is_set():
        return True, "No Elasticsearch is set: the database answers searches."
    deadline = time.monotonic() + SEARCH_SECONDS
    try:
        for ailment in (_ailment_of_server, _ailment_of_index, _ailment_of_outbox):
            if sentence := ailment(lambda: deadline - time.monotonic()):
                return False, sentence
    except EngineUnavailable as unavailable:
        return False, str(unavailable)
    except DatabaseError as error:
        return False, f"The database cannot say what Elasticsearch has heard ({type(error).__name__})."
    return True, f"Elasticsearch answers from {mapping.alias()}."


def _ailment_of_server(left: Callable[[], float]) -> str:
    found = ask(lambda: client(seconds=_some(left)).nodes.info(filter_path="nodes.*.version")).body
    versions = sorted({str(node["version"]) for node in found.get("nodes", {}).values()})
    if not versions:
        return "What answers at ELASTICSEARCH_URL is no Elasticsearch that lets itself be asked."
    wrong = [version for version in versions if not OLDEST <= _number(version) < NEWER]
    return f"Elasticsearch is of version {', '.join(wrong)}, and must be 9.3 or a newer 9." if wrong else ""


def _ailment_of_index(left: Callable[[], float]) -> str:
    named = alias_names(seconds=_some(left))
    serving = list(EngineIndex.objects.filter(state=EngineIndex.State.SERVING).values_list("name", flat=True))
    if not named:
        return f"There is no index yet: {_REMEDY}."
    if named != serving:
        return f"The index that answers is not the one that hears of changes: {_REMEDY}."
    found = ask(
        lambda: client(seconds=_some(left)).cluster.health(index=named[0], timeout="0s", filter_path="status")
    ).body
    return "Elasticsearch has lost a part of the index (status red)." if found.get("status") == "red" else ""


def _ailment_of_outbox(_left: Callable[[], float]) -> str:
    if waits_since(is_gone=True) is not None:
        return "Elasticsearch has not heard yet that a document is gone."
    oldest = waits_since(is_gone=False)
    seconds = (timezone.now() - oldest).total_seconds() if oldest else 0.0
    if seconds > MOST_WAITING_SECONDS:
        return f"Elasticsearch has not heard for {seconds:.0f} seconds what has changed."
    return ""


def _number(version: str) -> tuple[int, ...]:
    """Return the first two numbers of a version."""
    return tuple(int(part) if part.isdigit() else 0 for part in version.split(".")[:2])


def _some(left: Callable[[], float]) -> float:
    """Return the time that is left for a request.

    Raises:
        EngineUnavailable: there is none.
    """
    seconds = left()
    if seconds <= 0:
        raise EngineUnavailable("Elasticsearch did not answer in time.")
    return seconds
