"""What is published, as ``k_anonymity`` needs it, and what that makes of a text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cms.taxonomy.models import Concept
from cms.taxonomy.schemes import Scheme
from coalition.intake.publishing.fields import Content
from coalition.intake.publishing.k_anonymity import Attributes, Tree, coarsen
from search.models import Document, Kind

_SCHEMES = (Scheme.PLACE, Scheme.INDUSTRY, Scheme.OCCUPATION)
COARSENED = ("employer", *(scheme.value for scheme in _SCHEMES), "year", "month")


@dataclass(frozen=True)
class Hidden:
    """A text as it may be published, what of it was made coarser, and how many stories share what is left."""

    content: Content
    changed: tuple[str, ...]
    shared: int


class _Places:
    """Concepts by public id and by value."""

    def __init__(self) -> None:
        rows = Concept.objects.filter(scheme__in=_SCHEMES).values_list(
            "pk", "public_id", "scheme", "slug", "broader_id", "merged_into_id"
        )
        found = list(rows)
        value = {pk: f"{scheme}:{slug}" for pk, _id, scheme, slug, _broader, _merged in found}
        self.value_of = {str(public_id): value[merged or pk] for pk, public_id, _s, _slug, _broader, merged in found}
        self.id_of = {value[pk]: str(public_id) for pk, public_id, _s, _slug, _broader, merged in found if not merged}
        self.tree = Tree({value[pk]: value.get(broader) for pk, _id, _s, _slug, broader, _merged in found})

    def values(self, content: Mapping[str, Any], scheme: Scheme) -> frozenset[str]:
        return frozenset(self.value_of[each] for each in content[scheme.value] if each in self.value_of)


def content_hide(content: Mapping[str, Any], *, but: UUID | None = None) -> Hidden:
    """Return a text as coarse as it has to be beside what is published now.

    Args:
        content: of the text.
        but: public id of its own page, if there is one already.
    """
    known = _Places()
    own = Attributes(
        employer=content["employer"].strip(),
        places=known.values(content, Scheme.PLACE),
        industries=known.values(content, Scheme.INDUSTRY),
        occupations=known.values(content, Scheme.OCCUPATION),
        year=content["year"],
        month=content["month"],
    )
    left = coarsen(own, published(but=but), known.tree)
    hidden: Content = dict(content)
    # The year is never said more coarsely.
    hidden |= {"employer": left.attributes.employer, "month": left.attributes.month}
    for scheme, before, values in (
        (Scheme.PLACE, own.places, left.attributes.places),
        (Scheme.INDUSTRY, own.industries, left.attributes.industries),
        (Scheme.OCCUPATION, own.occupations, left.attributes.occupations),
    ):
        if values != before:
            hidden[scheme.value] = [known.id_of[each] for each in sorted(values) if each in known.id_of]
    changed = tuple(name for name in COARSENED if hidden[name] != content[name])
    return Hidden(hidden, changed, left.shared)


def published(*, but: UUID | None = None) -> list[Attributes]:
    """Return the attributes of every public story, of any origin, with everything above their concepts."""
    rows = Document.objects.present().filter(kind=Kind.STORY)
    if but is not None:
        rows = rows.exclude(public_id=but)
    return [_attributes(facets, card) for facets, card in rows.values_list("facets", "card")]


def _attributes(facets: list[str], card: Mapping[str, Any]) -> Attributes:
    def of(scheme: Scheme) -> frozenset[str]:
        return frozenset(value for value in facets if value.startswith(f"{scheme.value}:"))

    year, month = (*(card.get("when") or []), None, None)[:2]
    return Attributes(
        employer=(card.get("employer") or "").strip(),
        places=of(Scheme.PLACE),
        industries=of(Scheme.INDUSTRY),
        occupations=of(Scheme.OCCUPATION),
        year=year,
        month=month,
    )
