"""Tells what changed, at once or gathered: loading a thousand pages writes each document once, not once a tag.

Inside :func:`gathered` nothing is told until the end of the block, still within the caller's transaction.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db.models import Q
from wagtail.models import Page

from cms.base.models import TaggedPage
from cms.base.signals import pages_affected


class _Gathered:
    def __init__(self) -> None:
        self.page_ids: set[int] = set()
        self.concept_ids: set[int] = set()


_gathering: ContextVar[_Gathered | None] = ContextVar("gathering", default=None)


def is_gathering() -> bool:
    """Whether what changes is being gathered."""
    return _gathering.get() is not None


def pages_changed(page_ids: Iterable[int]) -> None:
    """Tell that what these pages show has changed."""
    ids = list(page_ids)
    current = _gathering.get()
    if current is not None:
        current.page_ids.update(ids)
    elif ids:
        pages_affected.send(sender=Page, page_ids=ids)


def concepts_changed(concept_ids: Iterable[int]) -> None:
    """Tell that what pages tagged with these concepts show has changed."""
    ids = list(concept_ids)
    current = _gathering.get()
    if current is not None:
        current.concept_ids.update(ids)
    elif ids:
        pages_changed(pages_tagged(ids))


def pages_tagged(concept_ids: Iterable[int]) -> list[int]:
    """Return the ids of pages that carry one of the concepts, and of what is below those pages."""
    ids = list(concept_ids)
    paths: set[str] = set()
    for relation in TaggedPage.TAGS.values():
        model = TaggedPage._meta.get_field(relation).related_model
        paths.update(model._default_manager.filter(concept__in=ids).values_list("page__path", flat=True))
    below = Q(pk__in=[])
    for path in paths:
        below |= Q(path__startswith=path)
    return list(Page.objects.filter(below).values_list("pk", flat=True)) if paths else []


@contextmanager
def gathered() -> Iterator[None]:
    """Gather what changes inside the block, and tell it once at its end; nothing is told when the block raises."""
    if is_gathering():
        yield
        return
    current = _Gathered()
    token = _gathering.set(current)
    try:
        yield
    finally:
        _gathering.reset(token)
    ids = current.page_ids | set(pages_tagged(current.concept_ids) if current.concept_ids else [])
    pages_changed(sorted(ids))
