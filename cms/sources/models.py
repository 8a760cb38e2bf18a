"""A source: the document that a fact comes from."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.search import index


class Source(index.Indexed, models.Model):
    """A report, article, agreement or other document; pages cite it. Field names follow schema.org's CreativeWork."""

    key = models.SlugField(_("short name"), max_length=120, unique=True, help_text=_("For links and data files."))
    title = models.CharField(_("title"), max_length=255, help_text=_("As printed on the document."))
    creator = models.CharField(
        _("author"), max_length=255, blank=True, help_text=_("Leave empty when the document names none.")
    )
    publisher = models.CharField(_("publisher"), max_length=255, blank=True)
    date = models.DateField(
        _("date"),
        null=True,
        blank=True,
        help_text=_("Of publication, or of what it reports on: say which in the note."),
    )
    url = models.URLField(_("web address"), blank=True, help_text=_("Leave empty rather than guess."))
    note = models.TextField(_("note"), blank=True, help_text=_("Corrections, and what the document does not say."))
    is_demonstration = models.BooleanField(_("made up, for demonstration"), default=False, editable=False)

    panels = [
        MultiFieldPanel([FieldPanel("title"), FieldPanel("key")], heading=_("Document")),
        FieldRowPanel([FieldPanel("creator"), FieldPanel("publisher")]),
        FieldRowPanel([FieldPanel("date"), FieldPanel("url")]),
        FieldPanel("note"),
    ]
    search_fields = [
        index.SearchField("title"),
        index.AutocompleteField("title"),
        index.SearchField("creator"),
        index.SearchField("publisher"),
    ]

    class Meta:
        """Newest first."""

        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["-date", "title"]

    def __str__(self) -> str:
        """Return the title."""
        return self.title

    @property
    def reference(self) -> str:
        """Author, title, publisher and date in one line, as cited below a page."""
        date = self.date.strftime("%B %-d, %Y") if self.date else ""
        return ". ".join(part for part in (self.creator, self.title, self.publisher, date) if part) + "."
