"""Writing an organization's profile, and bringing in a new organization."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cms.organizations.models import OrganizationPage
from coalition.accounts.kept import forget, is_refused, keeps_posted, posted_or_kept
from coalition.accounts.permissions import require
from coalition.membership.applications import organization_propose
from coalition.membership.forms import ApplicationForm
from coalition.membership.profile_forms import ProfileForm
from coalition.membership.profiles import ProfileChangedError, profile_change, profile_refusal, slug_free, version_of
from coalition.membership.views.finding import organization_for, reader
from search.topics import Topics


def _finds(request: HttpRequest) -> bool:
    """Whether the reader looks for topics rather than saves."""
    return request.POST.get("do", "").startswith("find")


def _drawn(
    request: HttpRequest, template: str, form: ProfileForm, topics: Topics, note: forms.BaseForm | None = None
) -> HttpResponse:
    wrong = is_refused(request, form, note) and not _finds(request)
    context = {"form": form, "topics": topics.lists(), "note": note, "organization": form.instance}
    return render(request, template, context, status=422 if wrong else 200)


def _refused(form: ProfileForm, error: ValidationError) -> None:
    for sentence in error.messages:
        form.add_error(None, sentence)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@keeps_posted
def organization_profile(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Let an organization's own people write its profile. “Find” shows other topics and saves nothing yet."""
    stored = organization_for(request, public_id, "organization.profile")
    refusal = profile_refusal(stored, reader(request))
    # An editor's draft is not for everybody who may write the profile.
    organization: OrganizationPage = stored if refusal else stored.get_latest_revision_as_object()
    posted = posted_or_kept(request)
    topics = Topics(organization, posted)
    form = ProfileForm(posted, instance=organization)
    if posted is None and refusal:
        messages.warning(request, refusal)
        form.version = str(stored.live_revision_id or "")
    if request.method == "POST" and not _finds(request) and form.is_valid():
        topics.write(organization)
        try:
            profile_change(organization=organization, user=reader(request), version=form.version)
        except ProfileChangedError as error:
            _refused(form, error)
            form.version = version_of(OrganizationPage.objects.get(pk=stored.pk))
        except ValidationError as error:
            _refused(form, error)
        else:
            forget(request)
            if form.removed:
                messages.info(request, form.removed)
            messages.success(request, _("Saved."))
            return redirect("organization_desk", public_id)
    return _drawn(request, "membership/profile.html", form, topics)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@keeps_posted
def organization_new(request: HttpRequest) -> HttpResponse:
    """Let somebody bring in an organization that is not in the directory; an editor approves it."""
    require(request.user, "organization.propose")
    posted = posted_or_kept(request)
    page = OrganizationPage(kind=OrganizationPage.Kind.UNION)
    topics, form, note = Topics(page, posted), ProfileForm(posted, instance=page), ApplicationForm(posted)
    if request.method == "POST" and not _finds(request) and form.is_valid() and note.is_valid():
        page.slug = slug_free(page.title)
        topics.write(page)
        try:
            organization_propose(page=page, user=reader(request), note=note.cleaned_data["note"])
        except ValidationError as error:
            _refused(form, error)
        else:
            forget(request)
            messages.success(request, _("Thank you. An editor looks at it; the answer comes by mail."))
            return redirect("you")
    return _drawn(request, "membership/new.html", form, topics, note)
