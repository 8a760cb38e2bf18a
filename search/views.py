"""Pages that are made of documents: search, match, topics."""

from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from cms.taxonomy.models import Concept
from cms.taxonomy.schemes import Scheme
from search.describing import DescribeForm, matches_for_text
from search.pages import search as run_search
from search.query import SearchQuery
from search.vocabulary import Term, Vocabulary


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show what a query finds. Any URL is a permalink, and any garbage in it gets a page."""
    query = SearchQuery.from_params(request.GET)
    results = run_search(query, path=request.path)
    return render(request, "search/search.html", {"results": results, "query": results.query})


@never_cache
@sensitive_post_parameters()
def match(request: HttpRequest) -> HttpResponse:
    """Find stories, campaigns and resources like what somebody describes. Nothing of it is stored or logged."""
    form = DescribeForm(request.POST or None)
    found = None
    if request.method == "POST" and form.is_valid():
        found = matches_for_text(form.cleaned_data["text"], language=form.cleaned_data["language"])
    return render(request, "search/match.html", {"form": form, "found": found})


@require_safe
def topics(request: HttpRequest, scheme: str) -> HttpResponse:
    """List the concepts of a scheme as a tree, with how much is tagged with each."""
    if scheme not in Scheme.values:
        raise Http404
    vocabulary = Vocabulary.load(get_language())
    results = run_search(SearchQuery(size=1), path="/search/", vocabulary=vocabulary)
    box = next((box for box in results.boxes if box.facet.name == scheme), None)
    counts = {choice.value: choice.count for choice in box.choices} if box else {}
    tree = [
        {"term": term, "count": counts.get(term.slug, 0), "depth": term.depth}
        for root in vocabulary.roots(scheme)
        for term in _walk(root, vocabulary)
    ]
    return render(request, "search/topics.html", {"scheme": Scheme(scheme), "schemes": Scheme.choices, "tree": tree})


def _walk(term: Term, vocabulary: Vocabulary) -> Iterator[Term]:
    yield term
    for child in vocabulary.children[term.id]:
        yield from _walk(child, vocabulary)


@require_safe
def topic(request: HttpRequest, scheme: str, slug: str) -> HttpResponse:
    """Show a concept and everything tagged with it. A merged concept's address leads to what it was merged into."""
    if scheme not in Scheme.values:
        raise Http404
    concept = (
        Concept.objects.filter(scheme=scheme, slug=slug)
        .select_related("broader", "merged_into")
        .prefetch_related("labels", "source_links__source")
        .first()
    )
    if concept is None:
        raise Http404
    if concept.merged_into is not None:
        return redirect(concept.merged_into.get_absolute_url(), permanent=True)
    vocabulary = Vocabulary.load(get_language())
    term = vocabulary.by_id[concept.pk]
    query = SearchQuery.from_params(request.GET, fixed={scheme: (slug,)})
    return render(
        request,
        "search/topic.html",
        {
            "concept": concept,
            "label": term.label,
            "broader": list(reversed(vocabulary.ancestors(term)[1:])),
            "narrower": vocabulary.children[concept.pk],
            "results": run_search(query, path=request.path, vocabulary=vocabulary),
            "search_url": SearchQuery(facets={scheme: (slug,)}).url("/search/"),
        },
    )
