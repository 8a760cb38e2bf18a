"""What the organizers' pages have in common: signing in without losing what was posted, and preview."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from cms.campaigns.models import CampaignPage, CampaignUpdatePage
from coalition.organizing.kept import keep

Arguments = ParamSpec("Arguments")
View = Callable[Concatenate[HttpRequest, Arguments], HttpResponse]


def for_organizers(view: View[Arguments]) -> View[Arguments]:
    """Let signed-in people through. What others posted is kept until they have signed in."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Arguments.args, **kwargs: Arguments.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            if request.method == "POST":
                keep(request)
            return redirect_to_login(request.path)
        return view(request, *args, **kwargs)

    return guarded


def preview(request: HttpRequest, page: CampaignPage | CampaignUpdatePage, back: str) -> HttpResponse:
    """Show a draft as readers would see it, with a bar that says so and leads back."""
    request.is_preview = True  # type: ignore[attr-defined]
    request.preview_mode = page.default_preview_mode  # type: ignore[attr-defined]
    response: Any = page.serve_preview(request, page.default_preview_mode)
    if hasattr(response, "context_data"):
        response.context_data = {**(response.context_data or {}), "preview_back": back}
    found: HttpResponse = response
    return found
