"""Resources: contract language, laws, agreements, studies, trainings, and the page that lists them."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import RichTextField

from cms.base.models import BasePage, IndexPage, TaggedPage
from cms.base.outcomes import Outcome


class ResourceIndexPage(IndexPage):
    """The list of resources."""

    subpage_types: ClassVar[list[str]] = ["resources.ResourcePage"]
    template = "pages/listing.html"
    LISTS = "resource"

    class Meta:
        """How editors see it."""

        verbose_name = _("list of resources")


class ResourcePage(TaggedPage):
    """Something that others can use or cite."""

    class Kind(models.TextChoices):
        """What it is."""

        CONTRACT = "contract-language", _("contract language")
        AGREEMENT = "agreement", _("agreement")
        LAW = "law-or-bill", _("law or bill")
        ORDER = "order", _("executive order")
        POLICY = "policy", _("policy proposal")
        STUDY = "study", _("study or survey")
        TRAINING = "training", _("training")
        EXAMPLE = "example", _("worked example")
        GUIDE = "guide", _("guide")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    outcome = models.CharField(
        _("outcome"),
        max_length=12,
        choices=Outcome.choices,
        blank=True,
        help_text=_(
            "Whether this was won, is in force, or is still being fought for. Empty for studies and trainings."
        ),
    )
    state = models.CharField(
        _("state"), max_length=120, blank=True, help_text=_("For example: introduced; issued; in force until 2026.")
    )
    as_of = models.DateField(_("as of"), null=True, blank=True, help_text=_("The day for which the state is known."))
    what_it_wins = RichTextField(
        _("what it wins"), blank=True, features=["bold", "italic", "ol", "ul", "link"], help_text=_("In plain words.")
    )
    link = models.URLField(_("where to find it"), blank=True)

    content_panels = [
        *BasePage.content_panels,
        *TaggedPage.what_panels,
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("kind"), FieldPanel("outcome")]),
                FieldRowPanel([FieldPanel("state"), FieldPanel("as_of")]),
                FieldPanel("what_it_wins"),
                FieldPanel("link"),
            ],
            heading=_("What it is and how it stands"),
        ),
    ]
    edit_handler = TaggedPage.tabs(*content_panels)
    parent_page_types: ClassVar[list[str]] = ["resources.ResourceIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    template = "pages/resource.html"

    class Meta:
        """How editors see it."""

        verbose_name = _("resource")
        verbose_name_plural = _("resources")

    def more_text(self) -> list[str]:
        """Return its state and what it wins."""
        return [self.state, self.what_it_wins]
