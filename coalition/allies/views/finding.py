"""Finding allies: the list with its reasons, and the picture with its table."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from coalition.accounts.permissions import may
from coalition.allies.finding import allies_of
from coalition.allies.network import network_of
from coalition.membership.views.finding import organization_for


@never_cache
@require_safe
@login_required
def allies(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show with whom an organization shares most, and why."""
    organization = organization_for(request, public_id, "allies.find")
    context = {
        "organization": organization,
        "found": allies_of(organization, request.GET),
        "asks": may(request.user, "introduction.ask", organization),
    }
    return render(request, "allies/allies.html", context)


@never_cache
@require_safe
@login_required
def allies_network(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Draw an organization among its allies, with a table that says the same."""
    organization = organization_for(request, public_id, "allies.find")
    found = allies_of(organization, request.GET)
    context = {"organization": organization, "found": found, "network": network_of(found.allies)}
    return render(request, "allies/network.html", context)
