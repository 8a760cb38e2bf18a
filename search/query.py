"""A search: text, facets, order and page. Parsed from a URL, and back to one: any URL is a permalink.

Whatever stands in a URL makes a query; what makes no sense in it is left out.
"""

import datetime
import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import quote_plus, urlencode

from django.http import QueryDict

from search.facets import BY_NAME, FACETS

Sort = Literal["relevance", "newest"]
LONGEST_TEXT = 300
MOST_VALUES = 50
MOST_PAGES = 500
PAGE_SIZE = 20
# A text of so many words is a description, not keywords: it belongs to matching, where nothing of it is kept.
DESCRIPTION_WORDS = 12
_VALUE = re.compile(r"^[^\x00-\x1f]{1,160}$")
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_PLACE = re.compile(r"^[A-Za-z0-9_-]{1,300}\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")


_quoted = functools.lru_cache(maxsize=8192)(quote_plus)


def _date(text: str) -> datetime.date | None:
    """Return the day that a parameter names, if it names one."""
    if not _DAY.match(text):
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


@dataclass(frozen=True)
class SearchQuery:
    """What somebody wants to see. Immutable; the ``with_…`` methods return another."""

    text: str = ""
    # Facet name → chosen values, sorted.
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # Names of the facets of which a thing must carry all chosen values, not any.
    every: frozenset[str] = frozenset()
    sort: Sort = "relevance"
    page: int = 1
    # Only what is dated in this span, both days included.
    since: datetime.date | None = None
    until: datetime.date | None = None
    # The place behind which the page begins, as the engine that gave it wrote it: how one goes deep without counting.
    after: str = ""
    # Facet values that the page itself stands for (a list of stories); they are no part of the URL.
    fixed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    size: int = PAGE_SIZE

    @classmethod
    def from_params(
        cls, params: QueryDict | Mapping[str, Iterable[str]], *, fixed: Mapping[str, tuple[str, ...]] | None = None
    ) -> "SearchQuery":
        """Return the query that a URL asks for.

        Args:
            params: the URL's parameters; anything may stand in them.
            fixed: facet values that the page itself stands for.
        """

        def values(name: str) -> list[str]:
            found = params.getlist(name) if isinstance(params, QueryDict) else list(params.get(name, []))
            return [str(value) for value in found]

        text = " ".join(_CONTROL.sub(" ", " ".join(values("q"))).split())[:LONGEST_TEXT].strip()
        facets = {}
        for facet in FACETS:
            if fixed and facet.name in fixed:
                continue
            chosen = sorted({value.strip() for value in values(facet.name) if _VALUE.match(value.strip())})
            if chosen:
                facets[facet.name] = tuple(chosen[:MOST_VALUES])
        every = frozenset(name for name in values("all") if name in facets and BY_NAME[name].can_all)
        wanted_sort = (values("sort") or [""])[-1]
        sort: Sort = "newest" if wanted_sort == "newest" else "relevance"
        digits = (values("page") or ["1"])[-1]
        page = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 7 else 1
        after = (values("after") or [""])[-1]
        if page < 2 or not _PLACE.match(after):
            # Whoever did not come here from the page before is taken no deeper than one can count.
            page, after = min(max(page, 1), MOST_PAGES), ""
        return cls(
            text,
            facets,
            every,
            sort,
            page,
            since=_date((values("since") or [""])[-1]),
            until=_date((values("until") or [""])[-1]),
            after=after,
            fixed=dict(fixed or {}),
        )

    def params(self) -> list[tuple[str, str]]:
        """Return the URL parameters, in one fixed order: equal queries have equal addresses."""
        found = [("q", self.text)] if self.text else []
        found += [(name, value) for name in BY_NAME for value in self.facets.get(name, ())]
        found += [("all", name) for name in BY_NAME if name in self.every]
        found += [(name, day.isoformat()) for name, day in (("since", self.since), ("until", self.until)) if day]
        if self.sort != "relevance":
            found.append(("sort", self.sort))
        if self.page > 1:
            found.append(("page", str(self.page)))
            if self.after:
                found.append(("after", self.after))
        return found

    def url(self, path: str = "") -> str:
        """Return the query's permalink below a path."""
        params = self.params()
        return f"{path}?{urlencode(params)}" if params else path or "?"

    def with_value(self, name: str, value: str) -> "SearchQuery":
        """Return the query with one value more, on its first page."""
        chosen = tuple(sorted({*self.facets.get(name, ()), value}))
        return replace(self, facets={**self.facets, name: chosen}, page=1, after="")

    def addresses_with(self, name: str, path: str) -> Callable[[str], str]:
        """Return a function that gives the address with one value more; quick, because a page has hundreds of these."""
        chosen = self.facets.get(name, ())
        names = list(self._encoded)
        at = names.index(name)
        before = "".join(f"{self._encoded[other]}&" for other in names[:at] if self._encoded[other])
        after = "".join(f"&{self._encoded[other]}" for other in names[at + 1 :] if self._encoded[other])
        before = f"{path}?{before}"

        def address(value: str) -> str:
            if not chosen:
                return f"{before}{name}={_quoted(value)}{after}"
            values = "&".join(f"{name}={_quoted(other)}" for other in sorted({*chosen, value}))
            return f"{before}{values}{after}"

        return address

    @functools.cached_property
    def _encoded(self) -> dict[str, str]:
        """Return what stands in the first page's address, by parameter and in order; empty for a facet not chosen."""
        found: dict[str, list[tuple[str, str]]] = {"q": [], **{name: [] for name in BY_NAME}}
        for name, value in replace(self, page=1, after="").params():
            found.setdefault(name, []).append((name, value))
        return {name: urlencode(values) for name, values in found.items()}

    def without_value(self, name: str, value: str) -> "SearchQuery":
        """Return the query with one value less, on its first page."""
        chosen = tuple(other for other in self.facets.get(name, ()) if other != value)
        facets = {key: values for key, values in self.facets.items() if key != name}
        if chosen:
            facets[name] = chosen
        every = self.every if len(chosen) > 1 else self.every - {name}
        return replace(self, facets=facets, every=every, page=1, after="")

    def without_facet(self, name: str) -> "SearchQuery":
        """Return the query without any value of a facet."""
        facets = {key: values for key, values in self.facets.items() if key != name}
        return replace(self, facets=facets, every=self.every - {name}, page=1, after="")

    def with_text(self, text: str) -> "SearchQuery":
        """Return the query with other words, on its first page."""
        return replace(self, text=text, page=1, after="")

    def with_every(self, name: str, *, on: bool) -> "SearchQuery":
        """Return the query asking for all chosen values of a facet, or for any."""
        return replace(self, every=self.every | {name} if on else self.every - {name}, page=1, after="")

    def with_sort(self, sort: Sort) -> "SearchQuery":
        """Return the query in another order, on its first page."""
        return replace(self, sort=sort, page=1, after="")

    def with_page(self, page: int, *, after: str = "") -> "SearchQuery":
        """Return another page of the query; behind a place, if one is known."""
        return replace(self, page=page, after=after)

    def with_dates(self, since: datetime.date | None, until: datetime.date | None) -> "SearchQuery":
        """Return the query for a span of time, on its first page."""
        return replace(self, since=since, until=until, page=1, after="")

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked: everything is shown."""
        return not self.text and not self.facets and not self.since and not self.until

    @property
    def is_description(self) -> bool:
        """Whether the text tells what happened rather than naming it."""
        return len(self.text.split()) >= DESCRIPTION_WORDS

    def filters(self) -> dict[str, tuple[str, ...]]:
        """Return chosen and fixed values by facet."""
        return {**self.facets, **self.fixed}
