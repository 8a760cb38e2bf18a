"""A form that was open while its sender signed in elsewhere: its token is old, its words are kept all the same."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from coalition.accounts.kept import keep


def token_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token is wrong: one of organizers, sent from our own page, comes back as it was filled in.

    Nothing is saved or published; the form shows again with a new token.
    """
    below = reverse("campaign_mine").removesuffix("campaigns/")
    own = f"{request.scheme}://{request.get_host()}"
    is_ours = request.headers.get("Origin") == own or request.headers.get("Sec-Fetch-Site") == "same-origin"
    if is_ours and request.path.startswith(below) and request.POST.get("do") != "auto" and keep(request):
        return redirect(request.path)
    # Django's own page speaks of cookies and of DEBUG; ours says what to do.
    return render(request, "403.html", status=403)
