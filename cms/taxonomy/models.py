"""Concepts after SKOS: one table, one proxy a scheme; technology products and their vendors.

SKOS reference: W3C Recommendation, 18 August 2009 (concept scheme, notation, preferred and alternative labels,
broader concept, exact match). Industries follow NAICS 2022, occupations SOC 2018.
"""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.fields import RichTextField
from wagtail.models import Orderable, TranslatableMixin
from wagtail.search import index

from cms.sources.models import Source
from cms.taxonomy.schemes import Scheme

# The notation of a scheme's one concept that stands for all of it ("All industries").
UNIVERSAL = "all"


class ConceptManager(models.Manager["Concept"]):
    """Gives a proxy only the concepts of its own scheme.

    What was merged into another concept is still there: drafts from before refer to it, and its address leads on.
    """

    def get_queryset(self) -> models.QuerySet["Concept"]:
        """Return the concepts of the model's scheme, or of all schemes for the concrete model."""
        queryset = super().get_queryset()
        return queryset.filter(scheme=self.model.SCHEME) if self.model.SCHEME else queryset

    def current(self) -> models.QuerySet["Concept"]:
        """Leave out what was merged into another concept."""
        return self.get_queryset().filter(merged_into__isnull=True)


class Concept(index.Indexed, TranslatableMixin, ClusterableModel):
    """A thing that content is about. Proxies give each scheme its own name, chooser and admin list."""

    SCHEME: ClassVar[Scheme | None] = None

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    scheme = models.CharField(max_length=20, choices=Scheme.choices, editable=False)
    pref_label = models.CharField(_("name"), max_length=160, help_text=_("The name that people see, in the singular."))
    slug = models.SlugField(
        _("address"), max_length=160, blank=True, help_text=_("Part of the web address. Made from the name if empty.")
    )
    notation = models.CharField(
        _("code"), max_length=20, blank=True, help_text=_("In the official classification: NAICS 2022, SOC 2018.")
    )
    definition = models.TextField(_("definition"), blank=True, help_text=_("One or two plain sentences."))
    about = RichTextField(
        _("more about it"), blank=True, features=["bold", "italic", "ol", "ul", "link", "h3", "blockquote"]
    )
    broader = models.ForeignKey(
        "self",
        verbose_name=_("belongs to"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="narrower",
        help_text=_("The next wider concept. Whatever carries this one is found under that one too."),
    )
    exact_match = ArrayField(
        models.CharField(max_length=255),
        verbose_name=_("same concept elsewhere"),
        default=list,
        blank=True,
        help_text=_("Addresses or codes of the same concept in other vocabularies, separated by commas."),
    )
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="merged_from"
    )
    is_demonstration = models.BooleanField(_("made up, for demonstration"), default=False, editable=False)

    objects = ConceptManager()

    search_fields = [
        index.SearchField("pref_label", boost=2),
        index.AutocompleteField("pref_label"),
        index.SearchField("notation"),
        index.AutocompleteField("notation"),
        index.RelatedFields("labels", [index.SearchField("text"), index.AutocompleteField("text")]),
        index.FilterField("scheme"),
        index.FilterField("merged_into_id"),
        index.FilterField("locale_id"),
    ]

    class Meta(TranslatableMixin.Meta):
        """In the order of the official codes, then by name."""

        verbose_name = _("concept")
        verbose_name_plural = _("concepts")
        ordering = ["notation", "pref_label"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "locale", "slug"], name="taxonomy_concept_slug"),
            models.CheckConstraint(condition=~models.Q(broader=models.F("id")), name="taxonomy_concept_not_own_parent"),
        ]

    def __str__(self) -> str:
        """Return the name, with its code where there is one."""
        code = self.notation if self.notation and self.notation != UNIVERSAL else ""
        return f"{self.pref_label} ({code})" if code else self.pref_label

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Fill in the scheme of the proxy and an address from the name."""
        if self.SCHEME and not self.scheme:
            self.scheme = self.SCHEME
        if not self.slug:
            self.slug = slugify(self.pref_label)[:160]
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Keep the tree a tree, and within one scheme."""
        super().clean()
        scheme = self.scheme or self.SCHEME
        seen = {self.pk}
        ancestor = self.broader
        while ancestor is not None:
            if ancestor.pk in seen and self.pk is not None:
                raise ValidationError({"broader": _("This would make the concept belong to itself. Choose another.")})
            if ancestor.scheme != scheme:
                raise ValidationError({"broader": _("Choose a concept of the same kind.")})
            seen.add(ancestor.pk)
            ancestor = ancestor.broader

    @property
    def is_universal(self) -> bool:
        """Whether this concept stands for the whole scheme."""
        return self.notation == UNIVERSAL

    def get_absolute_url(self) -> str:
        """Return the address of the page that gathers everything tagged with this concept."""
        return reverse("topic", args=[self.scheme, self.slug])

    def label(self, language: str | None = None) -> str:
        """Return the preferred label in a language, or the site's own when there is none.

        Args:
            language: a code as in ``settings.LANGUAGES``; the active one by default.
        """
        wanted = (language or get_language() or settings.LANGUAGE_CODE).split("-")[0]
        for label in self.labels.all():
            if label.language == wanted and label.kind == ConceptLabel.Kind.PREFERRED:
                return label.text
        return self.pref_label


