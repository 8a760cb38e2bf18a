"""Asking for an introduction, answering one, the thread, ending and blocking."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cms.base.tables import csv_response
from cms.campaigns.models import CampaignOrganization
from cms.organizations.models import OrganizationPage
from coalition.accounts.kept import forget, is_refused, keeps_posted, posted_or_kept
from coalition.accounts.roles import Role
from coalition.allies.finding import allies_of
from coalition.allies.forms import AnswerForm, AskForm, MessageForm
from coalition.allies.introductions import (
    introduction_accept,
    introduction_ask,
    introduction_decline,
    introduction_end,
    introduction_withdraw,
    organization_block,
    organization_unblock,
    shown_state,
)
from coalition.allies.models import Block, Introduction
from coalition.allies.threads import message_write, messages_read
from coalition.membership.standings import standing_in
from coalition.membership.views.finding import organization_for, organization_named, reader, thing_for
from coalition.organizing.errors import OrganizingError
from coalition.organizing.joining import join_propose
from coalition.organizing.selectors import campaigns_led_by

State = Introduction.State


def _side(request: HttpRequest, introduction: Introduction) -> OrganizationPage:
    """Return the side on which the reader organizes; of both, the one that is asked."""
    user = reader(request)
    for organization in (introduction.asked, introduction.asking):
        if standing_in(user, [organization.pk]) & {Role.ORGANIZER, Role.OWNER}:
            return organization
    raise Http404


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@keeps_posted
def introduction_new(request: HttpRequest, public_id: UUID, other_id: UUID) -> HttpResponse:
    """Ask another organization to be introduced."""
    organization = organization_for(request, public_id, "introduction.ask")
    other = get_object_or_404(OrganizationPage.objects.live().public(), public_id=other_id)
    if not other.is_ally or other.pk == organization.pk:
        raise Http404
    form = AskForm(posted_or_kept(request), initial={"contact": organization.contact})
    if request.method == "POST" and form.is_valid():
        try:
            introduction = introduction_ask(
                asking=organization,
                asked=other,
                asked_by=reader(request),
                reason=lambda: _why(organization, other),
                **form.cleaned_data,
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            forget(request)
            messages.success(request, _("Asked. You hear from us if they accept."))
            return redirect("introduction", introduction.public_id)
    # It takes reading everybody's work: whoever is refused has read it before.
    refused = is_refused(request, form)
    why = "" if refused else _why(organization, other)
    context = {"organization": organization, "other": other, "why": why, "form": form}
    return render(request, "allies/ask.html", context, status=422 if refused else 200)


def _why(organization: OrganizationPage, other: OrganizationPage) -> str:
    same = allies_of(organization, QueryDict("own=1")).allies
    return next((ally.why for ally in same if ally.public_id == str(other.public_id)), "")


@never_cache
@require_safe
@login_required
def introductions(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """List an organization's introductions: whom it asked, who asked it, whom it knows, whom it has blocked."""
    organization = organization_for(request, public_id, "introduction.list")
    blocks = Block.objects.filter(organization=organization).select_related("blocked").order_by("blocked__title")
    context = {"organization": organization, "introductions": _listed(organization), "blocks": blocks}
    return render(request, "allies/introductions.html", context)


