"""A coalition's desk (who belongs, who asks, its calendar), and its public calendar."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cms.organizations.models import OrganizationPage
from coalition.accounts.kept import forget, is_refused, keeps_posted, posted_or_kept
from coalition.accounts.permissions import may
from coalition.accounts.roles import Role
from coalition.coalitions.affiliations import (
    affiliation_answer,
    affiliation_end,
    affiliation_propose,
    coalitions_of,
    members_of,
)
from coalition.coalitions.calendars import calendar_ics, calendar_of, entry_add
from coalition.coalitions.forms import CalendarEntryForm
from coalition.coalitions.models import GROUPS, Affiliation, CalendarEntry
from coalition.membership.selectors import organized_by
from coalition.membership.standings import standing_in
from coalition.membership.views.finding import organization_for, organization_named, reader, thing_for

State = Affiliation.State
MOST_FOUND = 20


@never_cache
@require_safe
@login_required
def coalition_desk(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show with whom an organization is together: its members, its coalitions, what waits, the calendar."""
    organization = organization_for(request, public_id, "coalition.desk")
    words = " ".join(request.GET.get("find", "").split())[:100]
    found = OrganizationPage.objects.live().public().exclude(pk=organization.pk)
    is_group = organization.kind in GROUPS
    if not is_group:
        found = found.filter(kind__in=GROUPS)
    own = Affiliation.objects.select_related("coalition", "member").order_by("created", "pk")
    context = {
        "organization": organization,
        "is_group": is_group,
        "members": own.filter(coalition=organization, state=State.ACCEPTED),
        "coalitions": own.filter(member=organization, state=State.ACCEPTED),
        "to_answer": [
            *own.filter(coalition=organization, state=State.OPEN, is_invitation=False, is_unheard=False),
            *own.filter(member=organization, state=State.OPEN, is_invitation=True, is_unheard=False),
        ],
        "waiting": [
            *own.filter(coalition=organization, state=State.OPEN, is_invitation=True),
            *own.filter(member=organization, state=State.OPEN, is_invitation=False),
        ],
        "words": words,
        "found": found.filter(title__icontains=words).order_by("title", "pk")[:MOST_FOUND] if words else [],
        "calendar": calendar_of(organization) if is_group else [],
        "calendars": coalitions_of(organization),
        "decides": may(request.user, "coalition.propose", organization),
    }
    return render(request, "coalitions/desk.html", context)


@require_POST
@login_required
def affiliation_new(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask another organization in, or ask to belong to a coalition."""
    organization = organization_for(request, public_id, "coalition.propose")
    other = organization_named(request.POST.get("other", ""))
    if other is None:
        raise Http404
    is_invitation = organization.kind in GROUPS and "belong" not in request.POST
    coalition, member = (organization, other) if is_invitation else (other, organization)
    try:
        affiliation = affiliation_propose(
            coalition=coalition, member=member, by=reader(request), is_invitation=is_invitation
        )
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        is_settled = affiliation.state == State.ACCEPTED
        messages.success(request, _("Both sides want it: it is settled.") if is_settled else _("Asked."))
    return redirect("coalition_desk", public_id)


def _back(request: HttpRequest, affiliation: Affiliation) -> HttpResponse:
    user = reader(request)
    sides = (affiliation.coalition, affiliation.member)
    own = next((side for side in sides if standing_in(user, [side.pk]) & {Role.ORGANIZER, Role.OWNER}), sides[0])
    return redirect("coalition_desk", own.public_id)


@require_POST
@login_required
def affiliation_decide(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Say yes or no, on the side that was asked."""
    affiliation = thing_for(request, Affiliation, public_id, "coalition.answer")
    try:
        affiliation_answer(affiliation=affiliation, accepts="accept" in request.POST)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("Answered."))
    return redirect("coalition_desk", affiliation.answering.public_id)


@require_POST
@login_required
def affiliation_leave(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take a request back, leave, or let go; either side."""
    affiliation = thing_for(request, Affiliation, public_id, "coalition.leave")
    affiliation_end(affiliation=affiliation)
    messages.success(request, _("Ended."))
    return _back(request, affiliation)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@keeps_posted
def calendar_entry_new(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Enter a date into a coalition's calendar: its own organizers, and those of its members."""
    coalition = get_object_or_404(OrganizationPage, public_id=public_id, kind__in=GROUPS)
    user = reader(request)
    allowed = [coalition.pk, *members_of(coalition).values_list("pk", flat=True)]
    whose = list(organized_by(user).filter(pk__in=allowed))
    if not whose:
        raise Http404
    form = CalendarEntryForm(posted_or_kept(request), instance=CalendarEntry(coalition=coalition))
    if request.method == "POST" and form.is_valid():
        chosen = request.POST.get("organization", "")
        own = next((each for each in whose if str(each.public_id) == chosen), whose[0])
        try:
            entry_add(entry=form.save(commit=False), organization=own, token=form.cleaned_data["token"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            forget(request)
            messages.success(request, _("The date stands in the calendar."))
            return redirect("coalition_desk", own.public_id)
    context = {"coalition": coalition, "whose": whose, "form": form}
    return render(request, "coalitions/calendar_entry.html", context, status=422 if is_refused(request, form) else 200)


@require_POST
@login_required
def calendar_entry_delete(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take a date out of the calendar."""
    entry = thing_for(request, CalendarEntry, public_id, "coalition.calendar")
    user = reader(request)
    own = next(side for side in (entry.coalition, entry.organization) if standing_in(user, [side.pk]))
    entry.delete()
    messages.success(request, _("The date is gone from the calendar."))
    return redirect("coalition_desk", own.public_id)


def _public_coalition(public_id: UUID) -> OrganizationPage:
    return get_object_or_404(OrganizationPage.objects.live().public(), public_id=public_id, kind__in=GROUPS)


@require_safe
def calendar_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show a coalition's calendar to everybody."""
    coalition = _public_coalition(public_id)
    context = {"organization": coalition, "calendar": calendar_of(coalition)}
    return render(request, "coalitions/calendar_page.html", context)


@require_safe
def calendar(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Return a coalition's calendar for people's own calendars."""
    coalition = _public_coalition(public_id)
    response = HttpResponse(calendar_ics(coalition), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="{coalition.slug}.ics"'
    return response
