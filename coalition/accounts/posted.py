"""Ids that a form posts: several things at once are named by theirs."""

from collections.abc import Iterable
from uuid import UUID


def uuids_in(values: Iterable[str]) -> list[UUID]:
    """Return the ids among what somebody posted, each once; whatever else stands there is left out."""
    found: dict[UUID, None] = {}
    for value in values:
        try:
            found[UUID(value)] = None
        except ValueError:
            continue
    return list(found)
