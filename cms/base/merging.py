"""Merges two concepts: everything that carried the one carries the other, and the old address leads to the new one."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cms.base.gathering import concepts_changed, gathered
from cms.base.models import TaggedPage
from cms.taxonomy.models import Concept, ConceptLabel, TechnologyProduct


@dataclass(frozen=True)
class MergeCounts:
    """What a merge would move: pages tagged, products of the type, narrower concepts, other names."""

    pages: int
    products: int
    narrower: int
    labels: int


def _tags(concept: Concept) -> list[Any]:
    """Return the tables that may hold the concept as a tag: those of its scheme."""
    return [
        TaggedPage._meta.get_field(relation).related_model
        for scheme, relation in TaggedPage.TAGS.items()
        if scheme == concept.scheme
    ]


def merge_counts(source: Concept) -> MergeCounts:
    """Return what merging a concept into another would move."""
    return MergeCounts(
        pages=sum(
            model.objects.filter(concept_id=source.pk).values("page").distinct().count() for model in _tags(source)
        ),
        products=_products_of(source).count(),
        narrower=Concept.objects.filter(broader_id=source.pk).count(),
        labels=source.labels.count(),
    )


def _products_of(concept: Concept) -> QuerySet[TechnologyProduct]:
    return TechnologyProduct.objects.filter(technology_type_id=concept.pk)


@transaction.atomic
def concept_merge(*, source: Concept, target: Concept) -> MergeCounts:
    """Merge a concept into another of the same scheme.

    Every page tagged with the source is tagged with the target, once; narrower concepts and products move; the source's
    names become other names of the target, so that searches still find it; its address redirects.

    Returns:
        What was moved.

    Raises:
        ValidationError: they are the same, of different schemes, or the target belongs to the source.
    """
    source = Concept.objects.select_for_update().get(pk=source.pk)
    target = Concept.objects.select_for_update().get(pk=target.pk)
    _refuse_nonsense(source, target)
    counts = merge_counts(source)
    with gathered():
        for model in _tags(source):
            already = set(model.objects.filter(concept_id=target.pk).values_list("page_id", flat=True))
            links = model.objects.filter(concept_id=source.pk)
            links.filter(page_id__in=already).delete()
            links.update(concept_id=target.pk)
        _products_of(source).update(technology_type_id=target.pk)
        Concept.objects.filter(broader_id=source.pk).update(broader_id=target.pk)
        # What was merged into the source before leads on to the target.
        Concept.objects.filter(merged_into_id=source.pk).update(merged_into_id=target.pk)
        _take_over_names(source, target)
        source.merged_into, source.broader = target, None
        source.save()
        concepts_changed([target.pk, *Concept.objects.filter(broader_id=target.pk).values_list("pk", flat=True)])
    return counts


def _refuse_nonsense(source: Concept, target: Concept) -> None:
    if source.pk == target.pk:
        raise ValidationError(_("Choose another concept than the one you merge."))
    if source.scheme != target.scheme:
        raise ValidationError(_("Only concepts of the same kind can be merged."))
    if source.merged_into_id or target.merged_into_id:
        raise ValidationError(_("One of the two has already been merged."))
    above = target.broader
    while above is not None:
        if above.pk == source.pk:
            raise ValidationError(
                _("“%(target)s” belongs to “%(source)s”: merge it the other way round.")
                % {"target": target.pref_label, "source": source.pref_label}
            )
        above = above.broader


def _take_over_names(source: Concept, target: Concept) -> None:
    taken = {(label.language, label.text) for label in target.labels.all()}
    names = [(source.locale.language_code.split("-")[0], source.pref_label)]
    names += [(label.language, label.text) for label in source.labels.all()]
    position = target.labels.count()
    for language, text in names:
        if (language, text) not in taken and text != target.pref_label:
            taken.add((language, text))
            ConceptLabel.objects.create(
                concept=target, language=language, kind=ConceptLabel.Kind.ALTERNATIVE, text=text, sort_order=position
            )
            position += 1
