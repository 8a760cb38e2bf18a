"""Writing an update: one page, few fields; saved at every step, published once."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cms.campaigns.models import CampaignPage, CampaignUpdatePage
from cms.prose.cleaning import words_of
from coalition.accounts.kept import forget, kept_for
from coalition.accounts.permissions import may, require
from coalition.membership.views.finding import reader, thing_for
from coalition.organizing.differences import differences
from coalition.organizing.drafts import Saved, draft_of, version_of
from coalition.organizing.errors import OrganizingError
from coalition.organizing.forms.updates import UpdateForm
from coalition.organizing.photos import photo_store, reference_to
from coalition.organizing.publishing import page_publish, schedule_cancel
from coalition.organizing.reviewing import is_reviewed, review_of, sent_back
from coalition.organizing.streams import image_in, is_writable, read
from coalition.organizing.updates import update_save
from coalition.organizing.views.pages import for_organizers, preview


@require_safe
@for_organizers
def new(request: HttpRequest, campaign: uuid.UUID) -> HttpResponse:
    """Give a new update its address, so that reloading it shows the draft and sending it twice makes one."""
    thing_for(request, CampaignPage, campaign, "update.write")
    return redirect("update_write", campaign, uuid.uuid4())


@require_safe
@for_organizers
def edit(request: HttpRequest, update: uuid.UUID) -> HttpResponse:
    """Lead to the address at which an update is written."""
    page = thing_for(request, CampaignUpdatePage, update, "update.write")
    parent = page.campaign()
    if parent is None:
        raise Http404
    return redirect("update_write", parent.public_id, page.public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@for_organizers
def write(request: HttpRequest, campaign: uuid.UUID, update: uuid.UUID) -> HttpResponse:
    """Write an update; save, look at, schedule or publish it."""
    parent = thing_for(request, CampaignPage, campaign, "update.write")
    page = CampaignUpdatePage.objects.filter(public_id=update).first()
    if page is not None and not page.is_child_of(parent):
        raise Http404
    return Writing(request, parent, update, page).answer()


class Writing:
    """One request to the page on which an update is written."""

    def __init__(
        self, request: HttpRequest, campaign: CampaignPage, public_id: uuid.UUID, page: CampaignUpdatePage | None
    ) -> None:
        self.request, self.campaign, self.public_id, self.page = request, campaign, public_id, page
        self.user = reader(request)
        self.do = request.POST.get("do", "draft")
        self.address = reverse("update_write", args=[campaign.public_id, public_id])

    def answer(self) -> HttpResponse:
        """Return the form, or do what was pressed."""
        if self.request.method != "POST":
            return self._opened()
        if self.do == "unschedule" and self.page is not None:
            require(self.user, "update.publish", self.page)
            schedule_cancel(page=self.page, user=self.user)
            messages.success(self.request, _("It is off the schedule. The draft is kept."))
            return redirect(self.address)
        return self._posted()

    def _opened(self) -> HttpResponse:
        draft = draft_of(self.page) if self.page else None
        posted = kept_for(self.request)
        if posted is not None:
            messages.info(
                self.request,
                _("What you wrote before you signed in is back. It is not saved yet. Choose your photo again."),
            )
            return self._page(UpdateForm(posted), draft, version=posted.get("version", ""))
        return self._page(UpdateForm.opened(draft), draft, version=version_of(draft) if draft else "")

    def _posted(self) -> HttpResponse:
        form = UpdateForm(self.request.POST, self.request.FILES)
        form.is_valid()
        draft = draft_of(self.page) if self.page else None
        version = self.request.POST.get("version", "")
        if "text" in form.errors or "title" in form.errors:
            return self._again(form, draft, version)
        try:
            saved = self._save(form, draft, version)
        except OrganizingError as error:
            form.add_error(None, str(error))
            return self._again(form, draft, version)
        if saved.is_conflict:
            return self._conflict(form, saved)
        forget(self.request)
        if self.do == "auto":
            return JsonResponse({"version": version_of(saved.page), "said": _saved_at()})
        self.page = saved.page
        if form.errors:
            return self._again(form, saved.page, version_of(saved.page))
        if removed := form.cleaned_text().sentence:
            messages.info(self.request, removed)
        return self._done(form, saved.page)

    def _save(self, form: UpdateForm, draft: CampaignUpdatePage | None, version: str) -> Saved[CampaignUpdatePage]:
        image_id, data = form.image_id(), form.cleaned_data.get("photo")
        if data and self.do != "auto":
            image = photo_store(
                data=data, alt=form.cleaned_data.get("alt", ""), title=form.cleaned_data["title"], user=self.user
            )
            image_id = image.pk
            posted = self.request.POST.copy()
            posted["photo_ref"] = reference_to(image_id)
            form.data = posted
        return update_save(
            campaign=self.campaign,
            public_id=self.public_id,
            user=self.user,
            entry=form.entry(page=draft, image_id=image_id, keeps_schedule=self.do != "publish"),
            version=version,
            automatic=self.do == "auto",
        )

    def _done(self, form: UpdateForm, page: CampaignUpdatePage) -> HttpResponse:
        if self.do == "preview":
            return redirect("update_preview", page.public_id)
        if self.do not in ("publish", "schedule"):
            messages.success(self.request, _("Saved as a draft. Only your organization can see it."))
            return redirect(self.address)
        try:
            if self.do == "schedule" and not (page.go_live_at and page.go_live_at > timezone.now()):
                form.add_error("go_live_at", _("Choose a day and a time that is still to come."))
                return self._again(form, page, version_of(page))
            if review_of(page) is None:
                require(self.user, "update.publish", page)
            correction = form.settle() if page.live and page.has_unpublished_changes else None
            stored = page_publish(page=page, user=self.user, version=version_of(page), correction=correction)
        except OrganizingError as error:
            form.add_error("change" if page.live else None, str(error))
            return self._again(form, page, version_of(page))
        except ValidationError as error:
            for sentence in error.messages:
                form.add_error(None, sentence)
            return self._again(form, page, version_of(page))
        messages.success(self.request, _what_happened(stored))
        return redirect("campaign_manage", self.campaign.public_id)

    def _conflict(self, form: UpdateForm, saved: Saved[CampaignUpdatePage]) -> HttpResponse:
        theirs, mine = saved.page, saved.mine
        assert mine is not None  # noqa: S101 - that is what a conflict is
        if self.do == "auto":
            sentence = _("Somebody else has changed this update. Press “Save draft” to see both texts.")
            return JsonResponse({"conflict": sentence}, status=409)
        parts = differences(
            f"{theirs.title}\n\n{words_of(read(theirs.text).html)}", f"{mine.title}\n\n{words_of(read(mine.text).html)}"
        )
        conflict = {"parts": parts, "theirs": UpdateForm.opened(theirs), "page": theirs, "by": theirs.latest_revision}
        return self._page(form, theirs, version=version_of(theirs), status=409, conflict=conflict)

    def _again(self, form: UpdateForm, draft: CampaignUpdatePage | None, version: str) -> HttpResponse:
        if self.do == "auto":
            return JsonResponse(
                {"error": " ".join(str(e) for errors in form.errors.values() for e in errors)}, status=422
            )
        return self._page(form, draft, version=version, status=422)

    def _page(
        self,
        form: UpdateForm,
        draft: CampaignUpdatePage | None,
        *,
        version: str,
        status: int = 200,
        conflict: dict[str, object] | None = None,
    ) -> HttpResponse:
        stored = CampaignUpdatePage.objects.filter(public_id=self.public_id).first()
        written = read(draft.text) if draft is not None else None
        scheduled = stored.revisions.filter(approved_go_live_at__isnull=False).first() if stored else None
        context = {
            "form": form,
            "campaign": self.campaign,
            "draft": draft,
            "stored": stored,
            "version": version,
            "photo": image_in(written) if written else None,
            "is_writable": draft is None or is_writable(draft.text),
            "is_reviewed": is_reviewed(self.campaign, self.user),
            "review": review_of(stored) if stored else None,
            "sent_back": sent_back(stored) if stored else None,
            "scheduled": scheduled.approved_go_live_at if scheduled else None,
            "may_publish": stored is None or may(self.user, "update.publish", stored),
            "conflict": conflict,
            "address": self.address,
        }
        return render(self.request, "organizing/update_write.html", context, status=status)


def _saved_at() -> str:
    return _("Saved: %(time)s") % {"time": date_format(timezone.localtime(), "TIME_FORMAT")}


def _what_happened(page: CampaignUpdatePage) -> str:
    if page.workflow_in_progress:
        return _("Sent to be read. You hear by mail when somebody has.")
    if page.live and not page.has_unpublished_changes:
        return _("Published: “%(title)s”.") % {"title": page.title}
    revision = page.get_latest_revision()
    due = revision.approved_go_live_at if revision else None
    when = date_format(timezone.localtime(due), "DATETIME_FORMAT") if due else ""
    return _("Scheduled. It goes live: %(when)s") % {"when": when}


@require_safe
@for_organizers
def show(request: HttpRequest, update: uuid.UUID) -> HttpResponse:
    """Show an update's draft as readers would see it."""
    page = thing_for(request, CampaignUpdatePage, update, "update.write")
    return preview(request, draft_of(page), reverse("update_edit", args=[page.public_id]))
