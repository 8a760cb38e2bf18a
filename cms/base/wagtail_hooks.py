"""What editors meet on their way: warnings before and after publishing, and the merge of two concepts."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.views.account import AvatarSettingsPanel
from wagtail.admin.widgets import Button
from wagtail.models import Page

from cms.base import gate, merge_views
from cms.base.models import BasePage
from cms.base.upload_forms import AvatarForm
from cms.taxonomy.models import Concept

# Wagtail has a setting for the forms of pictures and documents, and none for this one.
AvatarSettingsPanel.form_class = AvatarForm
AvatarSettingsPanel.template_name = "cms_admin/own_picture.html"


@hooks.register("after_publish_page")
def show_warnings(request: HttpRequest, page: Page) -> None:
    """Tell an editor what a reader would miss; the page is published all the same."""
    specific = page.specific
    if isinstance(specific, BasePage):
        for sentence in gate.warnings(specific):
            messages.warning(request, sentence)


@hooks.register("register_admin_urls")
def admin_urls() -> list[URLPattern]:
    """Return the address at which concepts are merged."""
    return [path("vocabulary/merge/<int:pk>/", merge_views.merge, name="concept_merge")]


@hooks.register("register_snippet_listing_buttons")
def merge_button(snippet: Any, user: Any, next_url: str | None = None) -> Iterator[Button]:
    """Offer the merge beside each concept."""
    if isinstance(snippet, Concept):
        options = type(snippet)._meta
        if user.has_perm(f"{options.app_label}.delete_{options.model_name}"):
            url = reverse("concept_merge", args=[snippet.pk])
            yield Button(_("Merge into another"), url, icon_name="resubmit", priority=25)
