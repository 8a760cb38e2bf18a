"""The page somebody sees after signing in: what needs them, and nothing else."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from coalition.accounts.models import User
from coalition.accounts.needs import needs_of
from coalition.accounts.permissions import require
from coalition.accounts.places import places_of


@never_cache
@require_safe
@login_required
def you(request: HttpRequest) -> HttpResponse:
    """Show what waits for a decision of the reader's."""
    require(request.user, "account.dashboard")
    assert isinstance(request.user, User)  # noqa: S101 - login_required let only users through
    context = {"needs": needs_of(request.user), "places": places_of(request.user)}
    return render(request, "accounts/you.html", context)
