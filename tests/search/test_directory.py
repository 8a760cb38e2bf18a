"""The directory as a map and on paper."""

import re

import pytest
from django.test import Client

from cms.taxonomy.schemes import Scheme
from tests import factories

pytestmark = pytest.mark.usefixtures("site")


def test_the_map_counts_what_the_list_counts(visitor: Client) -> None:
    nevada = factories.concept(Scheme.PLACE, "Nevada")
    for number in range(3):
        page = factories.organization(f"Local {number}")
        page.set_concepts(Scheme.PLACE, [nevada])
        page.save()
    answer = visitor.get("/directory/map/")
    drawn = answer.context["map"]
    (tile,) = [tile for row in drawn.rows for tile in row if tile and tile.slug == "nevada"]
    assert (tile.label, tile.abbreviation, tile.count) == ("Nevada", "NV", 3)
    assert visitor.get(tile.url).context["page"].LISTS == "organization"
    found = re.search(r"(\d+) result", visitor.get(tile.url).content.decode())
    assert found
    assert found[1] == "3"
    assert {place.slug: place.count for place in drawn.places}["nevada"] == 3
    assert [len(row) for row in drawn.rows] == [11] * 8


def test_every_organization_stands_on_paper_once_by_name(visitor: Client) -> None:
    factories.organization("Zebra Workers", contact="Call 555-0100")
    hits = visitor.get("/directory/print/").context["hits"]
    titles = [hit.document.title for hit in hits]
    assert titles == sorted(titles, key=str.casefold)
    assert titles.count("Zebra Workers") == 1
    assert "Call 555-0100" in visitor.get("/directory/print/").content.decode()


def test_filters_hold_on_paper_and_on_the_map(visitor: Client) -> None:
    factories.organization("A center of workers", kind="worker-center")
    kinds = {hit.document.card["form"] for hit in visitor.get("/directory/print/?form=worker-center").context["hits"]}
    assert kinds == {"worker-center"}
    assert visitor.get("/directory/map/?form=%00&place=nevada&q=" + "x" * 500).status_code == 200
