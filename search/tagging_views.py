"""In the admin: the concepts that a story's text suggests, each with what led to it, and accepted by one click."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from cms.stories.models import StoryPage
from search.tagging import concept_accept, concepts_suggested, draft_of, may_tag
from search.vocabulary import Vocabulary


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("draft", "suggested_concepts")
def suggested(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a story's draft may be tagged with; by POST, tag it with one concept."""
    page = get_object_or_404(StoryPage, pk=pk)
    if not may_tag(page, request.user):
        raise PermissionDenied
    if request.method == "POST":
        term = concept_accept(page=page, value=request.POST.get("concept", ""), user=request.user)
        if term is None:
            messages.warning(request, _("Nothing changed: the draft carries it already, or there is no such concept."))
        else:
            messages.success(request, _("The draft is tagged with “%(concept)s” now.") % {"concept": term.label})
        return redirect("search_suggested_concepts", pk=pk)
    draft = draft_of(page)
    suggested_concepts = concepts_suggested(draft, Vocabulary.load())
    return render(
        request,
        "search_admin/suggested_concepts.html",
        {
            "page": page,
            "draft": draft,
            "schemes": [(scheme.label, suggestions) for scheme, suggestions in suggested_concepts.items()],
        },
    )
