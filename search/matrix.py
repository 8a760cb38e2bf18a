"""The matrix of industries and technology families: where stories lie."""

from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _

from search.models import Kind
from search.query import SearchQuery
from search.vocabulary import Term, Vocabulary


@dataclass(frozen=True)
class Cell:
    """How many stories an industry has under a technology family, the address that lists them, and what to call it.

    ``weight`` is 0 to 4, for the shade.
    """

    count: int
    url: str
    label: str
    weight: int


@dataclass(frozen=True)
class Row:
    """An industry."""

    industry: Term
    url: str
    cells: list[Cell]
    total: int


@dataclass(frozen=True)
class Matrix:
    """Families across, industries down; only industries that have stories."""

    families: list[Term]
    rows: list[Row]


def matrix(vocabulary: Vocabulary, *, path: str) -> Matrix:
    """Count public stories by sector and technology family.

    Args:
        vocabulary: labels in the reader's language.
        path: of the page that lists stories.
    """
    families = [term for term in vocabulary.roots("technology") if not term.is_universal]
    industries = vocabulary.roots("industry")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT i.value, t.value, count(*)
            FROM search_document d, unnest(d.facets) AS i (value), unnest(d.facets) AS t (value)
            WHERE NOT d.is_gone AND d.kind = %s AND i.value = ANY(%s) AND (t.value = ANY(%s) OR t.value = 'type:story')
            GROUP BY i.value, t.value
            """,
            [Kind.STORY, [term.value for term in industries], [term.value for term in families]],
        )
        counts = {(industry, family): count for industry, family, count in cursor.fetchall()}
    most = max((count for (_i, family), count in counts.items() if family != "type:story"), default=1)
    rows = []
    for industry in industries:
        total = counts.get((industry.value, "type:story"), 0)
        if not total:
            continue
        base = SearchQuery(facets={"type": ("story",), "industry": (industry.slug,)})
        cells = []
        for family in families:
            count = counts.get((industry.value, family.value), 0)
            label = _("%(count)s stories: %(industry)s, %(technology)s") % {
                "count": count,
                "industry": industry.label,
                "technology": family.label,
            }
            url = base.with_value("technology", family.slug).url(path)
            cells.append(Cell(count, url, label, 0 if not count else 1 + round(3 * count / most)))
        rows.append(Row(industry, base.url(path), cells, total))
    return Matrix(families, sorted(rows, key=lambda row: (row.industry.is_universal, -row.total, row.industry.label)))
