"""What the organizers' pages have in common: finding a thing or answering as if it were absent, and preview."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from cms.campaigns.models import CampaignPage, CampaignUpdatePage
from coalition.accounts.models import User
from coalition.accounts.permissions import require
from coalition.organizing.kept import keep
from coalition.organizing.selectors import campaign_in

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


def who(request: HttpRequest) -> User:
    """Return who asks."""
    assert isinstance(request.user, User)  # noqa: S101 - only signed-in people come here
    return request.user


def campaign_for(request: HttpRequest, public_id: uuid.UUID, action: str) -> CampaignPage:
    """Return a campaign if the reader may do this to it.

    Raises:
        Http404: there is none, or they may not.
    """
    campaign = campaign_in(public_id)
    if campaign is None:
        raise Http404
    require(request.user, action, campaign)
    return campaign


def update_for(request: HttpRequest, public_id: uuid.UUID, action: str) -> CampaignUpdatePage:
    """Return an update if the reader may do this to it.

    Raises:
        Http404: there is none, or they may not.
    """
    update = CampaignUpdatePage.objects.filter(public_id=public_id).first()
    if update is None:
        raise Http404
    require(request.user, action, update)
    return update


def preview(request: HttpRequest, page: CampaignPage | CampaignUpdatePage, back: str) -> HttpResponse:
    """Show a draft as readers would see it, with a bar that says so and leads back."""
    request.is_preview = True  # type: ignore[attr-defined]
    request.preview_mode = page.default_preview_mode  # type: ignore[attr-defined]
    response: Any = page.serve_preview(request, page.default_preview_mode)
    if hasattr(response, "context_data"):
        response.context_data = {**(response.context_data or {}), "preview_back": back}
    found: HttpResponse = response
    return found
