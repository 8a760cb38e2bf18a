"""The vocabulary in the admin: one list and one chooser a scheme, products and vendors beside them."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.chooser import ChooseResultsView, ChooseView, SnippetChooserViewSet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from cms.taxonomy.forms import ConceptForm
from cms.taxonomy.models import PROXIES, Concept, TechnologyProduct, Vendor

CONCEPT_PANELS = [
    MultiFieldPanel(
        [
            FieldPanel("pref_label"),
            FieldPanel("definition"),
            FieldPanel("broader"),
            FieldRowPanel([FieldPanel("notation"), FieldPanel("slug")]),
        ],
        heading=_("Concept"),
    ),
    InlinePanel(
        "labels",
        label=_("Other name"),
        heading=_("Other names"),
        help_text=_("Whoever searches for one of these finds this. Add Spanish names too."),
    ),
    FieldPanel("about"),
    FieldPanel("exact_match"),
    InlinePanel("source_links", label=_("Source"), heading=_("Sources")),
]


Concept.base_form_class = ConceptForm


class CurrentConceptsMixin:
    """Offers no concept that was merged into another."""

    def get_object_list(self) -> QuerySet[Concept]:
        """Return what can be chosen."""
        return self.model_class.objects.current()  # type: ignore[attr-defined]


class ConceptChooseView(CurrentConceptsMixin, ChooseView):
    """The chooser."""


class ConceptChooseResultsView(CurrentConceptsMixin, ChooseResultsView):
    """The chooser's results."""


class ConceptChooserViewSet(SnippetChooserViewSet):
    """Chooses among current concepts, with a search over all their names."""

    choose_view_class = ConceptChooseView
    choose_results_view_class = ConceptChooseResultsView


class ConceptViewSet(SnippetViewSet):
    """The concepts of one scheme."""

    icon = "tag"
    list_display = ["pref_label", "notation", "broader"]
    list_per_page = 100
    panels = CONCEPT_PANELS
    add_to_admin_menu = False
    chooser_viewset_class = ConceptChooserViewSet

    def get_queryset(self, request: HttpRequest) -> QuerySet[Concept]:
        """Leave out what was merged into another concept."""
        return self.model.objects.current().select_related("broader")


def _viewset(model: type[Concept]) -> ConceptViewSet:
    attributes: dict[str, Any] = {
        "model": model,
        "menu_label": model._meta.verbose_name_plural,
        "url_prefix": f"vocabulary/{model.SCHEME}",
    }
    return type(f"{model.__name__}ViewSet", (ConceptViewSet,), attributes)()


class VendorViewSet(SnippetViewSet):
    """Vendors."""

    model = Vendor
    icon = "group"
    panels = [FieldPanel("name"), FieldPanel("website")]


class TechnologyProductViewSet(SnippetViewSet):
    """Products."""

    model = TechnologyProduct
    icon = "cogs"
    list_display = ["name", "vendor", "technology_type"]
    panels = [FieldPanel("name"), FieldPanel("vendor"), FieldPanel("technology_type"), FieldPanel("description")]


class VocabularyGroup(SnippetViewSetGroup):
    """One menu for all of it."""

    menu_label = _("Vocabulary")
    menu_icon = "tag"
    menu_order = 300
    items = (*(_viewset(model) for model in PROXIES.values()), TechnologyProductViewSet(), VendorViewSet())


register_snippet(VocabularyGroup)
