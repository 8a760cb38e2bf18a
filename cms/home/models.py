"""The front page, and plain pages about the site."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField

from cms.base.blocks import BodyBlock
from cms.base.models import BasePage


class HomePage(BasePage):
    """The front page: what this is, two doors (find, describe), the matrix, and the newest campaigns."""

    claim = models.CharField(_("what this is"), max_length=160, help_text=_("One sentence, read first by everyone."))
    intro = models.TextField(_("introduction"), blank=True)

    content_panels = [*BasePage.content_panels, FieldPanel("claim"), FieldPanel("intro")]
    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
    template = "pages/home.html"

    class Meta:
        """How editors see it."""

        verbose_name = _("front page")


class PlainPage(BasePage):
    """A page about the site itself."""

    text = StreamField(BodyBlock(), verbose_name=_("text"))

    content_panels = [*BasePage.content_panels, FieldPanel("text")]
    parent_page_types: ClassVar[list[str]] = ["home.HomePage", "home.PlainPage"]
    template = "pages/plain.html"

    class Meta:
        """How editors see it."""

        verbose_name = _("plain page")
