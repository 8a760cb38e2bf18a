"""The front page, and plain pages about the site."""

from typing import ClassVar

from django.db import models
from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.url_routing import RouteResult

from cms.base.blocks import BodyBlock
from cms.base.models import BasePage


class HomePage(BasePage):
    """The front page: what this is, two doors (find, describe), the matrix, and the newest campaigns."""

    claim = models.CharField(_("what this is"), max_length=160, help_text=_("One sentence, read first by everyone."))
    intro = models.TextField(_("introduction"), blank=True)

    content_panels = [*BasePage.content_panels, FieldPanel("claim"), FieldPanel("intro")]
    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
    template = "pages/home.html"

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """Find the page an address means in one look-up, however deep it lies; Wagtail asks twice a level.

        No page type here has addresses of its own below it, so the whole path names one page.
        """
        if not path_components:
            return super().route(request, path_components)
        wanted = Page.objects.filter(url_path=f"{self.url_path}{'/'.join(path_components)}/").specific().first()
        if wanted is None:
            raise Http404
        return wanted.route(request, [])

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
