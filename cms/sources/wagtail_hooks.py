"""Sources in the admin."""

from django.utils.translation import gettext_lazy as _
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from cms.sources.models import Source


class SourceViewSet(SnippetViewSet):
    """The documents that facts come from."""

    model = Source
    icon = "doc-full"
    menu_label = _("Sources")
    menu_order = 310
    add_to_admin_menu = True
    list_display = ["title", "creator", "publisher", "date"]


register_snippet(SourceViewSet)
