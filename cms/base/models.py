"""What all pages share: ``BasePage`` (identity, origin, the gate) and ``TaggedPage`` (subject and sources)."""

import uuid
from typing import Any, ClassVar

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import (
    FieldPanel,
    InlinePanel,
    MultiFieldPanel,
    MultipleChooserPanel,
    ObjectList,
    PublishingPanel,
    TabbedInterface,
)
from wagtail.fields import StreamField
from wagtail.models import COMMENTS_RELATION_NAME, Orderable, Page
from wagtail.search import index

from cms.base.blocks import BodyBlock
from cms.base.gate import pass_gate
from cms.base.images import SiteImage, SiteRendition
from cms.base.indexing import indexes_left_alone, indexes_update
from cms.base.signals import page_stored
from cms.sources.models import Source
from cms.taxonomy.models import (
    AffectedGroup,
    Arrangement,
    Concept,
    Harm,
    Industry,
    Occupation,
    Place,
    Right,
    Strategy,
    TechnologyProduct,
    TechnologyType,
)
from cms.taxonomy.schemes import Scheme

__all__ = ["BasePage", "Citation", "Correction", "IndexPage", "SiteImage", "SiteRendition", "TaggedPage"]


# What saving a draft writes into the row of its page: nothing of it shows, and it names no other object.
DRAFT_COLUMNS = frozenset(
    {COMMENTS_RELATION_NAME, "latest_revision_created_at", "draft_title", "latest_revision", "has_unpublished_changes"}
)


class Origin(models.TextChoices):
    """How a page came to us. Never rendered."""

    EDITORIAL = "editorial", _("written here")
    SOURCE = "source", _("from a published source")
    INTAKE = "intake", _("told through the confidential form")
    IMPORT = "import", _("imported")
    DEMONSTRATION = "demonstration", _("made up, for demonstration")


class BasePage(Page):
    """A page of this site."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    origin = models.CharField(max_length=20, choices=Origin.choices, default=Origin.EDITORIAL, editable=False)
    licence = models.CharField(
        _("licence"), max_length=60, blank=True, help_text=_("For example CC BY 4.0. Empty: ask before you reuse it.")
    )
    is_demonstration = models.BooleanField(_("made up, for demonstration"), default=False, editable=False)

    # Its words for the admin's search are written with what it refers to (``indexing.py``), and go with its row.
    search_auto_update = False

    # A copy is another page; a page's alias and translation are too.
    exclude_fields_in_copy: ClassVar[list[str]] = ["public_id"]

    settings_panels = [PublishingPanel(), FieldPanel("licence")]

    class Meta:
        """Concrete pages have tables of their own."""

        abstract = True

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Save the page, its tags and children; a live one only through the gate.

        Raises:
            PublicationRefusedError: the page is live and a registered check says no.
        """
        written = kwargs.get("update_fields")
        if self._state.adding and self.alias_of_id:
            # Wagtail gives an alias everything that its page has.
            self.public_id = uuid.uuid4()
        # Saving a draft of a live page writes a few columns of the live row and publishes nothing.
        if self.live and (written is None or "live" in written):
            pass_gate(self)
        with indexes_left_alone():
            result = super().save(*args, **kwargs)
        if written is None or not DRAFT_COLUMNS.issuperset(written):
            indexes_update(self)
            page_stored.send(sender=type(self), page=self)
        return result

    def with_content_json(self, content: dict[str, Any]) -> Any:
        """Return the page with what a revision says, or the page that it is an alias of; which page it is stays."""
        page = super().with_content_json(content)
        page.public_id, page.origin = self.public_id, self.origin
        return page


class IndexPage(BasePage):
    """The one page that lists a kind of content. ``LISTS`` names the kinds of documents, separated by commas.

    Each list names its template itself: Wagtail does not inherit it.
    """

    intro = models.TextField(_("introduction"), blank=True)

    content_panels = [*BasePage.content_panels, FieldPanel("intro")]
    max_count = 1
    parent_page_types: ClassVar[list[str]] = ["home.HomePage"]
    LISTS: ClassVar[str]

    class Meta:
        """Each kind's list is a page type of its own."""

        abstract = True


