"""Beginning to follow: a page of its own, so that no page that is read needs a cookie for it."""

from allauth.core.internal.ratelimit import consume, respond_429
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from coalition.accounts.models import User
from coalition.alerts.following import follow_add, follow_ask, follow_confirm, follow_of
from coalition.alerts.forms import AskForm, FollowForm
from coalition.alerts.models import Channel, Follow, Rhythm
from coalition.alerts.targets import Target, target_from
from coalition.alerts.tokens import manage_url
from coalition.alerts.views.feeds import feed_url

# A union hall shares one network; nobody asks one address more often.
LIMITS = {"network": "30/h/ip", "address": "5/h/key"}
_APP = "coalition.alerts"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest) -> HttpResponse:
    """Ask how often and where somebody wants to hear of what the address names."""
    target = target_from(request.GET)
    if target is None:
        raise Http404
    if isinstance(request.user, User):
        return _follow_as_member(request, request.user, target)
    return _follow_by_mail(request, target)


def _follow_as_member(request: HttpRequest, user: User, target: Target) -> HttpResponse:
    known = Follow.objects.filter(follower__user=user, kind=target.kind, target=target.target).first()
    now = {"rhythm": known.rhythm, "channel": known.channel} if known else {}
    form = FollowForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        follow_add(user=user, target=target, rhythm=Rhythm(data["rhythm"]), channel=Channel(data["channel"]))
        messages.success(request, _("You follow %(what)s.") % {"what": target.label})
        return redirect("follow_mine")
    return _asked(request, {"target": target, "form": form, "known": known})


def _follow_by_mail(request: HttpRequest, target: Target) -> HttpResponse:
    form = AskForm(request.POST or None)
    if request.method == "POST":
        if not consume(request, app=_APP, action="network", config=LIMITS):
            return respond_429(request)
        if form.is_valid():
            data = form.cleaned_data
            # Whoever asks too often for one address gets the same answer, and the address no more mail.
            if consume(request, app=_APP, action="address", config=LIMITS, key=data["email"].lower()):
                follow_ask(
                    email=data["email"],
                    target=target,
                    rhythm=Rhythm(data["rhythm"]),
                    language=get_language() or "",
                    time_zone=data["time_zone"],
                )
            return redirect("follow_sent")
    return _asked(request, {"target": target, "form": form})


def _asked(request: HttpRequest, context: dict[str, object]) -> HttpResponse:
    target, form = context["target"], context["form"]
    assert isinstance(target, Target)  # noqa: S101
    status = 422 if getattr(form, "errors", None) else 200
    return render(request, "alerts/follow.html", {**context, "feed": feed_url(target)}, status=status)


@never_cache
@require_safe
def follow_sent(request: HttpRequest) -> HttpResponse:
    """Say that a mail is on its way: the same, whoever's address it is."""
    return render(request, "alerts/sent.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follow_confirmed(request: HttpRequest, token: str) -> HttpResponse:
    """Take the yes of whoever got the mail. By GET it asks: programs that look through mail open links."""
    found = follow_of(token)
    if found is None:
        return render(request, "alerts/link_ended.html", status=410)
    if request.method != "POST":
        return render(request, "alerts/confirm.html", {"follow": found})
    held = follow_confirm(follow=found)
    messages.success(request, _("You follow %(what)s.") % {"what": held.label})
    return redirect(manage_url(held.follower))
