"""An organization's desk: its people, whom it invited, who asks to belong, and what it has settled."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cms.base.tables import csv_response
from cms.organizations.models import OrganizationPage
from coalition.accounts.permissions import may
from coalition.membership.forms import InvitationForm, PracticeForm
from coalition.membership.invitations import invitation_send
from coalition.membership.members import members_chosen, memberships_change, memberships_end
from coalition.membership.models import Application, Invitation, Membership, Practice
from coalition.membership.views.finding import organization_for, reader


@never_cache
@require_safe
@login_required
def organization_desk(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show an organization's people, to them; and what its owners decide on, to those."""
    organization = organization_for(request, public_id, "organization.desk")
    return _desk(request, organization, InvitationForm())


def _desk(
    request: HttpRequest, organization: OrganizationPage, form: InvitationForm, status: int = 200
) -> HttpResponse:
    memberships = Membership.objects.filter(organization=organization).select_related("user").order_by("since", "pk")
    order = {role: place for place, role in enumerate(Membership.Role.values)}
    context = {
        "organization": organization,
        "memberships": sorted(memberships, key=lambda each: order[each.role]),
        "roles": Membership.Role.choices,
        "invitations": [
            invitation
            for invitation in Invitation.objects.filter(organization=organization, state=Invitation.State.OPEN)
            if invitation.is_open
        ],
        "applications": Application.objects.filter(
            organization=organization, state=Application.State.OPEN, kind=Application.Kind.JOIN
        ).select_related("user"),
        "form": form,
        "practice": PracticeForm(instance=Practice.objects.filter(organization=organization).first()),
        "decides": may(request.user, "organization.people", organization),
        "writes": may(request.user, "organization.profile", organization),
        "settles": may(request.user, "organization.practice", organization),
    }
    return render(request, "membership/desk.html", context, status=status)


@require_POST
@login_required
def organization_invite(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Send an invitation."""
    organization = organization_for(request, public_id, "organization.people")
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _desk(request, organization, form, status=422)
    try:
        invitation_send(organization=organization, invited_by=reader(request), **form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, error)
        return _desk(request, organization, form, status=422)
    messages.success(request, _("The invitation is on its way. Its link works for 14 days."))
    return redirect("organization_desk", public_id)


@require_POST
@login_required
def organization_practice(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Settle whether what organizers write is read by somebody else first."""
    organization = organization_for(request, public_id, "organization.practice")
    practice = Practice.objects.filter(organization=organization).first() or Practice(organization=organization)
    form = PracticeForm(request.POST, instance=practice)
    if form.is_valid():
        form.save()
        messages.success(request, _("Settled."))
    else:
        messages.error(request, _("Choose one of the two."))
    return redirect("organization_desk", public_id)


@never_cache
@require_safe
@login_required
def organization_members_csv(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Return an organization's people as a table, for its owners."""
    organization = organization_for(request, public_id, "organization.people")
    people = Membership.objects.filter(organization=organization).select_related("user").order_by("pk")
    return csv_response(
        f"{organization.slug}-people",
        [_("name"), _("e-mail address"), _("role"), _("since")],
        (
            [each.user.display_name, each.user.email, each.get_role_display(), f"{each.since:%Y-%m-%d}"]
            for each in people
        ),
    )


@require_POST
@login_required
def organization_people(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Give several people another role, or remove them: all of them, or none."""
    organization = organization_for(request, public_id, "membership.change")
    # Whoever leaves does that on a page of its own.
    chosen = members_chosen(organization, request.POST.getlist("person")).exclude(user=reader(request))
    try:
        if "remove" in request.POST:
            count = memberships_end(organization=organization, memberships=list(chosen))
            said = ngettext("%(count)d person removed.", "%(count)d people removed.", count)
        else:
            role = request.POST.get("role", "")
            count = memberships_change(organization=organization, memberships=list(chosen), role=role)
            said = ngettext("%(count)d role changed.", "%(count)d roles changed.", count)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, said % {"count": count})
    return redirect("organization_desk", public_id)
