"""What a search finds, as a table."""

import csv
from io import StringIO

import pytest
from django.test import Client

from tests import factories

pytestmark = pytest.mark.usefixtures("site")


def rows(visitor: Client, query: str, language: str = "en") -> list[dict[str, str]]:
    response = visitor.get(f"/search/results.csv?{query}", headers={"accept-language": language})
    assert (response.status_code, response["Content-Type"]) == (200, "text/csv; charset=utf-8")
    return list(csv.DictReader(StringIO(response.content.decode("utf-8-sig"))))


def test_the_table_holds_what_the_page_finds(visitor: Client) -> None:
    for query in ("q=scheduling", "type=organization", "technology=scheduling-by-algorithm&outcome=won", "q=zzzz"):
        total = visitor.get(f"/search/?{query}").context["results"].total
        assert len(rows(visitor, query)) == total, query
    listing = visitor.get("/organizations/").content.decode()
    assert 'href="/search/results.csv?type=organization"' in listing


def test_a_row_says_what_a_list_says_and_no_more(visitor: Client) -> None:
    factories.organization("=cmd()", contact="Call 555-0100")
    factories.story("Lamps that count", when_year=2024, when_month=3)
    (found,) = rows(visitor, "q=cmd")
    assert (found["title"], found["contact"], found["type"]) == ("'=cmd()", "Call 555-0100", "Organization")
    (story,) = rows(visitor, "q=lamps+that+count")
    assert (story["date"], story["industries"]) == ("2024-03", "Test industry")
    assert story["address"].startswith("http")
    assert "Historia" in rows(visitor, "q=lamps+that+count", "es")[0].values()


@pytest.mark.parametrize("query", ["page=-1", "q=%00", "type=<script>", "harm=" + "x" * 400, "%FF=%FE"])
def test_any_garbage_gets_a_table(visitor: Client, query: str) -> None:
    rows(visitor, query)
