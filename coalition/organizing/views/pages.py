"""What the organizers' pages have in common: signing in without losing what was posted, and preview."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from cms.campaigns.models import CampaignPage, CampaignUpdatePage
from coalition.accounts.kept import Arguments, View, keeps_posted


def for_organizers(view: View[Arguments]) -> View[Arguments]:
    """Let signed-in people through; what others posted is kept until they have signed in. Nothing stores the page."""
    return never_cache(keeps_posted(view))


def preview(request: HttpRequest, page: CampaignPage | CampaignUpdatePage, back: str) -> HttpResponse:
    """Show a draft as readers would see it, with a bar that says so and leads back."""
    request.is_preview = True  # type: ignore[attr-defined]
    request.preview_mode = page.default_preview_mode  # type: ignore[attr-defined]
    response: Any = page.serve_preview(request, page.default_preview_mode)
    if hasattr(response, "context_data"):
        response.context_data = {**(response.context_data or {}), "preview_back": back}
    found: HttpResponse = response
    return found
