"""Hears what Django and Wagtail say about pages and vocabulary, and tells it in this site's own words.

Whatever changes what many pages show ends in one signal, ``pages_affected``, sent inside the changing transaction.
"""

from typing import Any

from django.db.models import ProtectedError
from django.db.models.signals import post_delete, post_save, pre_delete
from django.dispatch import receiver
from django.utils.translation import gettext as _
from wagtail.models import Page, PageViewRestriction
from wagtail.signals import page_slug_changed, post_page_move

from cms.base.gathering import concepts_changed, pages_changed
from cms.base.models import BasePage, TaggedPage
from cms.base.signals import page_removed
from cms.taxonomy.models import PROXIES, Concept, ConceptLabel, TechnologyProduct, Vendor
from cms.taxonomy.schemes import Scheme


def branch_ids(page: Page) -> list[int]:
    """Return the ids of a page and of everything below it."""
    return list(Page.objects.filter(path__startswith=page.path).values_list("pk", flat=True))


@receiver(post_delete)
def on_delete(sender: type, instance: Any, **_more: Any) -> None:
    """Tell that a page is gone, also when it went with its parent."""
    if isinstance(instance, BasePage):
        page_removed.send(sender=sender, page_id=instance.pk, public_id=instance.public_id)


@receiver(page_slug_changed)
def on_slug_changed(sender: type, instance: Page, **_more: Any) -> None:
    """A new address of a page is a new address of everything below it."""
    pages_changed(branch_ids(instance))


@receiver(post_page_move)
def on_move(sender: type, instance: Page, **_more: Any) -> None:
    """A moved branch has new addresses, and perhaps another view restriction above it."""
    pages_changed(branch_ids(instance))


@receiver([post_save, post_delete], sender=PageViewRestriction)
def on_restriction(sender: type, instance: PageViewRestriction, **_more: Any) -> None:
    """A view restriction hides a whole branch, or shows it again."""
    page = Page.objects.filter(pk=instance.page_id).first()
    if page is not None:
        pages_changed(branch_ids(page))


def concept_and_narrower(concept: Concept) -> list[int]:
    """Return the ids of a concept and of everything that belongs to it."""
    children: dict[int | None, list[int]] = {}
    for pk, broader in Concept.objects.filter(scheme=concept.scheme).values_list("pk", "broader_id"):
        children.setdefault(broader, []).append(pk)
    found, queue = [], [concept.pk]
    while queue:
        current = queue.pop()
        found.append(current)
        queue.extend(children.get(current, []))
    return found


def on_concept(sender: type, instance: Concept, created: bool = False, **_more: Any) -> None:
    """A concept's name, address or place in the tree shows on every page tagged with it or with a narrower one."""
    if created:
        # Nothing carries it yet, but pages tagged with the bare sector above it now stand for one subsector more.
        concepts_changed([instance.broader_id] if instance.broader_id else [])
    else:
        concepts_changed(concept_and_narrower(instance))


CONCEPT_MODELS: list[type[Concept]] = [Concept, *PROXIES.values()]
for _model in CONCEPT_MODELS:
    post_save.connect(on_concept, sender=_model, dispatch_uid=f"pages-of-{_model.__name__}")


def keep_if_used(sender: type, instance: Concept, **_more: Any) -> None:
    """Keep a concept that pages carry from being deleted: merged into another, it loses none of them."""
    relation = TaggedPage.TAGS[Scheme(instance.scheme)]
    links = TaggedPage._meta.get_field(relation).related_model._default_manager.filter(concept_id=instance.pk)
    if links.exists():
        raise ProtectedError(
            _("Pages are tagged with “%(name)s”. Merge it into another concept instead.")
            % {"name": instance.pref_label},
            set(links),
        )


for _model in CONCEPT_MODELS:
    pre_delete.connect(keep_if_used, sender=_model, dispatch_uid=f"keep-{_model.__name__}")


@receiver([post_save, post_delete], sender=ConceptLabel)
def on_label(sender: type, instance: ConceptLabel, **_more: Any) -> None:
    """A preferred label in a page's language is what that page shows."""
    if instance.kind == ConceptLabel.Kind.PREFERRED:
        concepts_changed([instance.concept_id])


@receiver(post_save, sender=TechnologyProduct)
def on_product(sender: type, instance: TechnologyProduct, **_more: Any) -> None:
    """A product's name shows on every page that names it."""
    pages_changed(instance.page_links.values_list("page_id", flat=True))


@receiver(post_save, sender=Vendor)
def on_vendor(sender: type, instance: Vendor, **_more: Any) -> None:
    """A vendor's name shows on every page that names one of its products."""
    pages_changed(instance.products.exclude(page_links=None).values_list("page_links__page_id", flat=True))
