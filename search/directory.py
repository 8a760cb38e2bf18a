"""The directory of organizations as a map and on paper.

The map is a grid of equal tiles, one a state, as newspapers print it: small states stay readable and nothing is fetched
from a map service. The place facet of a search is all it draws on.
"""

from dataclasses import dataclass, replace

from search.models import Kind
from search.pages import Hit, SearchPage, search
from search.query import SearchQuery
from search.vocabulary import Vocabulary

# Rows of tiles from north to south; "" is sea or another country. Slugs of concepts of places.
_ROWS = (
    "alaska . . . . . . . . . maine",
    ". . . . . . . . . vermont new-hampshire",
    "washington idaho montana north-dakota minnesota illinois wisconsin michigan new-york rhode-island massachusetts",
    "oregon nevada wyoming south-dakota iowa indiana ohio pennsylvania new-jersey connecticut .",
    "california utah colorado nebraska missouri kentucky west-virginia virginia maryland delaware .",
    ". arizona new-mexico kansas arkansas tennessee north-carolina south-carolina district-of-columbia . .",
    ". . . oklahoma louisiana mississippi alabama georgia . . .",
    "hawaii . . texas . . . . florida . .",
)
# fmt: off
_ABBREVIATIONS = {
    "alaska": "AK", "maine": "ME", "vermont": "VT", "new-hampshire": "NH", "washington": "WA", "idaho": "ID",
    "montana": "MT", "north-dakota": "ND", "minnesota": "MN", "illinois": "IL", "wisconsin": "WI", "michigan": "MI",
    "new-york": "NY", "rhode-island": "RI", "massachusetts": "MA", "oregon": "OR", "nevada": "NV", "wyoming": "WY",
    "south-dakota": "SD", "iowa": "IA", "indiana": "IN", "ohio": "OH", "pennsylvania": "PA", "new-jersey": "NJ",
    "connecticut": "CT", "california": "CA", "utah": "UT", "colorado": "CO", "nebraska": "NE", "missouri": "MO",
    "kentucky": "KY", "west-virginia": "WV", "virginia": "VA", "maryland": "MD", "delaware": "DE", "arizona": "AZ",
    "new-mexico": "NM", "kansas": "KS", "arkansas": "AR", "tennessee": "TN", "north-carolina": "NC",
    "south-carolina": "SC", "district-of-columbia": "DC", "oklahoma": "OK", "louisiana": "LA", "mississippi": "MS",
    "alabama": "AL", "georgia": "GA", "hawaii": "HI", "texas": "TX", "florida": "FL",
}
# fmt: on
# On paper, and for a map, a directory is read whole; a longer one is narrowed first.
MOST_PRINTED = 1000


@dataclass(frozen=True)
class Tile:
    """One place: its name and abbreviation, how many organizations work there, the list of them, a shade of 0 to 4."""

    slug: str
    label: str
    abbreviation: str
    count: int
    url: str
    weight: int


@dataclass(frozen=True)
class DirectoryMap:
    """Rows of tiles (None where there is none), and every place with organizations, most first."""

    rows: list[list[Tile | None]]
    places: list[Tile]


def directory_query(params: object) -> SearchQuery:
    """Return what a URL asks of the directory."""
    return SearchQuery.from_params(params, fixed={"type": (Kind.ORGANIZATION,)})  # type: ignore[arg-type]


def directory_map(query: SearchQuery, *, path: str, vocabulary: Vocabulary) -> DirectoryMap:
    """Return where the organizations work that a query finds.

    Args:
        query: as :func:`directory_query` returns it; a place in it is left out, or the map would show only that.
        path: of the list that tiles lead to.
        vocabulary: labels in the reader's language.
    """
    anywhere = query.without_facet("place")
    page = search(replace(anywhere, size=1), path=path, vocabulary=vocabulary)
    box = next((box for box in page.boxes if box.facet.name == "place"), None)
    counts = {choice.value: choice.count for choice in box.choices} if box else {}
    most = max((count for slug, count in counts.items() if slug in _ABBREVIATIONS), default=1)

    def tile(slug: str) -> Tile:
        count = counts.get(slug, 0)
        label = vocabulary.label(f"place:{slug}")
        if label in (slug, f"place:{slug}"):
            # No content names it yet, so that there is no concept with a name.
            label = slug.replace("-", " ").title()
        url = anywhere.with_value("place", slug).url(path)
        weight = 0 if not count else min(4, 1 + round(3 * count / most))
        return Tile(slug, label, _ABBREVIATIONS.get(slug, ""), count, url, weight)

    rows = [[None if slug == "." else tile(slug) for slug in row.split()] for row in _ROWS]
    places = sorted((tile(slug) for slug in counts), key=lambda each: (-each.count, each.label))
    return DirectoryMap(rows, places)


def directory_whole(query: SearchQuery, *, path: str, vocabulary: Vocabulary) -> tuple[SearchPage, list[Hit]]:
    """Return everything a query finds in the directory, by name, up to ``MOST_PRINTED``."""
    page = search(replace(query, size=MOST_PRINTED, page=1, after=""), path=path, vocabulary=vocabulary)
    return page, sorted(page.hits, key=lambda hit: hit.document.title.casefold())