@never_cache
@require_safe
@login_required
def introductions_csv(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Return an organization's introductions as a table, each as the page shows it."""
    organization = organization_for(request, public_id, "introduction.list")
    return csv_response(
        f"{organization.slug}-introductions",
        [_("organization"), _("who asked"), _("date"), _("state")],
        (
            [
                other.title,
                _("you asked") if is_ours else _("they asked"),
                f"{timezone.localtime(introduction.created):%Y-%m-%d}",
                " ".join(render_to_string("allies/state.html", {"state": state}).split()),
            ]
            for introduction, other, is_ours, state in _listed(organization)
        ),
    )


def _listed(organization: OrganizationPage) -> list[tuple[Introduction, OrganizationPage, bool, str]]:
    """Return introductions with the other side, whether one's own asked, and the state that it may see."""
    every = (
        Introduction.objects.filter(Q(asking=organization) | Q(asked=organization))
        .select_related("asking", "asked")
        .order_by("-created", "pk")
    )
    shown = []
    for introduction in every:
        is_ours = introduction.asking_id == organization.pk
        if not is_ours and not (introduction.is_answerable or introduction.state in (State.ACCEPTED, State.ENDED)):
            continue
        shown.append((introduction, introduction.other(organization.pk), is_ours, shown_state(introduction)))
    return shown


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@keeps_posted
def introduction(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show an introduction to either side: a request to answer, the answer, or the thread, in which to write."""
    found = thing_for(request, Introduction, public_id, "introduction.read")
    side = _side(request, found)
    form = MessageForm(posted_or_kept(request))
    if request.method == "POST" and form.is_valid():
        try:
            message_write(introduction=found, organization=side, author=reader(request), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            forget(request)
            return redirect("introduction", public_id)
    return _shown(request, found, side, form=form)


def _shown(
    request: HttpRequest,
    found: Introduction,
    side: OrganizationPage,
    *,
    form: MessageForm | None = None,
    answer: AnswerForm | None = None,
) -> HttpResponse:
    is_ours = side.pk == found.asking_id
    written = []
    if found.state in (State.ACCEPTED, State.ENDED):
        messages_read(introduction=found, organization=side)
        written = list(found.messages.select_related("organization", "author"))
    context = {
        "introduction": found,
        "side": side,
        "other": found.other(side.pk),
        "is_ours": is_ours,
        "state": shown_state(found),
        "contact": found.asked_contact if is_ours else found.asking_contact,
        "written": written,
        "form": form or MessageForm(),
        "campaigns": campaigns_led_by(side) if found.state == State.ACCEPTED else [],
        "answer": answer or AnswerForm(initial={"contact": side.contact}),
    }
    wrong = is_refused(request, form, answer)
    return render(request, "allies/introduction.html", context, status=422 if wrong else 200)


@require_POST
@login_required
def introduction_answer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Accept or decline; only the side that was asked."""
    found = thing_for(request, Introduction, public_id, "introduction.answer")
    side = found.asked
    form = AnswerForm(request.POST)
    if form.is_valid():
        try:
            if form.cleaned_data["decision"] == "accept":
                contact = form.cleaned_data["contact"]
                introduction_accept(introduction=found, answered_by=reader(request), contact=contact)
                messages.success(request, _("Accepted. Both sides see each other’s contact now."))
                return redirect("introduction", public_id)
            introduction_decline(introduction=found, answered_by=reader(request))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Declined. They are not told."))
            return redirect("introductions", side.public_id)
    return _shown(request, found, side, answer=form)


@require_POST
@login_required
def introduction_take_back(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take one's own request back."""
    found = thing_for(request, Introduction, public_id, "introduction.withdraw")
    if introduction_withdraw(introduction=found):
        messages.success(request, _("Taken back."))
    else:
        messages.error(request, _("It can no longer be taken back: it was answered, or its time is over."))
    return redirect("introductions", found.asking.public_id)


@require_POST
@login_required
def introduction_together(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Propose to the other side to take part in a campaign that one's own side leads. It answers like any other."""
    found = thing_for(request, Introduction, public_id, "introduction.together")
    side = _side(request, found)
    chosen = request.POST.get("campaign", "")
    campaign = next((each for each in campaigns_led_by(side) if str(each.public_id) == chosen), None)
    if campaign is None:
        messages.error(request, _("Choose one of the campaigns that you lead."))
        return redirect("introduction", public_id)
    other = found.other(side.pk)
    try:
        join_propose(
            campaign=campaign,
            organization=other,
            role=CampaignOrganization.Role.TAKES_PART,
            by=reader(request),
            is_invitation=True,
        )
    except OrganizingError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Proposed. %(name)s answers on its own page.") % {"name": other.title})
    return redirect("introduction", public_id)


@require_POST
@login_required
def introduction_close(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """End what was agreed, from either side; with ``block``, hear nothing more from the other."""
    found = thing_for(request, Introduction, public_id, "introduction.end")
    side = _side(request, found)
    if "block" in request.POST:
        organization_block(organization=side, blocked=found.other(side.pk))
        messages.success(request, _("Blocked. They are not told; their requests no longer reach you."))
        return redirect("introductions", side.public_id)
    introduction_end(introduction=found)
    messages.success(request, _("Ended. Neither side sees the other’s contact any more."))
    return redirect("introduction", public_id)


@require_POST
@login_required
def organization_blocks(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Block or unblock another organization."""
    organization = organization_for(request, public_id, "allies.block")
    other = organization_named(request.POST.get("other", ""))
    if other is None:
        raise Http404
    if "unblock" in request.POST:
        organization_unblock(organization=organization, blocked=other)
        messages.success(request, _("You hear from %(name)s again.") % {"name": other.title})
    elif other.pk == organization.pk:
        messages.error(request, _("This is your own organization."))
    else:
        organization_block(organization=organization, blocked=other)
        messages.success(request, _("Blocked. They are not told; their requests no longer reach you."))
    return redirect("introductions", public_id)
