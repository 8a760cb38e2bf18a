"""Notes which pages and pictures a page refers to, once for each time that it is saved.

Wagtail itself would look for the references of a page once for the page and once more for each of its tags.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from wagtail.models import Page
from wagtail.tasks import update_reference_index_task


@contextmanager
def references_left_alone() -> Iterator[None]:
    """Have Wagtail leave its index of references alone during the block, which may stand in another of this kind.

    Whoever saves a page in it calls ``references_update`` after it.
    """
    # Here, because it asks for models that are not there before all are.
    from wagtail.signal_handlers import disable_reference_index_auto_update

    if _are_left_alone():
        yield
        return
    with disable_reference_index_auto_update():
        yield


def references_update(page: Page) -> None:
    """Have the worker look for what a page, with its tags and children, refers to.

    Nothing happens in a block in which references are left alone: whoever opened it sees to them.
    """
    if not _are_left_alone():
        update_reference_index_task.enqueue(page._meta.app_label, page._meta.model_name, str(page.pk))


def _are_left_alone() -> bool:
    from wagtail.signal_handlers import reference_index_auto_update_disabled

    return bool(getattr(reference_index_auto_update_disabled, "value", False))
