"""A search: text, facets, order and page. Parsed from a URL, and back to one: any URL is a permalink.

Whatever stands in a URL makes a query; what makes no sense in it is left out.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import urlencode

from django.http import QueryDict

from search.facets import BY_NAME, FACETS

Sort = Literal["relevance", "newest"]
LONGEST_TEXT = 300
MOST_VALUES = 50
MOST_PAGES = 500
PAGE_SIZE = 20
# A text of so many words is a description, not keywords: it belongs to matching, where nothing of it is kept.
DESCRIPTION_WORDS = 12
_VALUE = re.compile(r"^[^\x00-\x1f:]{1,160}$")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")


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
        return cls(text, facets, every, sort, min(max(page, 1), MOST_PAGES), dict(fixed or {}))

    def params(self) -> list[tuple[str, str]]:
        """Return the URL parameters, in one fixed order: equal queries have equal addresses."""
        found = [("q", self.text)] if self.text else []
        found += [(name, value) for name in BY_NAME for value in self.facets.get(name, ())]
        found += [("all", name) for name in BY_NAME if name in self.every]
        if self.sort != "relevance":
            found.append(("sort", self.sort))
        if self.page > 1:
            found.append(("page", str(self.page)))
        return found

    def url(self, path: str = "") -> str:
        """Return the query's permalink below a path."""
        params = self.params()
        return f"{path}?{urlencode(params)}" if params else path or "?"

    def with_value(self, name: str, value: str) -> "SearchQuery":
        """Return the query with one value more, on its first page."""
        chosen = tuple(sorted({*self.facets.get(name, ()), value}))
        return replace(self, facets={**self.facets, name: chosen}, page=1)

    def without_value(self, name: str, value: str) -> "SearchQuery":
        """Return the query with one value less, on its first page."""
        chosen = tuple(other for other in self.facets.get(name, ()) if other != value)
        facets = {key: values for key, values in self.facets.items() if key != name}
        if chosen:
            facets[name] = chosen
        every = self.every if len(chosen) > 1 else self.every - {name}
        return replace(self, facets=facets, every=every, page=1)

    def without_facet(self, name: str) -> "SearchQuery":
        """Return the query without any value of a facet."""
        facets = {key: values for key, values in self.facets.items() if key != name}
        return replace(self, facets=facets, every=self.every - {name}, page=1)

    def with_text(self, text: str) -> "SearchQuery":
        """Return the query with other words, on its first page."""
        return replace(self, text=text, page=1)

    def with_every(self, name: str, *, on: bool) -> "SearchQuery":
        """Return the query asking for all chosen values of a facet, or for any."""
        return replace(self, every=self.every | {name} if on else self.every - {name}, page=1)

    def with_sort(self, sort: Sort) -> "SearchQuery":
        """Return the query in another order, on its first page."""
        return replace(self, sort=sort, page=1)

    def with_page(self, page: int) -> "SearchQuery":
        """Return another page of the query."""
        return replace(self, page=page)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked: everything is shown."""
        return not self.text and not self.facets

    @property
    def is_description(self) -> bool:
        """Whether the text tells what happened rather than naming it."""
        return len(self.text.split()) >= DESCRIPTION_WORDS

    def filters(self) -> dict[str, tuple[str, ...]]:
        """Return chosen and fixed values by facet."""
        return {**self.facets, **self.fixed}
