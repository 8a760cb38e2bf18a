"""The admin's page of mails that need a person, and of those that still wait."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from cms.base.tables import csv_response
from coalition.mail.models import OutgoingMail
from coalition.mail.sending import mail_drop, mail_resend, mails_drop, mails_resend

State = OutgoingMail.State
SHOWN = 200


@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    """List what was cut off or refused, and what waits after a failure."""
    counts = dict.fromkeys(State, 0)
    for row in OutgoingMail.objects.values("state").annotate(count=Count("pk")):
        counts[State(row["state"])] = row["count"]
    context: dict[str, Any] = {
        "counts": [(state.label, count) for state, count in counts.items()],
        "undecided": _undecided()[:SHOWN],
        "waiting": _postponed()[:SHOWN],
    }
    return render(request, "mail_admin/mails.html", context)


def _undecided() -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.undecided().order_by("changed", "pk")


def _postponed() -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(state=State.WAITING, attempts__gt=0).order_by("due", "pk")


@require_safe
def mails_csv(request: HttpRequest) -> HttpResponse:
    """Return every mail of both lists as a table, without what they say; to whom, where somebody has to decide."""
    rows = [(mail.to, mail) for mail in _undecided()] + [("", mail) for mail in _postponed()]
    return csv_response(
        "mail",
        [_("To"), _("What"), _("State"), _("What went wrong"), _("Attempts"), _("When"), _("Next attempt")],
        (
            [
                *[to, mail.kind, mail.get_state_display(), mail.problem, mail.attempts],
                f"{mail.changed:%Y-%m-%d %H:%M}",
                f"{mail.due:%Y-%m-%d %H:%M}" if mail.state == State.WAITING else "",
            ]
            for to, mail in rows
        ),
    )


@require_POST
def mail_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a mail again, or settle it without."""
    mail = get_object_or_404(OutgoingMail, pk=pk)
    if request.POST.get("decision") == "resend":
        if mail_resend(mail=mail):
            messages.success(request, _("The mail is sent again."))
        else:
            messages.error(
                request, _("This mail can no longer be sent again: somebody has decided on it, or it is gone.")
            )
    elif mail_drop(mail=mail):
        messages.success(request, _("The mail is settled; it is not sent again."))
    else:
        messages.error(request, _("This mail can no longer be settled: somebody has decided on it, or it is gone."))
    return redirect("mail_mails")


@require_POST
def mail_decide_several(request: HttpRequest) -> HttpResponse:
    """Send the ticked mails again, or settle them without."""
    chosen = [
        int(value) for value in request.POST.getlist("mail") if value.isascii() and value.isdigit() and len(value) < 19
    ]
    mails = list(OutgoingMail.objects.filter(pk__in=chosen[:SHOWN]).order_by("changed", "pk"))
    if not mails:
        messages.error(request, _("Tick which mails you mean, then try again."))
    elif request.POST.get("decision") == "resend":
        count = mails_resend(mails=mails)
        said = ngettext("%(count)d mail is sent again.", "%(count)d mails are sent again.", count)
        messages.success(request, said % {"count": count})
    else:
        count = mails_drop(mails=mails)
        said = ngettext("%(count)d mail is settled.", "%(count)d mails are settled.", count)
        messages.success(request, said % {"count": count})
    return redirect("mail_mails")
