"""Pages about one's own account, beside those that allauth serves."""

import json

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME, login, logout
from django.contrib.auth.decorators import login_required
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from coalition.accounts.forms import DeleteForm, ProfileForm, SetupForm
from coalition.accounts.languages import language_remember
from coalition.accounts.models import User
from coalition.accounts.own_data import DeletionRefusedError, account_delete, own_data
from coalition.accounts.permissions import require
from coalition.accounts.second_lock import has_second_lock
from coalition.accounts.sessions import session_end, session_reference, sessions_end, sessions_of
from coalition.accounts.setup import administrator_create, token_is_good


@never_cache
@sensitive_post_parameters("password")
def setup(request: HttpRequest, token: str) -> HttpResponse:
    """Let whoever holds the one-time link become the first administrator."""
    if not token_is_good(token):
        return render(request, "accounts/setup_ended.html", status=410)
    form = SetupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = administrator_create(token=token, **form.cleaned_data)
        if user is None:
            return render(request, "accounts/setup_ended.html", status=410)
        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
        return redirect("wagtailadmin_home")
    return render(request, "accounts/setup.html", {"form": form})


def to_the_door(request: HttpRequest) -> HttpResponse:
    """Send whoever comes to another sign-in page to the one there is, and from there back to where they wanted."""
    wanted = request.GET.get(REDIRECT_FIELD_NAME)
    return redirect(reverse("account_login") + (f"?{urlencode({REDIRECT_FIELD_NAME: wanted})}" if wanted else ""))


def _reader(request: HttpRequest) -> User:
    require(request.user, "account.keep")
    assert isinstance(request.user, User)  # noqa: S101 - visitors may not keep an account
    return request.user


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Show one's account, and change name, language and time zone."""
    user = _reader(request)
    # Of its own: a refused name must not stand in the header meanwhile.
    form = ProfileForm(request.POST if request.method == "POST" else None, instance=User.objects.get(pk=user.pk))
    if request.method == "POST" and form.is_valid():
        language = form.save().language
        with translation.override(language):
            messages.success(request, _("Your account is changed."))
        response = redirect("account")
        # The pages speak it as well, from now on.
        language_remember(response, language)
        return response
    context = {"form": form, "has_second_lock": has_second_lock(user), "session_count": sessions_of(user).count()}
    return render(request, "account/profile.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    """List where one is signed in, and end one of the sessions or all others."""
    user = _reader(request)
    own = request.session.session_key
    if request.method == "POST":
        if request.POST.get("end") == "others":
            sessions_end(user=user, but=own)
            messages.success(request, _("All other sessions have ended."))
        elif session_end(user=user, reference=request.POST.get("end", "")):
            messages.success(request, _("The session has ended."))
        else:
            messages.info(request, _("That session had already ended."))
        return redirect("account_sessions")
    listed = [
        {
            "reference": session_reference(row.session_key),
            "began_on": row.began_on,
            "seen_on": row.seen_on,
            "is_this": row.session_key == own,
        }
        for row in sessions_of(user)
    ]
    listed.sort(key=lambda row: not row["is_this"])
    limits = {
        "idle_days": settings.SESSION_IDLE // 86400,
        "idle_hours": settings.SESSION_IDLE // 3600,
        "absolute_days": settings.SESSION_ABSOLUTE // 86400,
        "absolute_hours": settings.SESSION_ABSOLUTE // 3600,
    }
    return render(request, "account/sessions.html", {"sessions": listed, **limits})


@login_required
@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """Say what the site holds about one, and offer it."""
    return render(request, "account/data.html", {"names": list(own_data(_reader(request)))})


@login_required
@reauthentication_required(app="coalition.accounts")
@require_safe
def data_download(request: HttpRequest) -> HttpResponse:
    """Hand out everything that the site holds about one."""
    user = _reader(request)
    body = json.dumps(own_data(user), cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    response = HttpResponse(body, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="my-data-{timezone.localdate()}.json"'
    return response


@login_required
@reauthentication_required(app="coalition.accounts")
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest) -> HttpResponse:
    """Delete one's account, for good, after the password was asked for once more."""
    user = _reader(request)
    form = DeleteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            account_delete(user=user)
        except DeletionRefusedError as refusal:
            form.add_error(None, refusal.sentence)
        else:
            logout(request)
            messages.success(request, _("Your account is deleted."))
            return redirect("account_login")
    return render(request, "account/delete.html", {"form": form})
