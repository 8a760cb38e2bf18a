"""An editor's verdict, as the forms of the desk and of the review send it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from search.matching.judging import judgement_record, judgement_withdraw
from search.models import Document, Judgement
from search.tasks import waiting_link


class JudgementForm(forms.Form):
    """What an editor says about a link."""

    other = forms.UUIDField(widget=forms.HiddenInput)
    verdict = forms.ChoiceField(choices=[*Judgement.Verdict.choices, ("withdraw", gettext_lazy("take it back"))])
    reason = forms.CharField(max_length=255, required=False, label=gettext_lazy("Reason"))

    def clean(self) -> dict[str, Any]:
        """Ask for a reason where a link is dismissed: others will want to know."""
        data = super().clean() or {}
        if data.get("verdict") == Judgement.Verdict.DISMISSED and not data.get("reason", "").strip():
            self.add_error("reason", _("Say in a few words why the two are not alike."))
        return data


def verdict_take(*, request: HttpRequest, document: Document) -> None:
    """Record the verdict that was sent, or take one back, and tell the editor what came of it.

    Args:
        request: a POST with the fields of ``JudgementForm``.
        document: one of the two; the form names the other.

    Raises:
        Http404: there is no such other document.
    """
    form = JudgementForm(request.POST)
    if not form.is_valid():
        for sentences in form.errors.values():
            for sentence in sentences:
                messages.error(request, str(sentence))
        return
    other = get_object_or_404(Document, public_id=form.cleaned_data["other"])
    if other.pk == document.pk:
        messages.error(request, _("A page is not linked to itself. Choose another."))
        return
    verdict = form.cleaned_data["verdict"]
    if verdict == "withdraw":
        judgement_withdraw(one=document, other=other)
        _link_soon()
        messages.success(request, _("Taken back: “%(title)s” is judged by the machine again.") % {"title": other.title})
        return
    judgement_record(
        one=document, other=other, verdict=verdict, reason=form.cleaned_data["reason"].strip(), user=request.user
    )
    _link_soon()
    said = (
        _("Confirmed: both pages now show each other first.")
        if verdict == Judgement.Verdict.CONFIRMED
        else _("Dismissed: neither page shows the other any more.")
    )
    messages.success(request, said)


def _link_soon() -> None:
    """Have the linker link what a verdict makes wait."""
    transaction.on_commit(waiting_link.enqueue, robust=True)
