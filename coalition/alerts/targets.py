"""What can be followed: a campaign, an organization, or any search (an industry, a product, a topic are searches)."""

import uuid
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext

from coalition.alerts.models import Follow
from search.facets import BY_NAME
from search.models import Document
from search.models import Kind as DocumentKind
from search.pages import organization_names, value_label
from search.query import SearchQuery
from search.vocabulary import Vocabulary

Kind = Follow.Kind
# The address parameters of what is no search.
PARAMETERS = {Kind.CAMPAIGN: "campaign-id", Kind.ORGANIZATION: "organization-id"}
_DOCUMENTS = {Kind.CAMPAIGN: DocumentKind.CAMPAIGN, Kind.ORGANIZATION: DocumentKind.ORGANIZATION}
LONGEST_LABEL = 255
# A saved search longer than that was not made by hand.
LONGEST_TARGET = 4000


@dataclass(frozen=True)
class Target:
    """What is followed: kind and target as ``Follow`` keeps them, what it is called, where it is seen."""

    kind: Follow.Kind
    target: str
    label: str
    url: str


def query_normalised(query: SearchQuery) -> SearchQuery:
    """Return a query as it is followed: its first page in no particular order, what the page stands for included."""
    return replace(query, facets={**query.facets, **query.fixed}, fixed={}, sort="relevance", page=1, after="")


def query_target(query: SearchQuery) -> str:
    """Return a query as a target: equal queries have equal ones."""
    return urlencode(query_normalised(query).params())


def target_query(target: str) -> SearchQuery:
    """Return the query that a target names."""
    return SearchQuery.from_params(QueryDict(target))


def target_from(params: QueryDict) -> Target | None:
    """Return what an address asks to follow, labelled in the reader's language; None for what is not there."""
    for kind, name in PARAMETERS.items():
        if name in params:
            return _document_target(kind, str(params[name]))
    query = SearchQuery.from_params(params)
    target = query_target(query)
    if len(target) > LONGEST_TARGET or query.is_description:
        return None
    return Target(Kind.SEARCH, target, query_label(query), query_normalised(query).url("/search/"))


def _document_target(kind: Follow.Kind, value: str) -> Target | None:
    try:
        public_id = uuid.UUID(value)
    except ValueError:
        return None
    document = Document.objects.present().filter(public_id=public_id, kind=_DOCUMENTS[kind]).first()
    if document is None:
        return None
    return Target(kind, str(public_id), document.title[:LONGEST_LABEL], document.url)


def query_label(query: SearchQuery) -> str:
    """Return what a search is called, in the active language."""
    vocabulary = Vocabulary.load(get_language())
    names = organization_names(query.facets.get("organization", ()))
    parts = [f"“{query.text}”"] if query.text else []
    for name, values in query.facets.items():
        labels = [value_label(name, value, vocabulary, names) for value in values]
        joined = (" + " if name in query.every else ", ").join(labels)
        parts.append(joined if name == "type" else f"{BY_NAME[name].label}: {joined}")
    if query.since:
        parts.append(gettext("from %(day)s") % {"day": date_format(query.since)})
    if query.until:
        parts.append(gettext("until %(day)s") % {"day": date_format(query.until)})
    label = " · ".join(parts) or gettext("Everything new on this site")
    return label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 1] + "…"


def follow_urls(follows: list[Follow]) -> dict[int, str]:
    """Return where each follow's thing is seen, by the follow's id; empty for what is gone. One query for all."""
    ids = [follow.target for follow in follows if follow.kind != Kind.SEARCH]
    known = {
        str(public_id): url
        for public_id, url in Document.objects.present().filter(public_id__in=ids).values_list("public_id", "url")
    }
    return {
        follow.pk: target_query(follow.target).url("/search/")
        if follow.kind == Kind.SEARCH
        else known.get(follow.target, "")
        for follow in follows
    }
