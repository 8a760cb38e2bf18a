"""Harm stories, and the page that lists them."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import RichTextField

from cms.base.models import BasePage, IndexPage, TaggedPage
from cms.base.months import WhenMixin

RICH_TEXT = ["bold", "italic", "ol", "ul", "link"]


class StoryIndexPage(IndexPage):
    """The list of stories."""

    subpage_types: ClassVar[list[str]] = ["stories.StoryPage"]
    template = "pages/listing.html"
    LISTS = "story"

    class Meta:
        """How editors see it."""

        verbose_name = _("list of stories")


class StoryPage(WhenMixin, TaggedPage):
    """What a technology at work does, or may do, to the people there."""

    class Stage(models.TextChoices):
        """How far the technology has come, as the story tells it."""

        FEARED = "feared", _("Feared")
        THREATENED = "threatened", _("Threatened")
        PILOTED = "piloted", _("Piloted")
        IN_USE = "in-use", _("In use")
        STOPPED = "stopped", _("Stopped")

    class Standing(models.TextChoices):
        """What the story rests on."""

        WORKER = "worker", _("Told by the worker")
        REPORTED = "reported", _("Reported by a named source")
        CONFIRMED = "confirmed", _("Confirmed by a union or documents")

    stage = models.CharField(
        _("stage"),
        max_length=12,
        choices=Stage.choices,
        help_text=_("A fear is not an event: say how far the technology has really come."),
    )
    standing = models.CharField(_("what it rests on"), max_length=12, choices=Standing.choices)
    employer = models.CharField(
        _("employer"), max_length=160, blank=True, help_text=_("Only if it may be named. Leave empty otherwise.")
    )
    content_note = models.CharField(
        _("content note"), max_length=255, blank=True, help_text=_("What readers should know before they read on.")
    )
    reply = RichTextField(
        _("reply of the employer or vendor"),
        blank=True,
        features=RICH_TEXT,
        help_text=_("Verbatim or fairly summed up."),
    )
    what_happened_next = RichTextField(_("what happened next"), blank=True, features=RICH_TEXT)

    content_panels = [
        *BasePage.content_panels,
        *TaggedPage.what_panels,
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("stage"), FieldPanel("standing")]),
                FieldRowPanel([FieldPanel("when_year"), FieldPanel("when_month")]),
                FieldPanel("employer"),
            ],
            heading=_("How far, how sure, when and where"),
        ),
        MultiFieldPanel(
            [FieldPanel("content_note"), FieldPanel("what_happened_next"), FieldPanel("reply")],
            heading=_("Before and after"),
        ),
    ]
    edit_handler = TaggedPage.tabs(*content_panels)
    parent_page_types: ClassVar[list[str]] = ["stories.StoryIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    template = "pages/story.html"

    class Meta:
        """How editors see it."""

        verbose_name = _("story")
        verbose_name_plural = _("stories")

    @property
    def is_brief(self) -> bool:
        """Whether the standfirst is the whole story, and the sources tell the rest."""
        return not self.body

    def more_text(self) -> list[str]:
        """Return what happened next, and the employer's name where it is public."""
        return [self.what_happened_next, self.employer]