class TaggedPage(BasePage):
    """A page about something: the one table of everything that is searched, linked and gathered on concept pages."""

    standfirst = models.TextField(
        _("in short"),
        blank=True,
        help_text=_("One or two sentences that stand alone. They are shown in lists and weigh more in searches."),
    )
    body = StreamField(BodyBlock(), verbose_name=_("text"), blank=True)
    image = models.ForeignKey(
        SiteImage, verbose_name=_("picture"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    is_creatable = False

    # Scheme → name of the relation that holds a page's concepts of that scheme.
    TAGS: ClassVar[dict[Scheme, str]] = {
        Scheme.INDUSTRY: "industry_links",
        Scheme.TECHNOLOGY: "technology_links",
        Scheme.HARM: "harm_links",
        Scheme.RIGHT: "right_links",
        Scheme.STRATEGY: "strategy_links",
        Scheme.OCCUPATION: "occupation_links",
        Scheme.ARRANGEMENT: "arrangement_links",
        Scheme.AFFECTED: "affected_links",
        Scheme.PLACE: "place_links",
    }

    what_panels = [FieldPanel("standfirst"), FieldPanel("body"), FieldPanel("image")]
    tag_panels = [
        MultiFieldPanel(
            [
                MultipleChooserPanel(
                    "industry_links",
                    chooser_field_name="concept",
                    label=_("Industries"),
                    min_num=1,
                    help_text=_("Where the work is done. Choose “All industries” when it truly is about all."),
                ),
                MultipleChooserPanel(
                    "technology_links",
                    chooser_field_name="concept",
                    label=_("Technology types"),
                    min_num=1,
                    help_text=_("What the technology does, as exactly as the list allows."),
                ),
                MultipleChooserPanel("harm_links", chooser_field_name="concept", label=_("Harms")),
            ],
            heading=_("The situation (industry and technology type are needed to publish)"),
        ),
        MultiFieldPanel(
            [
                MultipleChooserPanel("occupation_links", chooser_field_name="concept", label=_("Occupations")),
                MultipleChooserPanel("arrangement_links", chooser_field_name="concept", label=_("Work arrangement")),
                MultipleChooserPanel("affected_links", chooser_field_name="concept", label=_("People affected")),
                MultipleChooserPanel("place_links", chooser_field_name="concept", label=_("Places")),
            ],
            heading=_("Who and where"),
        ),
        MultiFieldPanel(
            [
                MultipleChooserPanel("right_links", chooser_field_name="concept", label=_("Rights")),
                MultipleChooserPanel("strategy_links", chooser_field_name="concept", label=_("Strategies")),
                MultipleChooserPanel("product_links", chooser_field_name="product", label=_("Technology products")),
            ],
            heading=_("What is at stake, what is done, which product"),
        ),
    ]
    source_panels = [
        InlinePanel(
            "citations",
            label=_("Source"),
            heading=_("Sources"),
            help_text=_("Where the facts come from. Each page names its source."),
        ),
        InlinePanel("corrections", label=_("Correction"), heading=_("Corrections")),
    ]

    search_fields = [*Page.search_fields, index.SearchField("standfirst"), index.SearchField("body")]

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Save; a draft from before two concepts were merged is tagged with what the one was merged into."""
        if kwargs.get("update_fields") is None:
            self._follow_merges()
        return super().save(*args, **kwargs)

    def _follow_merges(self) -> None:
        carried = {pk for scheme in Scheme for pk in self.concept_ids(scheme)}
        merged = Concept.objects.filter(pk__in=carried, merged_into__isnull=False).select_related("merged_into")
        into = {concept.pk: concept.merged_into for concept in merged}
        for scheme in {concept.scheme for concept in merged}:
            own = [into.get(concept.pk) or concept for concept in self.concepts(Scheme(scheme))]
            self.set_concepts(Scheme(scheme), list({concept.pk: concept for concept in own}.values()))

    def concept_ids(self, scheme: Scheme) -> list[int]:
        """Return the ids of the page's own concepts of one scheme, in the editor's order, as they stand in memory."""
        return [link.concept_id for link in getattr(self, self.TAGS[scheme]).all() if link.concept_id]

    def concepts(self, scheme: Scheme) -> list[Concept]:
        """Return the page's own concepts of one scheme, in the editor's order, as they stand in memory."""
        return [link.concept for link in getattr(self, self.TAGS[scheme]).all() if link.concept_id]

    def set_concepts(self, scheme: Scheme, concepts: list[Concept]) -> None:
        """Replace the page's concepts of one scheme; they are stored with the page."""
        relation = getattr(self, self.TAGS[scheme])
        relation.set([relation.model(concept=concept, sort_order=i) for i, concept in enumerate(concepts)])

    def add_concept(self, scheme: Scheme, concept: Concept) -> None:
        """Add a concept to the page's own of one scheme, after the others; it is stored with the page."""
        relation = getattr(self, self.TAGS[scheme])
        relation.add(relation.model(concept=concept, sort_order=relation.count()))

    def products(self) -> list[TechnologyProduct]:
        """Return the products the page names."""
        return [link.product for link in self.product_links.all()]

    def set_products(self, products: list[TechnologyProduct]) -> None:
        """Replace the products the page names; they are stored with the page."""
        self.product_links.set([ProductLink(product=product, sort_order=i) for i, product in enumerate(products)])

    def more_text(self) -> list[str]:
        """Return further plain text of the page, beyond headline, standfirst and body, that searches should find."""
        return []

    @classmethod
    def tabs(cls, *panels: Any) -> TabbedInterface:
        """Return the editor form every tagged page has: what it says, what it is about, where it comes from.

        Args:
            panels: the panels of the first tab.
        """
        return TabbedInterface(
            [
                ObjectList(panels, heading=_("What it says")),
                ObjectList(cls.tag_panels, heading=_("What it is about")),
                ObjectList(cls.source_panels, heading=_("Where it comes from")),
                ObjectList(cls.promote_panels, heading=_("Promote")),
                ObjectList(cls.settings_panels, heading=_("Settings"), classname="settings"),
            ]
        )


class _Link(Orderable):
    """A tag: one concept on one page."""

    class Meta(Orderable.Meta):
        """Each scheme has a table of its own, so that each form gets a chooser of its own."""

        abstract = True

    def __str__(self) -> str:
        """Return the concept's name."""
        return str(self.concept)


def _tag(proxy: type[Concept]) -> models.ForeignKey:
    """Return the foreign key from a tag to its concept.

    It cascades because a draft can only be opened when its tags can be restored without a concept that is gone;
    ``cms.base.hearing`` keeps a concept in use from being deleted at all: it is merged.
    """
    return models.ForeignKey(proxy, verbose_name=proxy._meta.verbose_name, on_delete=models.CASCADE, related_name="+")


class IndustryLink(_Link):
    """A page's industry."""

    page = ParentalKey(TaggedPage, on_delete=models.CASCADE, related_name="industry_links")
    concept = _tag(Industry)


class TechnologyLink(_Link):
    """A page's technology type."""

    page = ParentalKey(TaggedPage, on_delete=models.CASCADE, related_name="technology_links")
    concept = _tag(TechnologyType)


class HarmLink(_Link):
    """A page's harm."""

    page = ParentalKey(TaggedPage, on_delete=models.CASCADE, related_name="harm_links")
    concept = _tag(Harm)


class RightLink(_Link):
    """A right a page is about."""

    page = ParentalKey(TaggedPage, on_delete=models.CASCADE, related_name="right_links")
    concept = _tag(Right)


class StrategyLink(_Link):
    """A strategy a page names."""

    page = ParentalKey(TaggedPage, on_delete=models.CASCADE, related_name="strategy_links")
    concept = _tag(Strategy)


class OccupationLink(_Link):
    """A page's occupation."""

    page = ParentalKey(TaggedPage, on_delete=models.CASCADE, related_name="occupation_links")
    concept = _tag(Occupation)


class ArrangementLink(_Link):
    """A page's work arrangement."""

    page = ParentalKey(TaggedPage, on_delete=models.CASCADE, related_name="arrangement_links")
    concept = _tag(Arrangement)


class AffectedLink(_Link):
    """People affected beside the workers."""

    page = ParentalKey(TaggedPage, on_delete=models.CASCADE, related_name="affected_links")
    concept = _tag(AffectedGroup)


class PlaceLink(_Link):
    """A page's place."""

    page = ParentalKey(TaggedPage, on_delete=models.CASCADE, related_name="place_links")
    concept = _tag(Place)


class ProductLink(Orderable):
    """A technology product a page names."""

    page = ParentalKey(TaggedPage, on_delete=models.CASCADE, related_name="product_links")
    product = models.ForeignKey(
        TechnologyProduct, verbose_name=_("product"), on_delete=models.PROTECT, related_name="page_links"
    )

    def __str__(self) -> str:
        """Return the product's name."""
        return str(self.product)


class Citation(Orderable):
    """A source of a page's facts."""

    page = ParentalKey(TaggedPage, on_delete=models.CASCADE, related_name="citations")
    source = models.ForeignKey(Source, verbose_name=_("source"), on_delete=models.PROTECT, related_name="citations")
    locator = models.CharField(
        _("where in it"), max_length=160, blank=True, help_text=_("A page, a section, or the words of a heading.")
    )

    panels = [FieldPanel("source"), FieldPanel("locator")]

    def __str__(self) -> str:
        """Return the source's title."""
        return str(self.source)


class Correction(Orderable):
    """A visible correction."""

    page = ParentalKey(TaggedPage, on_delete=models.CASCADE, related_name="corrections")
    date = models.DateField(_("date"))
    text = models.TextField(_("what was corrected"))

    panels = [FieldPanel("date"), FieldPanel("text")]

    def __str__(self) -> str:
        """Return the date."""
        return f"{self.date:%Y-%m-%d}"
