"""On an empty site's start page: the demonstration set by one click, and its removal by another."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from wagtail import hooks
from wagtail.admin.ui.components import Component

from cms.content.loading import demonstration_remove
from cms.content.models import LoadedItem
from cms.content.reading import DEMONSTRATION
from cms.content.tasks import demonstration_load
from cms.stories.models import StoryPage


class DemonstrationPanel(Component):
    """Offers to load the demonstration set, or to remove it."""

    order = 50
    template_name = "content_admin/demonstration_panel.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """Say whether it is loaded."""
        return {
            "request": parent_context["request"],
            "loaded": LoadedItem.objects.filter(content_set=DEMONSTRATION).exists(),
        }


@hooks.register("construct_homepage_panels")
def add_panel(request: HttpRequest, panels: list[Any]) -> None:
    """Show the panel to an administrator while the site has no story of its own, or the set is loaded."""
    if not request.user.is_superuser:
        return
    own = StoryPage.objects.exclude(pk__in=_loaded_ids())
    if LoadedItem.objects.filter(content_set=DEMONSTRATION).exists() or not own.exists():
        panels.append(DemonstrationPanel())


def _loaded_ids() -> list[int]:
    return list(LoadedItem.objects.filter(key__startswith="stories/").values_list("object_id", flat=True))


@require_POST
def demonstration(request: HttpRequest) -> HttpResponse:
    """Load the demonstration set, or remove it."""
    if not request.user.is_superuser:
        raise PermissionDenied
    if "remove" in request.POST:
        messages.success(request, _("Removed the demonstration set: %d objects.") % demonstration_remove())
    else:
        demonstration_load.enqueue()
        messages.success(request, _("The demonstration set is being loaded. It appears in about a minute."))
    return redirect("wagtailadmin_home")


@hooks.register("register_admin_urls")
def admin_urls() -> list[URLPattern]:
    """Return the panel's address."""
    return [path("demonstration/", demonstration, name="content_demonstration")]
