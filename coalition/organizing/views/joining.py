"""Who is in a campaign: asking, being asked, answering, leaving."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cms.campaigns.models import CampaignOrganization, CampaignPage
from cms.organizations.models import OrganizationPage
from coalition.accounts.permissions import may, require
from coalition.membership.selectors import organized_by
from coalition.membership.views.finding import organization_named, reader, thing_for
from coalition.organizing.errors import OrganizingError
from coalition.organizing.forms.joining import JoinForm
from coalition.organizing.forms.linked import documents_found
from coalition.organizing.joining import campaign_leave, join_answer, join_propose, join_withdraw
from coalition.organizing.models import JoinRequest
from coalition.organizing.selectors import open_requests
from coalition.organizing.views.pages import for_organizers


@require_http_methods(["GET", "HEAD", "POST"])
@for_organizers
def organizations(request: HttpRequest, campaign: uuid.UUID) -> HttpResponse:
    """Show who is in a campaign and who was asked; ask another organization."""
    stored = thing_for(request, CampaignPage, campaign, "campaign.join.invite")
    form = JoinForm(request.POST if request.method == "POST" else None, initial={"role": "takes-part"})
    if request.method == "POST":
        is_filled = form.is_valid()
        wanted = organization_named(request.POST.get("organization", ""))
        if wanted is None:
            form.add_error(None, _("Choose an organization."))
        elif is_filled and _asked(request, form, stored, wanted, is_invitation=True):
            messages.success(request, _("Asked. It shows on the campaign once their organizers say yes."))
            return redirect("campaign_organizations", stored.public_id)
    words = request.GET.get("find", "")
    context = {
        "campaign": stored,
        "links": stored.organization_links.select_related("organization"),
        "requests": open_requests(stored, reader(request)),
        "form": form,
        "words": words,
        "found": documents_found(words, "organization"),
    }
    return render(request, "organizing/campaign_organizations.html", context, status=422 if form.errors else 200)


def _asked(
    request: HttpRequest, form: JoinForm, campaign: CampaignPage, organization: OrganizationPage, *, is_invitation: bool
) -> bool:
    """Ask as a valid form says, and return whether that was possible; if not, the form says why."""
    try:
        join_propose(
            campaign=campaign,
            organization=organization,
            role=form.cleaned_data["role"],
            by=reader(request),
            is_invitation=is_invitation,
            note=form.cleaned_data["note"],
        )
    except OrganizingError as error:
        form.add_error(None, str(error))
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@for_organizers
def join(request: HttpRequest, campaign: uuid.UUID) -> HttpResponse:
    """Ask for one of one's organizations to be let into a campaign."""
    require(request.user, "campaign.join.ask")
    stored = CampaignPage.objects.live().public().filter(public_id=campaign).first()
    if stored is None:
        raise Http404
    within = stored.organization_links.filter(organization__isnull=False).values("organization_id")
    mine = organized_by(reader(request)).exclude(pk__in=within)
    form = JoinForm(request.POST if request.method == "POST" else None, initial={"role": "supports"})
    if request.method == "POST":
        is_filled = form.is_valid()
        wanted = organization_named(request.POST.get("organization", ""))
        if wanted is None or not mine.filter(pk=wanted.pk).exists():
            form.add_error(None, _("Choose one of your organizations."))
        elif is_filled and _asked(request, form, stored, wanted, is_invitation=False):
            messages.success(request, _("Asked. You hear by mail when they have answered."))
            return redirect("campaign_join", stored.public_id)
    own = set(mine)
    waiting = [each for each in open_requests(stored, reader(request)) if each.organization in own]
    context = {"campaign": stored, "organizations": mine, "form": form, "requests": waiting}
    return render(request, "organizing/campaign_join.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_organizers
def answer(request: HttpRequest, join: uuid.UUID) -> HttpResponse:
    """Show a request to join; accept or decline it, or take it back."""
    found = JoinRequest.objects.select_related("campaign", "organization").filter(public_id=join).first()
    if found is None:
        raise Http404
    require(request.user, "campaign.join.see", found)
    if request.method == "POST":
        do = request.POST.get("do")
        try:
            if do == "withdraw":
                require(request.user, "campaign.join.withdraw", found)
                join_withdraw(request=found)
                messages.success(request, _("Taken back."))
            elif do in ("accept", "decline"):
                require(request.user, "campaign.join.answer", found)
                join_answer(request=found, by=reader(request), accepts=do == "accept")
                messages.success(request, _("Accepted.") if do == "accept" else _("Declined."))
        except OrganizingError as error:
            messages.error(request, str(error))
        return redirect("campaign_join_request", found.public_id)
    context = {
        "join": found,
        "campaign": found.campaign,
        "may_answer": may(request.user, "campaign.join.answer", found),
        "may_withdraw": may(request.user, "campaign.join.withdraw", found),
    }
    return render(request, "organizing/campaign_join_request.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_organizers
def leave(request: HttpRequest, campaign: uuid.UUID, organization: uuid.UUID) -> HttpResponse:
    """Take an organization out of a campaign: its own organizers may, and those who lead."""
    link = (
        CampaignOrganization.objects.select_related("campaign", "organization")
        .filter(campaign__public_id=campaign, organization__public_id=organization)
        .first()
    )
    if link is None or link.organization is None:
        raise Http404
    require(request.user, "campaign.leave", link)
    if request.method == "POST":
        try:
            campaign_leave(campaign=link.campaign, organization=link.organization)
        except OrganizingError as error:
            messages.error(request, str(error))
            return redirect("campaign_leave", campaign, organization)
        messages.success(request, _("%(organization)s is no longer in it.") % {"organization": link.organization})
        return redirect("campaign_mine")
    return render(request, "organizing/campaign_leave.html", {"campaign": link.campaign, "link": link})
