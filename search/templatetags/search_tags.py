"""What templates place on a page: lists, matches, the matrix. Pages never query; these tags do."""

from typing import Any

from django import template
from django.db.models import F
from django.template.context import RequestContext
from django.urls import reverse
from django.utils.translation import get_language

from cms.archives.models import SessionPage
from cms.base.models import BasePage, TaggedPage
from cms.base.outcomes import Outcome
from cms.organizations.models import OrganizationPage
from cms.resources.models import ResourcePage
from cms.stories.models import StoryPage
from cms.taxonomy.schemes import Scheme
from search import matrix as matrices
from search.helping import Helpers, helpers_of
from search.kinship import kin_of
from search.linked import SHOWN, Linked, linked_documents, parts_of, stories_of_any_industry, with_reason
from search.matching.links import is_across
from search.models import Document, Kind
from search.pages import search
from search.query import SearchQuery
from search.vocabulary import Term, Vocabulary

register = template.Library()

_LABELS: dict[str, Any] = {
    "stage": StoryPage.Stage,
    "standing": StoryPage.Standing,
    "outcome": Outcome,
    "form": (ResourcePage.Kind, OrganizationPage.Kind, SessionPage.Kind),
    "kind": Kind,
}


def _vocabulary(context: RequestContext) -> Vocabulary:
    """Return the vocabulary, read once a page."""
    request = context.get("request")
    language = get_language()
    cached = getattr(request, "_vocabulary", None)
    if cached is None or cached[0] != language:
        cached = (language, Vocabulary.load(language))
        if request is not None:
            request._vocabulary = cached
    return cached[1]


def _document(context: RequestContext, page: BasePage) -> Document | None:
    """Return the page's document, read once a page; None for a draft."""
    request = context.get("request")
    cached = getattr(request, "_page_document", None)
    if cached is None or cached.public_id != page.public_id:
        cached = Document.objects.present().filter(public_id=page.public_id).first()
        if request is not None:
            request._page_document = cached
    return cached


@register.inclusion_tag("components/listing.html", takes_context=True)
def listing(context: RequestContext, kinds: str) -> dict[str, Any]:
    """Draw the list of one or several kinds of content, with facets, as the page's URL asks for it.

    Args:
        context: of the page.
        kinds: document kinds, separated by commas.
    """
    request = context["request"]
    query = SearchQuery.from_params(request.GET, fixed={"type": tuple(kinds.split(","))})
    results = search(query, path=request.path, vocabulary=_vocabulary(context))
    return {"request": request, "results": results, "query": results.query}


@register.inclusion_tag("components/matches.html", takes_context=True)
def matches(context: RequestContext, page: BasePage) -> dict[str, Any]:
    """Draw what a page is linked to: the same struggle in other industries, campaigns, resources; who can help.

    With ``own=1`` in the page's address, stories of its own industry are among those of others.
    """
    document, vocabulary = _document(context, page), _vocabulary(context)
    across = document is not None and is_across(document.kind, Kind.STORY)
    with_own = across and "request" in context and context["request"].GET.get("own") == "1"
    found: dict[str, list[Linked]] = {}
    if document is not None:
        limits = {kind: limit for kind, limit in SHOWN.items() if not (with_own and kind == Kind.STORY)}
        found = linked_documents(document, vocabulary, limits=limits)
        if with_own:
            found[Kind.STORY.value] = stories_of_any_industry(document, vocabulary)
    organizations = with_reason(found.get(Kind.ORGANIZATION, []))
    near = Helpers([], [])
    if document is not None and document.kind == Kind.STORY:
        named = {linked.document.pk for linked in organizations}
        near = helpers_of(document, vocabulary, path=reverse("search"), without=named)
    return {
        "request": context.get("request"),
        "messages": context.get("messages"),
        "near": near,
        "page": page,
        "is_across": across,
        "with_own": with_own,
        "stories": found.get(Kind.STORY, []),
        "parts": parts_of(
            campaigns=found.get(Kind.CAMPAIGN, []),
            resources=found.get(Kind.RESOURCE, []),
            organizations=organizations,
            sessions=with_reason(found.get(Kind.SESSION, [])),
        ),
    }


@register.inclusion_tag("components/kin.html", takes_context=True)
def kin(context: RequestContext, page: OrganizationPage) -> dict[str, Any]:
    """Draw with which others an organization shares harms, technologies, places or campaigns, and why; its work."""
    vocabulary = _vocabulary(context)
    return {"request": context.get("request"), "page": page, **kin_of(_document(context, page), page.slug, vocabulary)}


@register.inclusion_tag("components/matrix.html", takes_context=True)
def matrix(context: RequestContext) -> dict[str, Any]:
    """Draw the matrix of industries and technology families."""
    vocabulary = _vocabulary(context)
    return {"request": context.get("request"), "matrix": matrices.matrix(vocabulary, path=reverse("search"))}


@register.simple_tag
def newest(kinds: str, count: int) -> list[Document]:
    """Return the newest documents of one or several kinds.

    Args:
        kinds: document kinds, separated by commas.
        count: how many.
    """
    documents = Document.objects.present().filter(kind__in=kinds.split(","))
    # Of one date in no order that tells which was written first: stories told in confidence have the month alone.
    return list(
        documents.defer("body", "words", "labels").order_by(F("date").desc(nulls_last=True), "public_id")[:count]
    )


@register.simple_tag(takes_context=True)
def tag_terms(context: RequestContext, subject: Document | TaggedPage, scheme: str) -> list[Term]:
    """Return the concepts of one scheme that a document or page carries, with labels in the reader's language."""
    vocabulary = _vocabulary(context)
    if isinstance(subject, Document):
        slugs = subject.card.get("tags", {}).get(scheme, [])
        found = [vocabulary.by_value.get(f"{scheme}:{slug}") for slug in slugs]
    else:
        found = [vocabulary.by_id.get(pk) for pk in subject.concept_ids(Scheme(scheme))]
    return [term for term in found if term is not None]


@register.filter
def name_of(value: str, what: str) -> str:
    """Return what a stored value (a stage, an outcome, a kind) is called."""
    choices = _LABELS[what]
    for group in choices if isinstance(choices, tuple) else (choices,):
        for stored, label in group.choices:
            if stored == value:
                return str(label)
    return value


@register.simple_tag
def search_url(**facets: str) -> str:
    """Return the address of a search: {% search_url technology="gps-tracking" outcome="won" %}."""
    return SearchQuery(facets={name: (value,) for name, value in facets.items()}).url(reverse("search"))
