"""The front page, and plain pages about the site."""

from typing import ClassVar

from django.db import models
from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin
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

        Where the whole path names no page, its last part may be an address that the page above has below itself, as a
        campaign has its brief.
        """
        if not path_components:
            return super().route(request, path_components)
        whole, above = (
            "".join([self.url_path, *(f"{component}/" for component in components)])
            for components in (path_components, path_components[:-1])
        )
        found = {page.url_path: page for page in Page.objects.filter(url_path__in=[whole, above])}
        if whole in found:
            return found[whole].specific.route(request, [])
        if above in found and issubclass(found[above].specific_class or Page, RoutablePageMixin):
            return found[above].specific.route(request, path_components[-1:])
        raise Http404

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
