"""Campaigns from the organizers' side: which there are, starting one, how it is doing, putting it on the site."""

import uuid

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cms.base.models import BasePage
from cms.base.tables import csv_response
from cms.campaigns.models import CampaignPage
from coalition.accounts.permissions import may, require
from coalition.membership.selectors import organized_by
from coalition.membership.views.finding import organization_for, reader, thing_for
from coalition.organizing.campaigns import campaign_start
from coalition.organizing.drafts import draft_of, version_of
from coalition.organizing.errors import OrganizingError
from coalition.organizing.forms.joining import StartForm
from coalition.organizing.forms.updates import CorrectionForm
from coalition.organizing.publishing import missing, page_publish
from coalition.organizing.reviewing import is_reviewed, review_of, sent_back
from coalition.organizing.selectors import campaigns_led_by, open_requests, updates_of
from coalition.organizing.standings import state_of_page
from coalition.organizing.steps import STEPS
from coalition.organizing.views.pages import for_organizers, preview


@require_safe
@for_organizers
def mine(request: HttpRequest) -> HttpResponse:
    """Show the organizations one organizes for; with one alone, its campaigns."""
    require(request.user, "campaign.mine")
    organizations = list(organized_by(reader(request)))
    if len(organizations) == 1:
        return redirect("campaign_list", organizations[0].public_id)
    return render(request, "organizing/campaign_mine.html", {"organizations": organizations})


@require_safe
@for_organizers
def listed(request: HttpRequest, organization: uuid.UUID) -> HttpResponse:
    """Show an organization's campaigns with their updates, drafts among them, and how each stands."""
    found = organization_for(request, organization, "campaign.list")
    campaigns = [
        {
            "page": campaign,
            "state": state_of_page(campaign),
            "updates": [{"page": update, "state": state_of_page(update)} for update in updates_of(campaign)[:20]],
        }
        for campaign in campaigns_led_by(found)
    ]
    joined = found.campaign_links.exclude(role="leads").filter(campaign__live=True).select_related("campaign")
    return render(
        request,
        "organizing/campaign_list.html",
        {"organization": found, "campaigns": campaigns, "joined": joined.order_by("campaign__title")},
    )


@require_safe
@for_organizers
def listed_csv(request: HttpRequest, organization: uuid.UUID) -> HttpResponse:
    """Return an organization's campaigns and all their updates as a table."""
    found = organization_for(request, organization, "campaign.list")
    rows: list[list[str]] = []
    for campaign in campaigns_led_by(found):
        rows.append(_row(campaign, _("campaign"), campaign))
        rows += [_row(update, _("update"), campaign) for update in updates_of(campaign)]
    header = [_("campaign"), _("what"), _("title"), _("state"), _("first published"), _("last change"), _("address")]
    return csv_response(f"{found.slug}-campaigns", header, rows)


def _row(page: BasePage, what: str, campaign: CampaignPage) -> list[str]:
    days = [
        f"{moment:%Y-%m-%d}" if moment else "" for moment in (page.first_published_at, page.latest_revision_created_at)
    ]
    address = settings.PUBLIC_URL + (page.relative_url(None) or "") if page.live else ""
    return [campaign.draft_title, what, page.draft_title, state_of_page(page), *days, address]


@require_http_methods(["GET", "HEAD", "POST"])
@for_organizers
def start(request: HttpRequest, organization: uuid.UUID) -> HttpResponse:
    """Start a campaign: a title, and one goes on in steps."""
    found = organization_for(request, organization, "campaign.start")
    form = StartForm(request.POST) if request.method == "POST" else StartForm.opened()
    if request.method == "POST" and form.is_valid():
        try:
            campaign = campaign_start(
                organization=found,
                user=reader(request),
                public_id=form.cleaned_data["token"],
                title=form.cleaned_data["title"],
                standfirst=form.cleaned_data["standfirst"],
            )
        except LookupError as error:
            raise Http404 from error
        messages.success(request, _("The campaign is a draft. Fill in the steps, then publish it."))
        return redirect("campaign_manage", campaign.public_id)
    context = {"form": form, "organization": found}
    return render(request, "organizing/campaign_start.html", context, status=422 if form.errors else 200)


@require_safe
@for_organizers
def manage(request: HttpRequest, campaign: uuid.UUID) -> HttpResponse:
    """Show a campaign's steps, its updates, who is in it, and what is left to do."""
    stored = thing_for(request, CampaignPage, campaign, "campaign.edit")
    draft = draft_of(stored)
    context = {
        "campaign": stored,
        "draft": draft,
        "state": state_of_page(stored),
        "steps": [(step, step.is_filled(draft)) for step in STEPS.values()],
        "missing": missing(draft) if not stored.live or stored.has_unpublished_changes else [],
        "updates": [{"page": update, "state": state_of_page(update)} for update in updates_of(stored)[:50]],
        "links": stored.organization_links.select_related("organization"),
        "requests": open_requests(stored, reader(request)),
        "sent_back": sent_back(stored),
        "may_publish": may(request.user, "campaign.publish", stored),
    }
    return render(request, "organizing/campaign_manage.html", context)


@require_safe
@for_organizers
def show(request: HttpRequest, campaign: uuid.UUID) -> HttpResponse:
    """Show a campaign's draft as readers would see it."""
    stored = thing_for(request, CampaignPage, campaign, "campaign.edit")
    return preview(request, draft_of(stored), reverse("campaign_manage", args=[stored.public_id]))


@require_http_methods(["GET", "HEAD", "POST"])
@for_organizers
def publish(request: HttpRequest, campaign: uuid.UUID) -> HttpResponse:
    """Put a campaign's draft on the site, or send it to be read; of a change, ask what it is."""
    stored = thing_for(request, CampaignPage, campaign, "campaign.publish")
    draft = draft_of(stored)
    form = CorrectionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        form.is_valid()
        try:
            correction = form.settle() if stored.live and stored.has_unpublished_changes else None
            done = page_publish(
                page=stored, user=reader(request), version=request.POST.get("version", ""), correction=correction
            )
        except OrganizingError as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            for sentence in error.messages:
                form.add_error(None, sentence)
        else:
            waits = review_of(done) is not None
            sentence = _("Sent to be read. You hear by mail when somebody has.") if waits else _("It is on the site.")
            messages.success(request, sentence)
            return redirect("campaign_manage", stored.public_id)
    context = {
        "campaign": stored,
        "draft": draft,
        "form": form,
        "version": version_of(draft),
        "missing": [] if request.method == "POST" else missing(draft),
        "is_reviewed": is_reviewed(stored, reader(request)),
    }
    return render(request, "organizing/campaign_publish.html", context, status=422 if form.errors else 200)
