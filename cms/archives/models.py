"""Archives: events, their sessions and who took part."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, MultipleChooserPanel
from wagtail.fields import RichTextField
from wagtail.models import Orderable

from cms.archives.people import Person
from cms.archives.webvtt import plain_text, validate_webvtt
from cms.base.models import BasePage, IndexPage, TaggedPage
from cms.organizations.models import OrganizationPage
from cms.stories.models import StoryPage
from cms.taxonomy.models import Concept

__all__ = ["ArchiveIndexPage", "EventPage", "Participation", "Person", "SessionPage"]

RICH_TEXT = ["bold", "italic", "ol", "ul", "link"]


class ArchiveIndexPage(IndexPage):
    """The list of events."""

    subpage_types: ClassVar[list[str]] = ["archives.EventPage"]
    template = "pages/listing.html"
    LISTS = "event,session"

    class Meta:
        """How editors see it."""

        verbose_name = _("archive of events")


class EventPage(TaggedPage):
    """A conference, a panel series, a hearing."""

    start_date = models.DateField(_("first day"))
    end_date = models.DateField(_("last day"), null=True, blank=True)
    venue = models.CharField(_("venue"), max_length=160, blank=True)
    photo_credit = models.CharField(_("photo credit"), max_length=160, blank=True)

    content_panels = [
        *BasePage.content_panels,
        *TaggedPage.what_panels,
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("start_date"), FieldPanel("end_date")]),
                FieldPanel("venue"),
                FieldPanel("photo_credit"),
            ],
            heading=_("When and where"),
        ),
        InlinePanel("figures", label=_("Figure"), heading=_("In figures"), help_text=_("For example: 256 people.")),
        InlinePanel("takeaways", label=_("Takeaway"), heading=_("Takeaways by theme")),
        InlinePanel("participations", label=_("Person"), heading=_("Who took part")),
        MultipleChooserPanel("told_story_links", chooser_field_name="story", label=_("Stories told there")),
    ]
    edit_handler = TaggedPage.tabs(*content_panels)
    parent_page_types: ClassVar[list[str]] = ["archives.ArchiveIndexPage"]
    subpage_types: ClassVar[list[str]] = ["archives.SessionPage"]
    template = "pages/event.html"

    class Meta:
        """How editors see it."""

        verbose_name = _("event")
        verbose_name_plural = _("events")

    def more_text(self) -> list[str]:
        """Return takeaways and what people said."""
        takeaways = [f"{takeaway.theme}. {takeaway.text}" for takeaway in self.takeaways.all()]
        said = [f"{person.person.name} {person.affiliation} {person.quotation}" for person in self.participations.all()]
        return [*takeaways, *said]


class SessionPage(TaggedPage):
    """A plenary, panel or breakout of an event."""

    class Kind(models.TextChoices):
        """What kind of session it was."""

        PLENARY = "plenary", _("plenary")
        PANEL = "panel", _("panel")
        BREAKOUT = "breakout", _("breakout")
        WORKSHOP = "workshop", _("workshop")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    room = models.CharField(_("room"), max_length=80, blank=True)
    recording_url = models.URLField(_("recording"), blank=True)
    transcript = models.TextField(
        _("transcript"),
        blank=True,
        validators=[validate_webvtt],
        help_text=_("In WebVTT: the file begins with the word WEBVTT. Each cue becomes findable to the second."),
    )

    content_panels = [
        *BasePage.content_panels,
        *TaggedPage.what_panels,
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("kind"), FieldPanel("room")]),
                FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")]),
            ],
            heading=_("When and where"),
        ),
        InlinePanel("takeaways", label=_("Takeaway"), heading=_("Takeaways")),
        InlinePanel("participations", label=_("Person"), heading=_("Who took part")),
        MultipleChooserPanel("told_story_links", chooser_field_name="story", label=_("Stories told there")),
        MultiFieldPanel([FieldPanel("recording_url"), FieldPanel("transcript")], heading=_("Recording")),
    ]
    edit_handler = TaggedPage.tabs(*content_panels)
    parent_page_types: ClassVar[list[str]] = ["archives.EventPage"]
    subpage_types: ClassVar[list[str]] = []
    template = "pages/session.html"

    class Meta:
        """How editors see it."""

        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    def more_text(self) -> list[str]:
        """Return takeaways, people and the spoken words."""
        takeaways = [f"{takeaway.theme}. {takeaway.text}" for takeaway in self.takeaways.all()]
        people = [f"{person.person.name} {person.affiliation}" for person in self.participations.all()]
        return [*takeaways, *people, plain_text(self.transcript)]


class EventFigure(Orderable):
    """A number that tells how large an event was."""

    event = ParentalKey(EventPage, on_delete=models.CASCADE, related_name="figures")
    number = models.PositiveIntegerField(_("number"))
    label = models.CharField(_("of what"), max_length=80)

    panels = [FieldRowPanel([FieldPanel("number"), FieldPanel("label")])]

    def __str__(self) -> str:
        """Return number and label."""
        return f"{self.number} {self.label}"


class TaggedPageTakeaway(Orderable):
    """What an event or session concluded, under a theme."""

    page = ParentalKey(TaggedPage, on_delete=models.CASCADE, related_name="takeaways")
    theme = models.CharField(_("theme"), max_length=120)
    text = RichTextField(_("takeaway"), features=RICH_TEXT)
    concept = models.ForeignKey(
        Concept, verbose_name=_("topic"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    panels = [FieldPanel("theme"), FieldPanel("text")]

    def __str__(self) -> str:
        """Return the theme."""
        return self.theme


class Participation(Orderable):
    """Somebody who took part in an event or session, with role and organization at that time."""

    class Role(models.TextChoices):
        """What the person did there."""

        PARTICIPANT = "participant", _("participant")
        SPEAKER = "speaker", _("speaker")
        MODERATOR = "moderator", _("moderator")
        INTERPRETER = "interpreter", _("interpreter")

    page = ParentalKey(TaggedPage, on_delete=models.CASCADE, related_name="participations")
    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="participations"
    )
    role = models.CharField(_("role"), max_length=12, choices=Role.choices, default=Role.SPEAKER)
    affiliation = models.CharField(
        _("organization at that time"), max_length=160, blank=True, help_text=_("As it was printed.")
    )
    organization = models.ForeignKey(
        OrganizationPage,
        verbose_name=_("its profile here"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="affiliated_participations",
    )
    quotation = models.TextField(_("quotation"), blank=True, help_text=_("Verbatim, without quotation marks."))
    note = models.CharField(_("note"), max_length=255, blank=True, help_text=_("For example a corrected misprint."))

    panels = [
        FieldRowPanel([FieldPanel("person"), FieldPanel("role")]),
        FieldRowPanel([FieldPanel("affiliation"), FieldPanel("organization")]),
        FieldPanel("quotation"),
        FieldPanel("note"),
    ]

    def __str__(self) -> str:
        """Return the person's name."""
        return str(self.person)


class ToldStory(Orderable):
    """A story told at an event or in a session."""

    page = ParentalKey(TaggedPage, on_delete=models.CASCADE, related_name="told_story_links")
    story = models.ForeignKey(StoryPage, verbose_name=_("story"), on_delete=models.CASCADE, related_name="told_links")

    def __str__(self) -> str:
        """Return the story's headline."""
        return str(self.story)
