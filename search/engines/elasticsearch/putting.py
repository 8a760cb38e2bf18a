"""Puts documents into indexes, by their revisions: what is newer stays, whoever comes in which order."""

import json
from collections.abc import Sequence
from typing import Any, cast

from search.engines.base import EngineUnavailable
from search.engines.elasticsearch.client import ask, client
from search.engines.elasticsearch.mapping import entrance
from search.engines.elasticsearch.rendering import Rendered

# The index has a newer state: all is well.
_NEWER = "version_conflict_engine_exception"
_TELLING = "errors,items.*._id,items.*.error.type"


class DocumentsRefused(EngineUnavailable):
    """Some documents were not taken, the others were."""

    def __init__(self, refused: dict[str, str]) -> None:
        causes = ", ".join(sorted(set(refused.values())))
        some = ", ".join(sorted(refused)[:3])
        super().__init__(f"Elasticsearch did not take {len(refused)} documents ({causes}), such as {some}.")
        self.ids = frozenset(refused)


def documents_put(documents: Sequence[Rendered], *, indexes: Sequence[str], seconds: float) -> None:
    """Put documents into each of some indexes, and return when all of them have these states or newer ones.

    What is gone is gone from answers at once; anything else appears with the next refresh.

    Args:
        documents: few enough for one request.
        indexes: names.
        seconds: how long to wait.

    Raises:
        DocumentsRefused: an index has not taken some of them.
        EngineUnavailable: nothing is known of any.
    """
    lines: list[bytes] = []
    for name in indexes:
        for document in documents:
            lines.append(
                b'{"index":{"_index":"%s","_id":"%s","version":%d,"version_type":"external_gte"}}'
                % (entrance(name).encode(), str(document.public_id).encode(), document.revision)
            )
            lines.append(document.line)
    if lines:
        _bulk(lines, seconds=seconds, refresh=any(document.is_gone for document in documents))


def documents_remove(versions: dict[str, int], *, index: str, seconds: float) -> None:
    """Remove what no document stands for from an index.

    Args:
        versions: ids in the index, with the versions that are to be removed; a newer one stays.
        index: its name.
        seconds: how long to wait.

    Raises:
        EngineUnavailable: not all were removed, or nothing is known of any.
    """
    lines = [
        b'{"delete":{"_index":"%s","_id":%s,"version":%d,"version_type":"external_gte"}}'
        % (entrance(index).encode(), json.dumps(key).encode(), version)
        for key, version in versions.items()
    ]
    if lines:
        _bulk(lines, seconds=seconds, refresh=True)


def _bulk(lines: list[bytes], *, seconds: float, refresh: bool) -> None:
    """Send lines, which the client passes on as they are, and look at what became of each."""
    answer = ask(
        lambda: client(seconds=seconds).bulk(
            operations=cast(Any, lines),
            refresh=refresh,
            require_alias=True,
            include_source_on_error=False,
            filter_path=_TELLING,
        )
    ).body
    if not isinstance(answer, dict) or "errors" not in answer:
        raise EngineUnavailable("Elasticsearch did not say whether it took the documents.")
    refused = {
        str(outcome.get("_id")): str(outcome["error"].get("type"))
        for item in answer.get("items", [])
        for outcome in item.values()
        if "error" in outcome and outcome["error"].get("type") != _NEWER
    }
    if refused:
        raise DocumentsRefused(refused)
