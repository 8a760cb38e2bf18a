"""One step of a campaign: filled from the draft, saved to the draft, never over what somebody else has written."""

import json
import uuid
from typing import Any

from django.contrib import messages
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cms.campaigns.models import CampaignPage
from cms.prose.cleaning import words_of
from coalition.accounts.kept import forget, kept_for
from coalition.membership.views.finding import reader, thing_for
from coalition.organizing.differences import Part, differences
from coalition.organizing.drafts import Saved, content_of, draft_of, draft_save, version_of
from coalition.organizing.errors import OrganizingError
from coalition.organizing.steps import STEPS, Step
from coalition.organizing.views.pages import for_organizers


@require_http_methods(["GET", "HEAD", "POST"])
@for_organizers
def step(request: HttpRequest, campaign: uuid.UUID, step: str) -> HttpResponse:
    """Show and save one step. “Find” saves as well: nothing that was ticked is lost by looking for more."""
    stored = thing_for(request, CampaignPage, campaign, "campaign.edit")
    if step not in STEPS:
        raise Http404
    here = STEPS[step]
    if request.method != "POST":
        draft = draft_of(stored)
        posted = kept_for(request)
        if posted is not None:
            messages.info(request, _("What you wrote before you signed in is back. It is not saved yet."))
        version = posted.get("version", "") if posted else version_of(draft, here.form.FIELDS)
        return _page(request, stored, here, here.opened(draft, posted), version)
    return _posted(request, stored, here, request.POST)


def _posted(request: HttpRequest, stored: CampaignPage, here: Step, data: QueryDict) -> HttpResponse:
    form = here.opened(draft_of(stored), data)
    version = data.get("version", "")
    if not form.is_valid():
        return _page(request, stored, here, form, version, status=422)
    try:
        saved = draft_save(
            page=stored, user=reader(request), version=version, write=form.write, fields=here.form.FIELDS
        )
    except OrganizingError as error:
        messages.error(request, str(error))
        return _page(request, stored, here, form, version, status=409)
    if saved.is_conflict:
        version = version_of(saved.page, here.form.FIELDS)
        return _page(request, stored, here, form, version, status=409, parts=_compared(saved, here))
    forget(request)
    if removed := form.removed():
        messages.info(request, removed)
    if data.get("do", "").startswith("find"):
        return _page(request, stored, here, form, version_of(saved.page, here.form.FIELDS))
    if data.get("do") == "more":
        return redirect(f"{request.path}#rows")
    messages.success(request, _("Saved: “%(step)s”.") % {"step": here.label})
    slugs = list(STEPS)
    following = slugs[slugs.index(here.slug) + 1 :]
    if data.get("do") == "next" and following:
        return redirect("campaign_step", stored.public_id, following[0])
    return redirect("campaign_manage", stored.public_id)


def _compared(saved: Saved[CampaignPage], here: Step) -> list[Part]:
    assert saved.mine is not None  # noqa: S101 - that is what a conflict is
    return differences(_in_words(saved.page, here), _in_words(saved.mine, here))


def _in_words(page: CampaignPage, here: Step) -> str:
    """Return what a step says, a line a field, to be compared."""
    lines: list[str] = []
    for value in content_of(page, here.form.FIELDS).values():
        if isinstance(value, list):
            lines += [" · ".join(str(part) for part in row.values() if part) for row in value]
        elif value:
            lines.append(words_of(str(value)))
    return "\n".join(lines) or json.dumps({}, cls=DjangoJSONEncoder).strip("{}")


def _page(
    request: HttpRequest,
    stored: CampaignPage,
    here: Step,
    form: Any,
    version: str,
    *,
    status: int = 200,
    parts: list[Part] | None = None,
) -> HttpResponse:
    slugs = list(STEPS)
    context = {
        "campaign": stored,
        "step": here,
        "steps": STEPS.values(),
        "number": slugs.index(here.slug) + 1,
        "is_last": here.slug == slugs[-1],
        "form": form,
        "version": version,
        "parts": parts,
    }
    return render(request, here.template, context, status=status)
