"""Reading before publishing, taking back, taking off the site, earlier versions."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cms.campaigns.models import CampaignPage, CampaignUpdatePage
from cms.prose.cleaning import words_of
from coalition.accounts.permissions import require
from coalition.membership.views.finding import reader, thing_for
from coalition.organizing.differences import differences
from coalition.organizing.drafts import UNTITLED, draft_of, version_of
from coalition.organizing.errors import OrganizingError
from coalition.organizing.publishing import page_delete, page_unpublish
from coalition.organizing.reviewing import review_answer, review_of, review_withdraw
from coalition.organizing.selectors import campaign_of, page_in
from coalition.organizing.streams import read
from coalition.organizing.views.pages import for_organizers, preview

MOST_VERSIONS = 30


@require_http_methods(["GET", "HEAD", "POST"])
@for_organizers
def review(request: HttpRequest, page: uuid.UUID) -> HttpResponse:
    """Show what waits to be read; approve it or send it back."""
    stored = page_in(page)
    waiting = review_of(stored) if stored else None
    if stored is None or waiting is None:
        raise Http404
    require(request.user, "update.review", waiting)
    draft = draft_of(stored)
    here = reverse("update_review", args=[stored.public_id])
    if request.method == "POST":
        approves = request.POST.get("do") == "approve"
        try:
            review_answer(
                review=waiting,
                user=reader(request),
                approves=approves,
                comment=request.POST.get("comment", "")[:2000],
                version=request.POST.get("version", ""),
            )
        except OrganizingError as error:
            messages.error(request, str(error))
        except ValidationError as error:
            for sentence in error.messages:
                messages.error(request, sentence)
        else:
            messages.success(request, _("Approved.") if approves else _("Sent back, with your comment."))
            return redirect("you")
    if request.GET.get("preview"):
        return preview(request, draft, here)
    live = type(stored).objects.get(pk=stored.pk) if stored.live else None
    context = {
        "stored": stored,
        "draft": draft,
        "review": waiting,
        "version": version_of(draft),
        "comment": request.POST.get("comment", ""),
        "is_update": isinstance(stored, CampaignUpdatePage),
        "parts": differences(_words(live), _words(draft)) if live else None,
        "preview_url": f"{here}?preview=1",
    }
    return render(request, "organizing/update_review.html", context)


def _words(page: CampaignPage | CampaignUpdatePage) -> str:
    stream = page.text if isinstance(page, CampaignUpdatePage) else page.body
    return f"{page.title}\n\n{words_of(read(stream).html)}"


@require_POST
@for_organizers
def withdraw(request: HttpRequest, page: uuid.UUID) -> HttpResponse:
    """Take a page back before it is read, to go on writing."""
    stored = page_in(page)
    if stored is None:
        raise Http404
    require(request.user, "update.withdraw", stored)
    review_withdraw(page=stored, user=reader(request))
    messages.success(request, _("Taken back. Nobody is asked to read it now."))
    return redirect(_home(stored))


def _home(page: CampaignPage | CampaignUpdatePage) -> str:
    name = "update_edit" if isinstance(page, CampaignUpdatePage) else "campaign_manage"
    return reverse(name, args=[page.public_id])


@require_http_methods(["GET", "HEAD", "POST"])
@for_organizers
def remove_update(request: HttpRequest, update: uuid.UUID) -> HttpResponse:
    """Take an update off the site, or delete its draft, after asking once more."""
    return _remove(request, thing_for(request, CampaignUpdatePage, update, "update.write"), "update")


@require_http_methods(["GET", "HEAD", "POST"])
@for_organizers
def remove_campaign(request: HttpRequest, campaign: uuid.UUID) -> HttpResponse:
    """Take a campaign off the site, or delete its draft, after asking once more."""
    return _remove(request, thing_for(request, CampaignPage, campaign, "campaign.edit"), "campaign")


def _remove(request: HttpRequest, stored: CampaignPage | CampaignUpdatePage, kind: str) -> HttpResponse:
    deletes = not stored.live
    require(request.user, f"{kind}.{'delete' if deletes else 'unpublish'}", stored)
    campaign = campaign_of(stored)
    if request.method == "POST":
        try:
            if deletes:
                page_delete(page=stored, user=reader(request))
                messages.success(request, _("The draft is deleted."))
            else:
                page_unpublish(page=stored, user=reader(request))
                messages.success(request, _("It is off the site. Its text is kept as a draft."))
        except OrganizingError as error:
            messages.error(request, str(error))
            return redirect(_home(stored))
        if kind == "campaign" or campaign is None:
            return redirect("campaign_mine")
        return redirect("campaign_manage", campaign.public_id)
    context = {"stored": stored, "kind": kind, "deletes": deletes, "back": _home(stored)}
    return render(request, "organizing/remove.html", context)


@require_safe
@for_organizers
def versions(request: HttpRequest, update: uuid.UUID) -> HttpResponse:
    """Show what an update said before: every text that was saved, also those that came second."""
    stored = thing_for(request, CampaignUpdatePage, update, "update.write")
    entries = []
    for revision in stored.revisions.select_related("user").order_by("-created_at", "-pk")[:MOST_VERSIONS]:
        page = revision.as_object()
        title = "" if page.title == UNTITLED else page.title
        entries.append({"revision": revision, "title": title, "page": page})
    return render(request, "organizing/update_versions.html", {"stored": stored, "entries": entries})
