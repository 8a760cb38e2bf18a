"""The editors' desk for links: see what the machine suggests, confirm, dismiss, add; find what matches nothing."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from search.linked import Linked, linked_documents
from search.matching.judging import judgement_record, judgement_withdraw
from search.matching.links import LINKED
from search.models import Document, Judgement, Link
from search.vocabulary import Vocabulary

# Fewer than this much alike in its closest sentences, and without a concept in common, a link tells nobody anything.
LEAST_TELLING = 0.35
PER_PAGE = 50


@dataclass(frozen=True)
class Desk:
    """One document with everything an editor decides on."""

    document: Document
    suggested: list[tuple[Linked, Judgement | None]]
    judgements: list[tuple[Judgement, Document]]


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


class AddLinkForm(forms.Form):
    """An editor's own link, by the other page's address or words of its headline."""

    words = forms.CharField(max_length=255, label=gettext_lazy("Headline or address of the other page"))


def unmatched_stories() -> QuerySet[Document]:
    """Return stories of whose links none shares a topic or comes close in words, and which no editor has linked."""
    telling = Link.objects.filter(target__kind="story", source__kind="story").exclude(
        reasons__shared=[], reasons__similarity__lt=LEAST_TELLING
    )
    confirmed = Judgement.objects.filter(verdict=Judgement.Verdict.CONFIRMED)
    return (
        Document.objects.present()
        .filter(kind="story")
        .exclude(pk__in=telling.filter(reasons__shared__0__isnull=False).values("source"))
        .exclude(pk__in=telling.filter(reasons__similarity__gte=LEAST_TELLING).values("source"))
        .exclude(pk__in=confirmed.values("first"))
        .exclude(pk__in=confirmed.values("second"))
    )


def links(request: HttpRequest) -> HttpResponse:
    """List what has links, or the stories that match nothing."""
    only_unmatched = request.GET.get("show") == "unmatched"
    words = request.GET.get("q", "").strip()
    documents = unmatched_stories() if only_unmatched else Document.objects.present().filter(kind__in=LINKED)
    if words:
        documents = documents.filter(title__icontains=words)
    page = Paginator(documents.defer("body", "words", "labels").order_by("kind", "title", "pk"), PER_PAGE).get_page(
        request.GET.get("p")
    )
    return render(
        request,
        "search_admin/links.html",
        {"page": page, "only_unmatched": only_unmatched, "words": words, "unmatched": unmatched_stories().count()},
    )


def desk_of(document: Document) -> Desk:
    """Return a document's suggested links with the verdicts on them, and every verdict there is."""
    vocabulary = Vocabulary.load(get_language())
    limits = {kind: limit for kind, limit, _other in LINKED.get(document.kind, ())}
    found = linked_documents(document, vocabulary, limits=limits)
    judgements: list[tuple[Judgement, Document]] = []
    for judgement in Judgement.objects.filter(first=document).select_related("second", "user"):
        judgements.append((judgement, judgement.second))
    for judgement in Judgement.objects.filter(second=document).select_related("first", "user"):
        judgements.append((judgement, judgement.first))
    by_other = {other.pk: judgement for judgement, other in judgements}
    suggested = [(linked, by_other.get(linked.document.pk)) for kind in limits for linked in found[kind]]
    return Desk(document, suggested, judgements)


def link_desk(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a document's links, and look for another to link it to."""
    document = get_object_or_404(Document.objects.present(), public_id=public_id)
    add = AddLinkForm(request.GET if "words" in request.GET else None)
    candidates: list[Document] = []
    if add.is_valid():
        words = add.cleaned_data["words"].strip()
        path = "/" + words.split("://", 1)[-1].partition("/")[2] if "://" in words else words
        others = Document.objects.present().exclude(pk=document.pk).defer("body", "words", "labels")
        candidates = list(others.filter(url=path)[:1]) or list(
            others.filter(title__icontains=words).order_by("title")[:20]
        )
    return render(
        request,
        "search_admin/desk.html",
        {"desk": desk_of(document), "document": document, "add": add, "candidates": candidates},
    )


@require_POST
def link_judge(request: HttpRequest, public_id: str) -> HttpResponse:
    """Record an editor's verdict, or take one back."""
    document = get_object_or_404(Document.objects.present(), public_id=public_id)
    back = redirect(reverse("search_link_desk", args=[public_id]))
    form = JudgementForm(request.POST)
    if not form.is_valid():
        for sentences in form.errors.values():
            for sentence in sentences:
                messages.error(request, str(sentence))
        return back
    other = get_object_or_404(Document, public_id=form.cleaned_data["other"])
    if other.pk == document.pk:
        messages.error(request, _("A page is not linked to itself. Choose another."))
        return back
    verdict = form.cleaned_data["verdict"]
    if verdict == "withdraw":
        judgement_withdraw(one=document, other=other)
        messages.success(request, _("Taken back: “%(title)s” is judged by the machine again.") % {"title": other.title})
        return back
    judgement_record(
        one=document, other=other, verdict=verdict, reason=form.cleaned_data["reason"].strip(), user=request.user
    )
    said = (
        _("Confirmed: both pages now show each other first.")
        if verdict == Judgement.Verdict.CONFIRMED
        else _("Dismissed: neither page shows the other any more.")
    )
    messages.success(request, said)
    return back
