"""What a search finds as a table: a row a document, the same set as its page, newest first."""

from collections.abc import Iterator

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext as _

from cms.base.outcomes import Outcome
from search.found import documents_found
from search.models import Document, Kind
from search.query import SearchQuery
from search.vocabulary import Vocabulary

# A table is read whole; a longer list is narrowed first.
MOST_ROWS = 2000
_SCHEMES = ("industry", "technology", "harm", "place")


def table_header() -> list[str]:
    """Return what the columns are called, in the reader's language."""
    return [
        *(_("type"), _("title"), _("address"), _("date"), _("outcome"), _("organizations"), _("contact")),
        *(_("industries"), _("technology types"), _("harms"), _("places"), _("made up for demonstration")),
    ]


def table_rows(query: SearchQuery, vocabulary: Vocabulary) -> Iterator[list[str]]:
    """Yield a row for each document that a query finds, up to ``MOST_ROWS``.

    Args:
        query: text, facets and dates; its page and order do not matter.
        vocabulary: labels in the reader's language.
    """
    found = documents_found(query).only("kind", "title", "url", "date", "card", "concepts", "is_demonstration")
    for document in found.order_by(F("date").desc(nulls_last=True), "title", "public_id")[:MOST_ROWS]:
        card = document.card
        outcome = card.get("outcome")
        yield [
            str(Kind(document.kind).label),
            document.title,
            f"{settings.PUBLIC_URL}{document.url}",
            _date(document),
            str(Outcome(outcome).label) if outcome else "",
            "; ".join(organization["title"] for organization in card.get("organizations", [])),
            card.get("contact", ""),
            *(_labels(document, scheme, vocabulary) for scheme in _SCHEMES),
            _("yes") if document.is_demonstration else "",
        ]


def _date(document: Document) -> str:
    if document.kind == Kind.STORY:
        # No finer than its author wants.
        return "-".join(f"{part:02}" for part in document.card.get("when", []) if part)
    return document.date.isoformat() if document.date else ""


def _labels(document: Document, scheme: str, vocabulary: Vocabulary) -> str:
    return "; ".join(vocabulary.label(value) for value in document.concepts if value.startswith(f"{scheme}:"))
