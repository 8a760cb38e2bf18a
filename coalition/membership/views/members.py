"""Changing somebody's role, removing them, leaving, and answering an invitation."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from coalition.accounts.permissions import require
from coalition.membership.invitations import (
    invitation_accept,
    invitation_decline,
    invitation_of,
    invitation_revoke,
    is_for,
)
from coalition.membership.members import membership_change, membership_end
from coalition.membership.models import Invitation, Membership
from coalition.membership.views.finding import reader, thing_for


@require_POST
@login_required
def member_change(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Give somebody another role, or remove them."""
    membership = thing_for(request, Membership, public_id, "membership.change")
    name, desk = str(membership.user), membership.organization.public_id
    try:
        if "remove" in request.POST:
            membership_end(membership=membership)
            messages.success(request, _("%(name)s no longer belongs to the organization.") % {"name": name})
        else:
            changed = membership_change(membership=membership, role=request.POST.get("role", ""))
            messages.success(request, _("%(name)s: %(role)s.") % {"name": name, "role": changed.get_role_display()})
    except ValidationError as error:
        messages.error(request, error.messages[0])
    if membership.user_id == reader(request).pk and "remove" in request.POST:
        return redirect("you")
    return redirect("organization_desk", desk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def member_leave(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Leave an organization, after a page that says what that means."""
    membership = thing_for(request, Membership, public_id, "membership.leave")
    refusal = ""
    if request.method == "POST":
        try:
            membership_end(membership=membership)
        except ValidationError as error:
            refusal = error.messages[0]
        else:
            messages.success(request, _("You no longer belong to %(name)s.") % {"name": membership.organization.title})
            return redirect("you")
    context = {"membership": membership, "refusal": refusal}
    return render(request, "membership/leave.html", context, status=409 if refusal else 200)


@require_POST
@login_required
def invitation_take_back(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take an invitation back."""
    invitation = thing_for(request, Invitation, public_id, "invitation.revoke")
    if invitation_revoke(invitation=invitation):
        messages.success(request, _("The invitation is taken back; its link no longer works."))
    else:
        messages.error(request, _("This invitation was answered already."))
    return redirect("organization_desk", invitation.organization.public_id)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Let whoever holds the link of a mail answer the invitation in it."""
    found = invitation_of(token)
    if found is None:
        return render(request, "membership/invitation_ended.html", status=410)
    require(request.user, "invitation.open")
    return _answer(request, found)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def invitation_mine(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Let somebody answer an invitation that was sent to the address they signed in with."""
    return _answer(request, thing_for(request, Invitation, public_id, "invitation.answer"))


def _answer(request: HttpRequest, found: Invitation) -> HttpResponse:
    user = reader(request)
    if request.method == "POST" and "decline" in request.POST and is_for(found, user):
        invitation_decline(invitation=found)
        messages.success(request, _("You have declined. Nobody is told."))
        return redirect("you")
    if request.method == "POST":
        try:
            invitation_accept(invitation=found, user=user)
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            messages.success(request, _("You belong to %(name)s now.") % {"name": found.organization.title})
            return redirect("organization_desk", found.organization.public_id)
    return render(request, "membership/invitation.html", {"invitation": found, "is_for_reader": is_for(found, user)})
