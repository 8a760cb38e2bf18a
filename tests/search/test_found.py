"""What is said to be found by a query is what its page of results shows, and nothing else."""

import datetime

import pytest
from django.http import QueryDict

from search.engines.postgres import PostgresEngine
from search.expansion import expand
from search.found import documents_found, found_among
from search.models import Document
from search.query import SearchQuery

ADDRESSES = [
    "",
    "q=algorithm",
    "q=algorithm+-warehouse",
    "q=%22health+care%22",
    "q=nurse&type=story&type=campaign",
    "q=algoritm",
    "q=the",
    "q=zzqqxx",
    "type=story",
    "type=campaign&outcome=won",
    "outcome=won&outcome=open&all=outcome",
    "since=2023-01-01",
    "until=2022-12-31&type=resource",
    "since=2022-01-01&until=2024-01-01&q=contract",
    "year=2023",
    "industry=no-such-thing",
    "q=%27+%26+%7C+%21+%3A%2A",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_same_is_found_as_by_the_engine(site: None, address: str) -> None:
    query = SearchQuery.from_params(QueryDict(address))
    text = expand(query.text)
    everything = SearchQuery(**{**vars(query), "size": 10_000})
    hits = {hit.public_id for hit in PostgresEngine().search(everything, text).hits}
    assert set(documents_found(query).values_list("public_id", flat=True)) == hits
    documents = list(Document.objects.present())
    among = found_among(query, documents)
    assert {document.public_id for document in documents if document.pk in among} == hits


def test_what_is_gone_or_has_no_date_is_not_found() -> None:
    gone = Document(pk=1, is_gone=True, facets=["type:story"])
    undated = Document(pk=2, facets=["type:story"])
    dated = Document(pk=3, facets=["type:story"], date=datetime.date(2024, 1, 1))
    query = SearchQuery(facets={"type": ("story",)}, since=datetime.date(2024, 1, 1))
    assert found_among(query, [gone, undated, dated]) == {3}
