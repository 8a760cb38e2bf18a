"""Which documents a query finds, as a queryset or of one document: the same set that every engine gives.

For whoever asks not for a page of results but about documents known otherwise: what is new, and in which order.
"""

from collections.abc import Collection

from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from search.engines.postgres import tsquery
from search.expansion import ExpandedText, expand
from search.models import Document
from search.query import SearchQuery


def documents_found(query: SearchQuery, *, text: ExpandedText | None = None) -> QuerySet[Document]:
    """Return every public document that a query finds, on whichever page, in no order.

    Args:
        query: text, facets and dates.
        text: its text expanded, if already done.
    """
    found: QuerySet[Document] = Document.objects.present()
    for name, chosen in query.filters().items():
        values = [f"{name}:{value}" for value in chosen]
        found = found.filter(**{"facets__contains" if name in query.every else "facets__overlap": values})
    if query.since is not None:
        found = found.filter(date__gte=query.since)
    if query.until is not None:
        found = found.filter(date__lte=query.until)
    text = expand(query.text) if text is None else text
    for group, sign in [*((group, "") for group in text.wanted), *((group, "!!") for group in text.unwanted)]:
        words = " | ".join(f"({tsquery(phrase.words)})" for phrase in group.phrases)
        found = found.filter(
            RawSQL(f"search_document.words @@ ({sign}%s::tsquery)", [words], output_field=BooleanField())  # noqa: S611
        )
    return found


def filters_pass(query: SearchQuery, document: Document) -> bool:
    """Whether a document passes a query's facets and dates; its words are not looked at."""
    carried = set(document.facets)
    for name, chosen in query.filters().items():
        wanted = {f"{name}:{value}" for value in chosen}
        if not (wanted <= carried if name in query.every else wanted & carried):
            return False
    if (query.since or query.until) and document.date is None:
        return False
    if query.since is not None and document.date is not None and document.date < query.since:
        return False
    return query.until is None or document.date is None or document.date <= query.until


def found_among(query: SearchQuery, documents: Collection[Document]) -> set[int]:
    """Return the ids of those documents that a query finds; asks the database only where there are words."""
    passing = {document.pk for document in documents if not document.is_gone and filters_pass(query, document)}
    if not passing or not query.text:
        return passing
    return set(documents_found(query).filter(pk__in=passing).values_list("pk", flat=True))
