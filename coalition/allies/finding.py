"""Who could be an ally: organizations that share most, in other industries first, and why in a sentence."""

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cms.organizations.models import OrganizationPage
from search.kinship import Kin, all_kin
from search.models import Document
from search.vocabulary import Vocabulary

FILTERS = ("industry", "technology", "harm", "place")
MOST_SHOWN = 50


@dataclass(frozen=True)
class Choice:
    """A value of a filter: what it is called, and whether it is chosen."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Ally:
    """An organization that shares something, why in a sentence, and a strength of 1 to 5."""

    kin: Kin
    why: str
    strength: int

    @property
    def public_id(self) -> str:
        """Return the id of its page."""
        return str(self.kin.document.public_id)


@dataclass(frozen=True)
class Found:
    """Allies, closest first; by filter what can be chosen; whether those of the own industry are among them."""

    allies: list[Ally]
    filters: dict[str, list[Choice]]
    with_own_industry: bool
    total: int


def allies_of(organization: OrganizationPage, params: QueryDict) -> Found:
    """Return an organization's possible allies as a URL asks for them; garbage in it is left out.

    Args:
        organization: a published one; a draft has none.
        params: ``own=1`` adds those of the own industry; a value for any of ``FILTERS`` narrows the list.
    """
    with_own = params.get("own") == "1"
    own = Document.objects.present().filter(public_id=organization.public_id).first()
    if own is None:
        return Found([], {}, with_own, 0)
    vocabulary = Vocabulary.load(get_language())
    every = [kin for kin in all_kin(own, organization.slug, vocabulary) if with_own or kin.other_industry]
    carried = [_facets(kin, vocabulary) for kin in every]
    chosen = {name: params.get(name, "") for name in FILTERS}
    filters = {
        name: [
            Choice(value.partition(":")[2], vocabulary.label(value), value == f"{name}:{chosen[name]}")
            for value in sorted(
                {value for values in carried for value in values if value.startswith(f"{name}:")},
                key=lambda value: vocabulary.label(value).casefold(),
            )
        ]
        for name in FILTERS
    }
    wanted = {
        f"{name}:{value}"
        for name, value in chosen.items()
        if any(choice.is_chosen for choice in filters[name]) and value
    }
    kept = [kin for kin, values in zip(every, carried, strict=True) if wanted <= values]
    best = max((kin.score for kin in kept), default=1.0)
    allies = [Ally(kin, why_allied(kin), max(1, round(5 * kin.score / best))) for kin in kept[:MOST_SHOWN]]
    return Found(allies, filters, with_own, len(kept))


def _facets(kin: Kin, vocabulary: Vocabulary) -> set[str]:
    """Return everything an organization can be filtered by: what it and its work carry, with all that is broader."""
    found: set[str] = set(kin.document.facets)
    for value in kin.carried:
        term = vocabulary.by_value.get(value)
        if term is not None:
            found.update(ancestor.value for ancestor in vocabulary.ancestors(term))
    return found


def why_allied(kin: Kin) -> str:
    """Return why two organizations are allies: what both face, and what the other has won."""
    said = kin.sentence
    if kin.won:
        win = kin.won[0]
        said += " " + (
            _("They won “%(what)s” in %(year)s.") % {"what": win.text, "year": win.year}
            if win.year
            else _("They won “%(what)s”.") % {"what": win.text}
        )
    return said
