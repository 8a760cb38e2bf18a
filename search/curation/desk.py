"""The desk: the list of what has links, and all the links of one page, to confirm, dismiss and add."""

from dataclasses import dataclass

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.http import require_POST

from search.curation.review import review_address
from search.curation.unmatched import unmatched_stories
from search.curation.verdicts import verdict_take
from search.linked import Linked, linked_documents
from search.matching.links import LINKED
from search.models import Document, Judgement
from search.vocabulary import Vocabulary

PER_PAGE = 50


@dataclass(frozen=True)
class Desk:
    """One document with everything an editor decides on."""

    document: Document
    suggested: list[tuple[Linked, Judgement | None]]
    judgements: list[tuple[Judgement, Document]]


class AddLinkForm(forms.Form):
    """An editor's own link, by the other page's address or words of its headline."""

    words = forms.CharField(max_length=255, label=gettext_lazy("Headline or address of the other page"))


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
    """Record an editor's verdict, or take one back; return to the page's links, or to the review (``at``)."""
    document = get_object_or_404(Document.objects.present(), public_id=public_id)
    verdict_take(request=request, document=document)
    at = request.POST.get("at")
    return redirect(reverse("search_link_desk", args=[public_id]) if at is None else review_address(at))
