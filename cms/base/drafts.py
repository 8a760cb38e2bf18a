"""Facts that nobody writes into a text, such as who belongs to it, change in the texts that wait as well."""

from collections.abc import Callable
from typing import TypeVar

from cms.base.models import BasePage

P = TypeVar("P", bound=BasePage)


def in_every_draft(page: P, change: Callable[[P], None]) -> None:
    """Change a page's latest revision and those on the schedule, which would undo it when they are published.

    Args:
        page: as it is stored; it is left to the caller, who holds its lock.
        change: makes the change in a page in memory; called once a revision.
    """
    latest = page.get_latest_revision()
    waiting = list(page.revisions.filter(approved_go_live_at__isnull=False))
    for revision in {one.pk: one for one in [*([latest] if latest else []), *waiting]}.values():
        draft = revision.as_object()
        change(draft)
        revision.content = draft.serializable_data()
        revision.save(update_fields=["content"])
