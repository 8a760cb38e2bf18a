"""Pages about one's own account."""

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from coalition.accounts.forms import SetupForm
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
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        return redirect("wagtailadmin_home")
    return render(request, "accounts/setup.html", {"form": form})
