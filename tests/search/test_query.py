"""Queries and addresses: any URL makes a query, and any query has one address."""

from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from search.facets import BY_NAME
from search.query import LONGEST_TEXT, MOST_PAGES, SearchQuery

names = st.sampled_from([*BY_NAME, "q", "all", "sort", "page", "utm_source", ""])
garbage = st.lists(st.tuples(names, st.text(max_size=40)), max_size=12)
values = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20)
queries = st.builds(
    SearchQuery,
    text=st.lists(values, max_size=4).map(" ".join),
    facets=st.dictionaries(
        st.sampled_from(list(BY_NAME)), st.sets(values, min_size=1, max_size=3).map(lambda found: tuple(sorted(found)))
    ),
    sort=st.sampled_from(["relevance", "newest"]),
    page=st.integers(1, MOST_PAGES),
)


def parsed(pairs: list[tuple[str, str]]) -> SearchQuery:
    params = QueryDict(mutable=True)
    for name, value in pairs:
        params.appendlist(name, value)
    return SearchQuery.from_params(params)


@given(garbage)
def test_any_parameters_make_a_query_whose_address_makes_the_same_query(pairs: list[tuple[str, str]]) -> None:
    query = parsed(pairs)
    assert parsed(query.params()) == query
    assert 1 <= query.page <= MOST_PAGES
    assert len(query.text) <= LONGEST_TEXT
    assert "\x00" not in query.url("/search/")


@given(queries)
def test_a_query_survives_its_address(query: SearchQuery) -> None:
    assert parsed(query.params()) == query


@given(queries, st.sampled_from(list(BY_NAME)), values)
def test_adding_a_value_and_taking_it_back_leaves_the_rest(query: SearchQuery, name: str, value: str) -> None:
    added = query.with_value(name, value)
    assert value in added.facets[name]
    removed = added.without_value(name, value)
    rest = {key: set(chosen) - ({value} if key == name else set()) for key, chosen in query.facets.items()}
    assert {key: set(chosen) for key, chosen in removed.facets.items()} == {k: v for k, v in rest.items() if v}
    assert removed.page == 1


def test_what_a_page_stands_for_is_no_part_of_its_address() -> None:
    query = SearchQuery.from_params(QueryDict("type=campaign&q=pay"), fixed={"type": ("story",)})
    assert query.filters() == {"type": ("story",)}
    assert query.url("/stories/") == "/stories/?q=pay"


def test_a_long_text_is_a_description() -> None:
    assert parsed([("q", "gps tracking nurses")]).is_description is False
    assert parsed([("q", "they gave us new badges and now they know when I go to the bathroom")]).is_description is True


def test_only_facets_that_can_be_met_together_can_be_asked_for_all() -> None:
    assert parsed([("harm", "a"), ("harm", "b"), ("all", "harm")]).every == {"harm"}
    assert parsed([("stage", "feared"), ("stage", "piloted"), ("all", "stage")]).every == frozenset()


@given(queries, st.sampled_from(list(BY_NAME)), values)
def test_quick_addresses_are_those_of_the_query_with_the_value(query: SearchQuery, name: str, value: str) -> None:
    assert query.addresses_with(name, "/search/")(value) == query.with_value(name, value).url("/search/")
