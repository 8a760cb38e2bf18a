"""How common a combination is: each claim is counted by hand in the data."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from cms.taxonomy.models import Harm, Industry, TechnologyType
from cms.taxonomy.schemes import Scheme
from search.linked import Linked, linked_documents
from search.matching.situations import named
from search.models import Document, Link
from search.vocabulary import Vocabulary
from tests import factories

pytestmark = pytest.mark.usefixtures("site")

WAREHOUSE, HOSPITAL = "warehouse-workers-tracked-through-equipment", "hospital-staff-tracked-through-equipment"
ALL_KINDS = {"story": 10, "campaign": 5, "resource": 10, "organization": 8}


def story(slug: str) -> Document:
    return Document.objects.get(url=f"/stories/{slug}/")


def first_link(slug: str = WAREHOUSE) -> Linked:
    return linked_documents(story(slug), Vocabulary.load("en"), limits={"story": 5})["story"][0]


def claim(text: str) -> tuple[int, int]:
    """Return the numbers of stories and of sectors that a claim names."""
    if "no other story here yet" in text:
        return 0, 0
    stories = re.search(r"(\d+) more stor(?:y|ies)", text)
    sectors = re.search(r"(\d+) industry sectors?", text)
    assert stories
    return int(stories[1]), int(sectors[1]) if sectors else 0


def test_each_claim_is_what_one_counts_by_hand() -> None:
    stories = list(Document.objects.present().filter(kind="story", is_demonstration=False))
    reasons = {(link.source_id, link.target_id): link.reasons for link in Link.objects.all()}
    made = 0
    for document in Document.objects.filter(pk__in=Link.objects.values("source")):
        for entries in linked_documents(document, Vocabulary.load("en"), limits=ALL_KINDS).values():
            for linked in entries:
                shared = set(named(reasons[document.pk, linked.document.pk], "technology", "harm"))
                if not shared:
                    assert linked.reason.commonness == ""
                    continue
                others = [
                    other
                    for other in stories
                    if other.pk not in {document.pk, linked.document.pk} and shared <= set(other.facets)
                ]
                sectors = {sector for other in others for sector in other.sectors}
                assert claim(linked.reason.commonness) == (len(others), len(sectors))
                made += 1
    assert made > 100


def test_a_story_published_or_taken_down_counts_at_once_and_what_lies_below_a_concept_counts_for_it() -> None:
    before = claim(first_link().reason.commonness)
    technology, harm = (
        TechnologyType.objects.get(slug="equipment-tracking"),
        Harm.objects.get(slug="data-used-for-discipline"),
    )
    below = factories.concept(Scheme.TECHNOLOGY, "Tracking through carts", broader=technology)
    page = factories.story(technologies=[below], harms=[harm], industries=[Industry.objects.get(slug="all-industries")])
    stories, sectors = claim(first_link().reason.commonness)
    assert (stories, sectors) == (before[0] + 1, before[1])  # a story about all industries lies in no sector
    page.set_concepts(Scheme.INDUSTRY, [factories.concept(Scheme.INDUSTRY, "A sector of its own", notation="98")])
    page.save()
    assert claim(first_link().reason.commonness) == (before[0] + 1, before[1] + 1)
    page.unpublish()
    assert claim(first_link().reason.commonness) == before


def test_a_story_with_only_some_of_the_concepts_does_not_count() -> None:
    before = first_link().reason.commonness
    factories.story(technologies=[TechnologyType.objects.get(slug="equipment-tracking")])
    assert first_link().reason.commonness == before


def test_made_up_stories_count_only_beside_made_up_ones() -> None:
    before = claim(first_link().reason.commonness)
    factories.story(
        technologies=[TechnologyType.objects.get(slug="equipment-tracking")],
        harms=[Harm.objects.get(slug="data-used-for-discipline")],
        is_demonstration=True,
    )
    assert claim(first_link().reason.commonness) == before
    Document.objects.filter(pk=story(HOSPITAL).pk).update(is_demonstration=True)
    assert claim(first_link().reason.commonness)[0] == before[0] + 1


def test_nothing_is_claimed_of_a_concept_that_one_of_both_no_longer_carries() -> None:
    assert first_link().reason.commonness
    other = story(HOSPITAL)
    other.facets = [value for value in other.facets if value != "harm:data-used-for-discipline"]
    other.save(update_fields=["facets"])
    assert first_link().reason.commonness == ""


def test_one_query_counts_for_all_links_of_a_page() -> None:
    vocabulary = Vocabulary.load("en")
    with CaptureQueriesContext(connection) as queries:
        linked_documents(story(WAREHOUSE), vocabulary, limits=ALL_KINDS)
    assert len([query for query in queries if "jsonb_to_recordset" in query["sql"]]) == 1


def test_the_page_says_it_in_words_and_so_does_the_bar(visitor: Client) -> None:
    html = visitor.get(f"/stories/{WAREHOUSE}/").content.decode()
    assert first_link().reason.commonness in html
    bars = re.findall(
        r"<li>\s*<span>([^<]+)</span>\s*<meter[^>]*aria-hidden=\"true\"[^>]*></meter>\s*<span>(\d+) %", html
    )
    assert len(bars) == html.count("<meter")
    assert {name for name, _share in bars} <= {
        "told alike",
        "sentence by sentence",
        "words in common",
        "topics in common",
        "product, vendor or employer in common",
    }


def test_it_is_said_in_spanish() -> None:
    with translation.override("es"):
        said = linked_documents(story(WAREHOUSE), Vocabulary.load("es"), limits={"story": 1})["story"][0].reason
    assert said.commonness.startswith("La misma tecnología y el mismo daño: ")


def test_ones_own_words_get_it_too(visitor: Client) -> None:
    text = "My hours change every week because the algorithm schedules us, and I lose wages. We are monitored all day."
    found = visitor.post("/match/", {"text": text, "language": "en"}).context["found"]
    for linked in found.stories:
        if linked.reason.commonness:
            claim(linked.reason.commonness)
    assert any(linked.reason.commonness for linked in found.stories)
