"""Wagtail's own indexes of a page, written by the worker once for each time that a page is saved.

They hold what a page refers to, and its words for the search of the admin. Wagtail itself would see to the one for the
page and for each of its tags, and to the other for each draft as well, in tasks of their own.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.db import models, transaction
from django_tasks import task
from wagtail.models import Page, ReferenceIndex
from wagtail.search.index import insert_or_update_object


@contextmanager
def indexes_left_alone() -> Iterator[None]:
    """Have nobody see to the indexes during the block, which may stand in another of this kind.

    Whoever saves a page in it calls ``indexes_update`` or ``indexes_write`` after it.
    """
    # Here, because it asks for models that are not there before all are.
    from wagtail.signal_handlers import disable_reference_index_auto_update

    if _are_left_alone():
        yield
        return
    with disable_reference_index_auto_update():
        yield


def indexes_update(page: Page) -> None:
    """Have the worker write what the indexes say of a page.

    Nothing happens in a block in which they are left alone: whoever opened it sees to them.
    """
    if not _are_left_alone():
        page_index.enqueue(page._meta.app_label, str(page._meta.model_name), page.pk)


@transaction.atomic
def indexes_write(instance: models.Model) -> None:
    """Write what the indexes say of something: of anything but a page, Wagtail itself sees to the words."""
    if ReferenceIndex.is_indexed(type(instance)):
        ReferenceIndex.create_or_update_for_object(instance)
    if not getattr(instance, "search_auto_update", True):
        insert_or_update_object(instance)


@task()
def page_index(app_label: str, model_name: str, pk: int) -> None:
    """Write what the indexes say of a page; of one that is gone meanwhile, nothing.

    Args:
        app_label: of its type.
        model_name: of its type.
        pk: the page's.
    """
    page = apps.get_model(app_label, model_name)._default_manager.filter(pk=pk).first()
    if page is not None:
        indexes_write(page)


def _are_left_alone() -> bool:
    from wagtail.signal_handlers import reference_index_auto_update_disabled

    return bool(getattr(reference_index_auto_update_disabled, "value", False))