class ConceptLabel(Orderable):
    """Another name of a concept: in another language, or one that people also use. They widen searches."""

    class Kind(models.TextChoices):
        """SKOS label kinds."""

        PREFERRED = "pref", _("name in this language")
        ALTERNATIVE = "alt", _("also called")

    concept = ParentalKey(Concept, on_delete=models.CASCADE, related_name="labels")
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="en")
    kind = models.CharField(_("kind"), max_length=4, choices=Kind.choices, default=Kind.ALTERNATIVE)
    text = models.CharField(_("words"), max_length=160)

    class Meta(Orderable.Meta):
        """No name twice."""

        constraints = [
            models.UniqueConstraint(fields=["concept", "language", "text"], name="taxonomy_label_once"),
            models.UniqueConstraint(
                fields=["concept", "language"], condition=models.Q(kind="pref"), name="taxonomy_label_one_preferred"
            ),
        ]

    def __str__(self) -> str:
        """Return the words."""
        return self.text


class ConceptSource(Orderable):
    """Where a concept, as defined here, comes from."""

    concept = ParentalKey(Concept, on_delete=models.CASCADE, related_name="source_links")
    source = models.ForeignKey(Source, verbose_name=_("source"), on_delete=models.PROTECT, related_name="+")
    locator = models.CharField(_("where in it"), max_length=160, blank=True)

    def __str__(self) -> str:
        """Return the source's title."""
        return str(self.source)


class Industry(Concept):
    """An industry, after NAICS 2022: sectors, and the subsectors that content needs."""

    SCHEME = Scheme.INDUSTRY

    class Meta:
        """A proxy declares no fields."""

        proxy = True
        verbose_name = _("industry")
        verbose_name_plural = _("industries")


class TechnologyType(Concept):
    """What the technology does: monitor, manage, or automate; and how."""

    SCHEME = Scheme.TECHNOLOGY

    class Meta:
        """A proxy declares no fields."""

        proxy = True
        verbose_name = _("technology type")
        verbose_name_plural = _("technology types")


class Harm(Concept):
    """What the technology does to people."""

    SCHEME = Scheme.HARM

    class Meta:
        """A proxy declares no fields."""

        proxy = True
        verbose_name = _("harm")
        verbose_name_plural = _("harms")


class Right(Concept):
    """A right that workers need."""

    SCHEME = Scheme.RIGHT

    class Meta:
        """A proxy declares no fields."""

        proxy = True
        verbose_name = _("right")
        verbose_name_plural = _("rights")


class Strategy(Concept):
    """What people do about it."""

    SCHEME = Scheme.STRATEGY

    class Meta:
        """A proxy declares no fields."""

        proxy = True
        verbose_name = _("strategy")
        verbose_name_plural = _("strategies")


class Occupation(Concept):
    """An occupation, after SOC 2018: the groups, and those that content names."""

    SCHEME = Scheme.OCCUPATION

    class Meta:
        """A proxy declares no fields."""

        proxy = True
        verbose_name = _("occupation")
        verbose_name_plural = _("occupations")


class Arrangement(Concept):
    """How work is arranged: employee, gig, contractor, public service."""

    SCHEME = Scheme.ARRANGEMENT

    class Meta:
        """A proxy declares no fields."""

        proxy = True
        verbose_name = _("work arrangement")
        verbose_name_plural = _("work arrangements")


class AffectedGroup(Concept):
    """Who is affected beside the workers: patients, students, customers, communities."""

    SCHEME = Scheme.AFFECTED

    class Meta:
        """A proxy declares no fields."""

        proxy = True
        verbose_name = _("people affected")
        verbose_name_plural = _("people affected")


class Place(Concept):
    """A country, a state, a county or a city."""

    SCHEME = Scheme.PLACE

    class Meta:
        """A proxy declares no fields."""

        proxy = True
        verbose_name = _("place")
        verbose_name_plural = _("places")


PROXIES: dict[Scheme, type[Concept]] = {
    proxy.SCHEME: proxy
    for proxy in (
        Industry,
        TechnologyType,
        Harm,
        Right,
        Strategy,
        Occupation,
        Arrangement,
        AffectedGroup,
        Place,
    )
}


class Vendor(index.Indexed, models.Model):
    """A company that makes or sells technology used at work."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=160, unique=True)
    website = models.URLField(_("website"), blank=True)
    is_demonstration = models.BooleanField(_("made up, for demonstration"), default=False, editable=False)

    search_fields = [index.SearchField("name"), index.AutocompleteField("name")]

    class Meta:
        """By name."""

        verbose_name = _("vendor")
        verbose_name_plural = _("vendors")
        ordering = ["name"]

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class TechnologyProduct(index.Indexed, models.Model):
    """A product in use at workplaces. The same vendor in two industries is the strongest thing two fights can share."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=160)
    vendor = models.ForeignKey(
        Vendor, verbose_name=_("vendor"), null=True, blank=True, on_delete=models.PROTECT, related_name="products"
    )
    technology_type = models.ForeignKey(
        TechnologyType,
        verbose_name=_("technology type"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="products",
    )
    description = models.TextField(_("what it does"), blank=True)
    is_demonstration = models.BooleanField(_("made up, for demonstration"), default=False, editable=False)

    search_fields = [index.SearchField("name"), index.AutocompleteField("name")]

    class Meta:
        """By name; one vendor's products have different names."""

        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["vendor", "name"], name="taxonomy_product_once")]

    def __str__(self) -> str:
        """Return the name with its vendor."""
        return f"{self.name} ({self.vendor})" if self.vendor else self.name
