"""The facets: what can be filtered by, in which order they are shown, and what each value is called."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cms.base.outcomes import Outcome
from cms.organizations.models import OrganizationPage
from cms.resources.models import ResourcePage
from cms.stories.models import StoryPage
from search.models import Kind


@dataclass(frozen=True)
class Facet:
    """One question that narrows a list.

    ``is_concept``: its values are concepts; ``is_tree``: shown as a tree; ``can_all``: a thing can carry several, so
    that "all of these" makes sense; ``choices``: labels of values that are no concepts.
    """

    name: str
    label: str | Promise
    is_concept: bool = False
    is_tree: bool = False
    can_all: bool = False
    choices: Callable[[], dict[str, str]] | None = None


def _labels(*choices: type) -> Callable[[], dict[str, str]]:
    @functools.lru_cache(maxsize=8)
    def in_language(_language: str | None) -> dict[str, str]:
        # Translated once and not with every list.
        return {str(value): str(label) for choice in choices for value, label in choice.choices}  # type: ignore[attr-defined]

    return lambda: in_language(get_language())


FACETS: tuple[Facet, ...] = (
    Facet("type", _("Type"), choices=_labels(Kind)),
    Facet("industry", _("Industry"), is_concept=True, is_tree=True, can_all=True),
    Facet("technology", _("Technology type"), is_concept=True, is_tree=True, can_all=True),
    Facet("harm", _("Harm"), is_concept=True, is_tree=True, can_all=True),
    Facet("stage", _("Stage"), choices=_labels(StoryPage.Stage)),
    Facet("outcome", _("Outcome"), can_all=True, choices=_labels(Outcome)),
    Facet("form", _("Kind"), choices=_labels(ResourcePage.Kind, OrganizationPage.Kind)),
    Facet("right", _("Right"), is_concept=True, is_tree=True, can_all=True),
    Facet("strategy", _("Strategy"), is_concept=True, is_tree=True, can_all=True),
    Facet("occupation", _("Occupation"), is_concept=True, is_tree=True, can_all=True),
    Facet("arrangement", _("Work arrangement"), is_concept=True, can_all=True),
    Facet("affected", _("People affected"), is_concept=True, can_all=True),
    Facet("organization", _("Organization"), can_all=True),
    Facet("product", _("Product"), can_all=True),
    Facet("vendor", _("Vendor"), can_all=True),
    Facet("place", _("Place"), is_concept=True, is_tree=True, can_all=True),
    Facet("year", _("Year")),
)
BY_NAME = {facet.name: facet for facet in FACETS}
