"""Asking for an organization, and deciding on it."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cms.base.tables import csv_response
from coalition.accounts.kept import forget, is_refused, keeps_posted, posted_or_kept
from coalition.accounts.permissions import may, require
from coalition.accounts.posted import uuids_in
from coalition.membership.applications import (
    application_approve,
    application_make,
    application_refuse,
    application_withdraw,
    applications_approve,
    applications_for,
    applications_refuse,
    has_owner,
    role_usual,
)
from coalition.membership.forms import ApplicationForm, DecisionForm, MergeForm
from coalition.membership.merging import organization_merge
from coalition.membership.models import Application
from coalition.membership.views.finding import organization_for, reader, thing_for


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@keeps_posted
def organization_apply(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask to keep an organization's page, or to belong to it."""
    organization = organization_for(request, public_id, "organization.apply")
    form = ApplicationForm(posted_or_kept(request))
    if request.method == "POST" and form.is_valid():
        try:
            application_make(organization=organization, user=reader(request), note=form.cleaned_data["note"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            forget(request)
            messages.success(request, _("You have asked. The answer comes by mail and stands on your page."))
            return redirect("you")
    context = {"organization": organization, "form": form, "has_owner": has_owner(organization)}
    return render(request, "membership/apply.html", context, status=422 if is_refused(request, form) else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@keeps_posted
def application_decide(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show what somebody asks for, and say yes or no."""
    application = thing_for(request, Application, public_id, "application.decide")
    usual = role_usual(application)
    form = DecisionForm(posted_or_kept(request), initial={"role": usual})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            if data["decision"] == "approve":
                application_approve(application=application, decided_by=reader(request), role=data["role"])
                messages.success(request, _("Approved. The person who asked gets a mail."))
            else:
                application_refuse(application=application, decided_by=reader(request), answer=data["answer"])
                messages.success(request, _("Refused, with your reason. The person who asked gets a mail."))
        except ValidationError as error:
            for sentence in error.messages:
                form.add_error(None, sentence)
        else:
            forget(request)
            return redirect("you")
    has_other = application.kind == Application.Kind.CLAIM and has_owner(application.organization)
    context = {"application": application, "form": form, "has_other": has_other}
    return render(request, "membership/decide.html", context, status=422 if is_refused(request, form) else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def applications(request: HttpRequest) -> HttpResponse:
    """List every request on which somebody decides; by POST, say yes or no to those that are ticked."""
    user = reader(request)
    require(user, "application.list")
    waiting = applications_for(user)
    answer, refusal = request.POST.get("answer", ""), ""
    if request.method == "POST":
        ids = set(uuids_in(request.POST.getlist("application")))
        chosen = [each for each in waiting if each.public_id in ids and may(user, "application.decide", each)]
        try:
            left = _decided(request, chosen, answer)
        except ValidationError as error:
            refusal = error.messages[0]
        else:
            done = len(chosen) - len(left)
            if done:
                said = ngettext("Decided: %(count)d request.", "Decided: %(count)d requests.", done)
                messages.success(request, said % {"count": done})
            for application, sentence in left:
                messages.error(request, f"{application.organization.title}: {sentence}")
            return redirect("applications")
    context = {"waiting": waiting, "answer": answer, "refusal": refusal, "ticked": request.POST.getlist("application")}
    return render(request, "membership/applications.html", context, status=422 if refusal else 200)


@never_cache
@require_safe
@login_required
def applications_csv(request: HttpRequest) -> HttpResponse:
    """Return every request on which somebody decides as a table."""
    require(request.user, "application.list")
    return csv_response(
        "requests",
        [_("organization"), _("name"), _("What"), _("note"), _("date")],
        (
            [
                *[each.organization.title, str(each.user), each.get_kind_display(), each.note],
                f"{timezone.localtime(each.created):%Y-%m-%d}",
            ]
            for each in applications_for(reader(request))
        ),
    )


def _decided(request: HttpRequest, chosen: list[Application], answer: str) -> list[tuple[Application, str]]:
    if not chosen:
        raise ValidationError(_("Tick whom you mean, then try again."))
    if request.POST.get("decision") == "approve":
        return applications_approve(applications=chosen, decided_by=reader(request))
    return applications_refuse(applications=chosen, decided_by=reader(request), answer=answer)


@require_POST
@login_required
def application_take_back(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take one's own question back."""
    application = thing_for(request, Application, public_id, "application.withdraw")
    if application_withdraw(application=application):
        messages.success(request, _("Taken back."))
    else:
        messages.error(request, _("It can no longer be taken back: somebody has decided on it already."))
    return redirect("you")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def organizations_merge(request: HttpRequest) -> HttpResponse:
    """Merge two entries that are one organization."""
    require(request.user, "organizations.merge")
    form = MergeForm(request.POST if request.method == "POST" else None, initial={"gone": request.GET.get("gone")})
    if request.method == "POST" and form.is_valid():
        gone = form.cleaned_data["gone"].title
        try:
            kept = organization_merge(**form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request, _("“%(gone)s” is now “%(kept)s”; its address leads there.") % {"gone": gone, "kept": kept}
            )
            return redirect(kept.url or "you")
    return render(request, "membership/merge.html", {"form": form}, status=422 if form.errors else 200)
