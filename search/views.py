"""Pages that are made of documents: search, match, topics."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from cms.base.tables import csv_response
from cms.organizations.models import OrganizationIndexPage
from cms.taxonomy.models import Concept
from cms.taxonomy.schemes import Scheme
from search import directory
from search.describing import DescribeForm, matches_for_text
from search.doubts import Heard, doubt_record, has_said, said_remember
from search.matching.situations import reasons_drawn
from search.models import Link
from search.pages import search as run_search
from search.query import SearchQuery
from search.tables import table_header, table_rows
from search.vocabulary import Vocabulary


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show what a query finds. Any URL is a permalink, and any garbage in it gets a page."""
    query = SearchQuery.from_params(request.GET)
    results = run_search(query, path=request.path)
    return render(request, "search/search.html", {"results": results, "query": results.query})


@require_safe
def search_csv(request: HttpRequest) -> HttpResponse:
    """Return everything that a query finds as a table."""
    query = SearchQuery.from_params(request.GET)
    return csv_response("results", table_header(), table_rows(query, Vocabulary.load(get_language())))


@never_cache
@sensitive_post_parameters()
def match(request: HttpRequest) -> HttpResponse:
    """Find stories, campaigns and resources like what somebody describes. Nothing of it is stored or logged."""
    form = DescribeForm(request.POST or None)
    found = None
    if request.method == "POST" and form.is_valid():
        found = matches_for_text(**form.cleaned_data)
    return render(request, "search/match.html", {"form": form, "found": found})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def not_alike(request: HttpRequest, source: uuid.UUID, target: uuid.UUID) -> HttpResponse:
    """Let a reader say that two linked pages are not alike. A page of its own, so that no other needs a token.

    Args:
        request: by GET asks, by POST says so and leads back.
        source: public id of the page on which the link stands.
        target: public id of the page it leads to.
    """
    link = get_object_or_404(
        Link.objects.select_related("source", "target"),
        source__public_id=source,
        target__public_id=target,
        source__is_gone=False,
        target__is_gone=False,
    )
    if request.method != "POST":
        (why,) = reasons_drawn([(link.reasons, (link.source, link.target))], Vocabulary.load(get_language()))
        return render(request, "search/not_alike.html", {"link": link, "why": why})
    heard = (
        Heard.AGAIN
        if has_said(request, link.source, link.target)
        else doubt_record(one=link.source, other=link.target, user=request.user)
    )
    # Said beside the links, where the reader is led back to, and not at the top of the page.
    messages.success(request, str(heard.label), extra_tags="alike")
    response = redirect(f"{link.source.url}#said")
    if heard is Heard.COUNTED:
        said_remember(request, response, link.source, link.target)
    return response


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
        for term in vocabulary.walk(vocabulary.roots(scheme))
    ]
    return render(request, "search/topics.html", {"scheme": Scheme(scheme), "schemes": Scheme.choices, "tree": tree})


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


def _index_path() -> str:
    index = OrganizationIndexPage.objects.live().first()
    if index is None:
        raise Http404
    return str(index.relative_url(None))


@require_safe
def directory_map(request: HttpRequest) -> HttpResponse:
    """Show where organizations work, as a map and as a table that says the same."""
    query, path = directory.directory_query(request.GET), _index_path()
    drawn = directory.directory_map(query, path=path, vocabulary=Vocabulary.load(get_language()))
    return render(request, "search/directory_map.html", {"map": drawn, "query": query, "list_url": query.url(path)})


@require_safe
def directory_print(request: HttpRequest) -> HttpResponse:
    """Show the directory on one page to print: whom to call."""
    query, path = directory.directory_query(request.GET), _index_path()
    results, hits = directory.directory_whole(query, path=path, vocabulary=Vocabulary.load(get_language()))
    context = {"results": results, "hits": hits, "query": query, "list_url": query.url(path)}
    return render(request, "search/directory_print.html", context)
