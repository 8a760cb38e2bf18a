"""People in the admin."""

from django.utils.translation import gettext_lazy as _
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from cms.archives.people import Person


class PersonViewSet(SnippetViewSet):
    """People who spoke at events."""

    model = Person
    icon = "user"
    menu_label = _("People")
    menu_order = 320
    add_to_admin_menu = True


register_snippet(PersonViewSet)
