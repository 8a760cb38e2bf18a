"""Changing and ending what one follows, for members, and by the links in mails for whoever has no account."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cms.base.tables import csv_response
from coalition.accounts.permissions import require
from coalition.accounts.posted import uuids_in
from coalition.alerts.following import (
    follow_change,
    follow_end,
    follower_end,
    follower_set,
    follows_change,
    follows_end,
    mail_resume,
    mail_stop,
)
from coalition.alerts.forms import ChangeForm, ReaderForm, SeveralForm
from coalition.alerts.models import Channel, Follow, Follower, Rhythm, follower_of
from coalition.alerts.targets import follow_urls
from coalition.alerts.tokens import follower_from, manage_url
from coalition.membership.views.finding import reader, thing_for


def _shown(follower: Follower) -> list[dict[str, Any]]:
    """Return what somebody follows, each with where it is seen and the form that changes it."""
    follows = list(follower.follows.filter(confirmed__isnull=False).order_by("label", "pk"))
    urls = follow_urls(follows)
    return [
        {
            "follow": follow,
            "url": urls[follow.pk],
            "form": ChangeForm(
                initial={"rhythm": follow.rhythm, "channel": follow.channel}, auto_id=f"{follow.public_id}_%s"
            ),
        }
        for follow in follows
    ]


def _follow_answer(request: HttpRequest, follow: Follow) -> None:
    """Do with a follow what its form asks for; what makes no sense changes nothing."""
    doing = request.POST.get("do", "")
    if doing == "end":
        label = follow.label
        follow_end(follow=follow)
        messages.success(request, _("You no longer follow %(what)s.") % {"what": label})
        return
    rhythm, channel, is_paused = Rhythm(follow.rhythm), Channel(follow.channel), follow.is_paused
    if doing in ("pause", "resume"):
        is_paused = doing == "pause"
    else:
        form = ChangeForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Choose from the list."))
            return
        rhythm = Rhythm(form.cleaned_data["rhythm"])
        channel = Channel(form.cleaned_data["channel"] or channel)
    follow_change(follow=follow, rhythm=rhythm, channel=channel, is_paused=is_paused)
    messages.success(request, _("Saved: %(what)s.") % {"what": follow.label})


def _several_answer(request: HttpRequest, follower: Follower) -> bool:
    """Do with all ticked follows what the form below them asks for; return whether it was that form."""
    doing = request.POST.get("do", "")
    if not doing.startswith("several-"):
        return False
    ids = uuids_in(request.POST.getlist("chosen"))
    follows = list(follower.follows.filter(public_id__in=ids, confirmed__isnull=False).order_by("pk"))
    form = SeveralForm(request.POST)
    if not follows or not form.is_valid():
        messages.error(request, _("Tick what you mean in the list, then try again."))
    elif doing == "several-end":
        count = follows_end(follows=follows)
        said = ngettext("You no longer follow %(count)d thing.", "You no longer follow %(count)d things.", count)
        messages.success(request, said % {"count": count})
    else:
        rhythm, channel = form.cleaned_data["rhythm"], form.cleaned_data["channel"]
        count = follows_change(
            follows=follows,
            rhythm=Rhythm(rhythm) if rhythm else None,
            channel=Channel(channel) if channel else None,
            is_paused={"several-pause": True, "several-resume": False}.get(doing),
        )
        messages.success(
            request, ngettext("Saved: %(count)d thing.", "Saved: %(count)d things.", count) % {"count": count}
        )
    return True


def _mail_answer(request: HttpRequest, follower: Follower) -> bool:
    """Stop or start all mails, where the form asks for that; return whether it did."""
    doing = request.POST.get("do", "")
    if doing == "mail-stop":
        mail_stop(follower=follower)
        messages.success(request, _("Stopped. No more mails about what you follow."))
    elif doing == "mail-start":
        mail_resume(follower=follower)
        messages.success(request, _("Mails come again, about what is new from now on."))
    return doing in ("mail-stop", "mail-start")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def follow_mine(request: HttpRequest) -> HttpResponse:
    """List what a member follows; by POST, stop or start all mails."""
    require(request.user, "follow.keep")
    follower = follower_of(reader(request))
    if request.method == "POST":
        if not _several_answer(request, follower):
            _mail_answer(request, follower)
        return redirect("follow_mine")
    context = {"follower": follower, "follows": _shown(follower), "several": SeveralForm(auto_id="several_%s")}
    return render(request, "alerts/mine.html", context)


@never_cache
@require_safe
@login_required
def follow_mine_csv(request: HttpRequest) -> HttpResponse:
    """Return what a member follows as a table."""
    require(request.user, "follow.keep")
    return csv_response(
        "followed",
        [_("what it is"), _("Address"), _("how often"), _("where"), _("paused"), _("since")],
        (
            [
                *[follow.label, f"{settings.PUBLIC_URL}{url}" if url else ""],
                *[follow.get_rhythm_display(), follow.get_channel_display(), _("yes") if follow.is_paused else _("no")],
                f"{timezone.localtime(follow.created):%Y-%m-%d}",
            ]
            for follow, url in ((row["follow"], row["url"]) for row in _shown(follower_of(reader(request))))
        ),
    )


@require_POST
@login_required
def follow_change_own(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Change, pause or end one of a member's own follows."""
    _follow_answer(request, thing_for(request, Follow, public_id, "follow.change"))
    return redirect("follow_mine")


def _follower_with(token: str) -> Follower:
    follower = follower_from(token)
    if follower is None:
        raise Http404
    return follower


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follow_manage(request: HttpRequest, token: str) -> HttpResponse:
    """Let whoever holds the link of a mail change what they follow."""
    follower = _follower_with(token)
    if follower.user_id is not None:
        return redirect("follow_mine")
    if request.method != "POST":
        context = {
            "follower": follower,
            "follows": _shown(follower),
            "form": ReaderForm(follower=follower),
            "several": SeveralForm(auto_id="several_%s"),
            "action": reverse("follow_manage", args=[token]),
        }
        return render(request, "alerts/manage.html", context)
    doing = request.POST.get("do", "")
    if doing == "forget":
        follower_end(follower=follower)
        return render(request, "alerts/forgotten.html")
    if doing == "reader":
        form = ReaderForm(request.POST, follower=follower)
        if form.is_valid():
            follower_set(follower=follower, **form.cleaned_data)
            messages.success(request, _("Saved."))
    elif not _several_answer(request, follower) and not _mail_answer(request, follower):
        try:
            public_id = UUID(request.POST.get("follow", ""))
        except ValueError as error:
            raise Http404 from error
        _follow_answer(request, get_object_or_404(follower.follows, public_id=public_id))
    if doing in ("end", "several-end") and not Follower.objects.filter(pk=follower.pk).exists():
        return render(request, "alerts/forgotten.html")
    return redirect("follow_manage", token)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follow_unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """End all mails to somebody: at once by POST, as mail programs send it (RFC 8058); by GET it asks.

    No cookie, token of a form or sign-in is needed: the link is the proof, and stopping does no harm.
    """
    follower = follower_from(token)
    if follower is None:
        # Whoever was forgotten gets no mails either.
        return render(request, "alerts/stopped.html", {"manage": ""})
    if request.method != "POST":
        return render(request, "alerts/stop.html", {"follower": follower})
    mail_stop(follower=follower)
    return render(request, "alerts/stopped.html", {"manage": manage_url(follower)})
