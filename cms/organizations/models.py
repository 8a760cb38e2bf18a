"""Organizations: public profiles, and the page that lists them."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import RichTextField

from cms.base.models import BasePage, IndexPage, TaggedPage

PROFILE_TEXT = ["bold", "italic", "ol", "ul", "link"]


class OrganizationIndexPage(IndexPage):
    """The directory."""

    subpage_types: ClassVar[list[str]] = ["organizations.OrganizationPage"]
    template = "pages/listing.html"
    LISTS = "organization"

    class Meta:
        """How editors see it."""

        verbose_name = _("directory of organizations")


class OrganizationPage(TaggedPage):
    """The public profile of an organization."""

    class Kind(models.TextChoices):
        """What kind of organization it is."""

        UNION = "union", _("union")
        FEDERATION = "federation", _("federation of unions")
        COALITION = "coalition", _("coalition of organizations")
        WORKER_CENTER = "worker-center", _("worker center")
        COMMUNITY = "community", _("community group")
        RESEARCH = "research", _("research or technology ally")
        TRAINING = "training", _("training organization")
        EMPLOYER_ASSOCIATION = "employer-association", _("employers’ association")
        PUBLIC = "public", _("public body")
        OTHER = "other", _("other")

    kind = models.CharField(_("kind"), max_length=24, choices=Kind.choices)
    short_name = models.CharField(
        _("short name"), max_length=60, blank=True, help_text=_("Initials, if people use them.")
    )
    parent_organization = models.ForeignKey(
        "self",
        verbose_name=_("part of"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="affiliates",
        help_text=_("The federation or larger body it belongs to."),
    )
    offers = RichTextField(
        _("what it offers"), blank=True, features=PROFILE_TEXT, help_text=_("To workers, and to other organizations.")
    )
    looks_for = RichTextField(_("what it looks for"), blank=True, features=PROFILE_TEXT)
    website = models.URLField(_("website"), blank=True)
    contact = models.CharField(
        _("how to reach it"), max_length=255, blank=True, help_text=_("A public address or telephone number.")
    )

    content_panels = [
        *BasePage.content_panels,
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("kind"), FieldPanel("short_name")]), FieldPanel("parent_organization")],
            heading=_("Organization"),
        ),
        *TaggedPage.what_panels,
        MultiFieldPanel([FieldPanel("offers"), FieldPanel("looks_for")], heading=_("For allies")),
        MultiFieldPanel([FieldPanel("website"), FieldPanel("contact")], heading=_("How to reach it")),
    ]
    edit_handler = TaggedPage.tabs(*content_panels)
    parent_page_types: ClassVar[list[str]] = ["organizations.OrganizationIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    template = "pages/organization.html"

    class Meta:
        """How editors see it."""

        verbose_name = _("organization")
        verbose_name_plural = _("organizations")

    def more_text(self) -> list[str]:
        """Return its short name, offers and wishes."""
        return [self.short_name, self.offers, self.looks_for]

    @property
    def is_ally(self) -> bool:
        """Whether it stands on the workers' side: an employers' association or public body is nobody's ally here."""
        return self.kind not in {self.Kind.EMPLOYER_ASSOCIATION, self.Kind.PUBLIC}
