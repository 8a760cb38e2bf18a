"""Stored links: other industries, reasons that hold, and an editor's word that beats the machine."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page

from cms.taxonomy.schemes import Scheme
from search.documents import document_write
from search.engines.snapshots import columns
from search.linked import linked_documents
from search.matching.judging import judgement_record
from search.matching.learning import is_collection_to_be_learned, is_learned, unlearned
from search.matching.links import links_of, outbox_drain, unlinked
from search.matching.matcher import Match, Matcher
from search.matching.trees import tree_of
from search.models import Document, Judgement, Kind, Link
from search.text import firm_key
from search.vocabulary import Vocabulary
from tests import factories

pytestmark = pytest.mark.usefixtures("site")


def story(slug: str) -> Document:
    return Document.objects.get(url=f"/stories/{slug}/")


def shown(document: Document) -> list[str]:
    found = linked_documents(document, Vocabulary.load("en"), limits={"story": 5})
    return [linked.document.url.split("/")[-2] for linked in found["story"]]


def test_no_story_is_linked_to_one_of_its_own_industry() -> None:
    for link in Link.objects.filter(source__kind="story", target__kind="story").select_related("source", "target"):
        assert not set(link.source.subsectors) & set(link.target.subsectors)


def test_every_reason_holds_in_the_data() -> None:
    checked = 0
    for link in Link.objects.select_related("source", "target"):
        reasons = link.reasons
        for value in reasons["shared"]:
            assert value in link.source.facets
            assert value in link.target.facets
        for name in reasons["employers"]:
            assert firm_key(link.source.card["employer"]) == firm_key(name) == firm_key(link.target.card["employer"])
        if reasons["sentences"]:
            mine, theirs = reasons["sentences"]
            assert mine in {passage.text for passage in link.source.passages.all()}
            assert theirs in {passage.text for passage in link.target.passages.all()}
        assert abs(sum(reasons["parts"].values()) - link.score) < 0.01
        checked += 1
    assert checked > 300


def test_warehouse_and_hospital_find_each_other_and_say_why() -> None:
    document = story("warehouse-workers-tracked-through-equipment")
    found = linked_documents(document, Vocabulary.load("en"), limits={"story": 5})["story"][0]
    assert found.document.url == "/stories/hospital-staff-tracked-through-equipment/"
    assert found.reason.sentence == "Both: tracking through equipment and data used for discipline."
    assert found.reason.mine in document.standfirst


def test_reasons_are_said_in_the_readers_language() -> None:
    from django.utils import translation

    document = story("warehouse-workers-tracked-through-equipment")
    with translation.override("es"):
        found = linked_documents(document, Vocabulary.load("es"), limits={"story": 5})["story"][0]
    assert "Tracking" not in found.reason.sentence


def test_a_new_story_is_linked_and_enters_the_links_of_others() -> None:
    from cms.taxonomy.models import Harm, TechnologyType

    page = factories.story(
        "Cleaners are tracked through their carts",
        standfirst="The carts that cleaners push track them, and the data is used to discipline them.",
        technologies=[TechnologyType.objects.get(slug="equipment-tracking")],
        harms=[Harm.objects.get(slug="data-used-for-discipline")],
        industries=[factories.concept(Scheme.INDUSTRY, "Services to buildings", notation="567")],
    )
    outbox_drain()
    assert not unlinked().exists()
    document = Document.objects.get(public_id=page.public_id)
    assert set(shown(document)[:2]) == {
        "warehouse-workers-tracked-through-equipment",
        "hospital-staff-tracked-through-equipment",
    }
    assert page.slug in shown(story("warehouse-workers-tracked-through-equipment"))


def test_the_same_employer_in_another_industry_is_found_and_named() -> None:
    one = factories.story(
        "My breaks are counted",
        industries=[factories.concept(Scheme.INDUSTRY, "Services to buildings", notation="567")],
        employer="Example Freight, Inc.",
    )
    other = factories.story(
        "They read our post",
        industries=[factories.concept(Scheme.INDUSTRY, "Postal work", notation="491")],
        employer="the example freight",
    )
    outbox_drain()
    link = Link.objects.get(source__public_id=one.public_id, target__public_id=other.public_id)
    assert link.rank == 1
    assert link.reasons["employers"] == ["the example freight"]
    assert link.reasons["parts"]["named"] > 0
    document = Document.objects.get(public_id=one.public_id)
    found = linked_documents(document, Vocabulary.load("en"), limits={"story": 5})["story"][0]
    assert found.reason.sentence == "Both: test technology and the example freight, the same employer."
    assert "product, vendor or employer in common" in {bar.name for bar in found.reason.bars}
    with_no_name = factories.story("Nobody is named", employer="")
    outbox_drain()
    nameless = Document.objects.get(public_id=with_no_name.public_id)
    assert not [value for value in nameless.facets if value.startswith("employer:")]
    assert not any(link.reasons["employers"] for link in nameless.links.all())


@pytest.mark.parametrize("make", [factories.campaign, factories.resource])
def test_a_new_document_of_another_kind_enters_the_links_of_the_stories_it_answers(make: Callable[..., Any]) -> None:
    from cms.taxonomy.models import Harm, TechnologyType

    page = make("Carts, scanners and badges that track us must not be used for discipline")
    page.standfirst = "Warehouse workers are tracked through the equipment they use, and disciplined with the data."
    page.set_concepts(Scheme.TECHNOLOGY, [TechnologyType.objects.get(slug="equipment-tracking")])
    page.set_concepts(Scheme.HARM, [Harm.objects.get(slug="data-used-for-discipline")])
    page.save()
    outbox_drain()
    document = Document.objects.get(public_id=page.public_id)
    for slug in ("warehouse-workers-tracked-through-equipment", "hospital-staff-tracked-through-equipment"):
        assert story(slug).links.filter(target=document).exists(), slug


def test_what_does_not_take_a_new_document_in_keeps_its_links_untouched() -> None:
    from cms.taxonomy.models import Harm, TechnologyType

    before = dict(Link.objects.values_list("pk", "source_id"))
    page = factories.story(
        "Cleaners are tracked through their carts",
        technologies=[TechnologyType.objects.get(slug="equipment-tracking")],
        harms=[Harm.objects.get(slug="data-used-for-discipline")],
        industries=[factories.concept(Scheme.INDUSTRY, "Services to buildings", notation="567")],
    )
    outbox_drain()
    document = Document.objects.get(public_id=page.public_id)
    takers = set(document.backlinks.values_list("source_id", flat=True))
    assert takers
    written = set(Link.objects.exclude(pk__in=before).values_list("source_id", flat=True))
    assert written == {*takers, document.pk}


def test_what_waits_is_looked_for_in_an_index_of_it_alone() -> None:
    with connection.cursor() as cursor:
        # Among few documents PostgreSQL would read them all.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    plan = unlinked()[:1].explain()
    assert "Index Scan using search_document_unlinked" in plan
    assert "Sort" not in plan


def test_a_dismissed_link_goes_both_ways_and_never_comes_back_by_itself() -> None:
    one, other = story("nurse-fears-for-judgment"), story("programmer-fears-for-expertise")
    judgement_record(one=one, other=other, verdict=Judgement.Verdict.DISMISSED, reason="Not the same", user=None)
    assert "programmer-fears-for-expertise" not in shown(one)
    assert "nurse-fears-for-judgment" not in shown(other)
    Document.objects.update(linked_version=0)
    outbox_drain()
    assert "programmer-fears-for-expertise" not in shown(one)
    assert "nurse-fears-for-judgment" not in shown(other)


def test_a_confirmed_link_stands_first_both_ways_even_where_the_machine_saw_none() -> None:
    one, other = story("actors-do-not-own-their-likeness"), story("port-mechanics-from-300-to-20")
    judgement_record(one=other, other=one, verdict=Judgement.Verdict.CONFIRMED, reason="", user=None)
    assert shown(one)[0] == "port-mechanics-from-300-to-20"
    assert shown(other)[0] == "actors-do-not-own-their-likeness"
    Document.objects.update(linked_version=0)
    outbox_drain()
    assert shown(one)[0] == "port-mechanics-from-300-to-20"


def test_an_interrupted_drain_goes_on_where_it_stopped_and_does_nothing_twice() -> None:
    # More than a quarter: everything is learned, and linked, anew.
    Document.objects.filter(kind="story").update(linked_version=0)
    total = Document.objects.present().count()
    assert outbox_drain(limit=2) == 2
    assert unlinked().count() == total - 2
    linked = Document.objects.present().filter(linked_version=F("version")).values_list("pk", flat=True)
    kept = set(Link.objects.filter(source__in=list(linked)).values_list("pk", flat=True))
    done = 2
    while unlinked().exists():
        done += outbox_drain(limit=5)
    assert done == total
    assert kept <= set(Link.objects.values_list("pk", flat=True))


def test_what_is_written_after_the_collection_was_learned_is_new_again_and_reaches_others() -> None:
    Document.objects.update(linked_version=0)
    outbox_drain(limit=1)
    document = story("warehouse-workers-tracked-through-equipment")
    assert is_learned(document)
    document_write(page=Page.objects.get(pk=document.page_id).specific)
    document = story("warehouse-workers-tracked-through-equipment")
    assert list(unlearned().values_list("pk", flat=True)) == [document.pk]
    assert not is_collection_to_be_learned()
    outbox_drain()
    assert not unlinked().exists()
    assert shown(story("hospital-staff-tracked-through-equipment"))[0] == "warehouse-workers-tracked-through-equipment"


def test_without_an_encoder_words_and_concepts_still_link(settings: object) -> None:
    settings.ENCODER = "none"  # type: ignore[attr-defined]
    Document.objects.update(linked_version=0)
    outbox_drain()
    assert shown(story("warehouse-workers-tracked-through-equipment"))[0] == "hospital-staff-tracked-through-equipment"


def test_links_of_all_kinds_cost_one_look_at_the_collection_and_are_those_of_a_look_for_each() -> None:
    document = story("warehouse-workers-tracked-through-equipment")
    matcher = Matcher(tree_of(Vocabulary.load("en")))
    # A process that looked into another collection last looks twice.
    columns()
    with CaptureQueriesContext(connection) as asked:
        together = links_of(document, matcher)
    assert sum("pg_current_snapshot" in query["sql"] for query in asked) == 1
    apart = [found for kind in Kind for found in links_of(document, matcher, kinds={kind}) or []]
    assert together is not None
    assert {match.document.kind for _rank, match in together} == {"story", "campaign", "resource", "organization"}
    assert sorted(together, key=_by_kind) == sorted(apart, key=_by_kind)


def _by_kind(found: tuple[int, Match]) -> tuple[str, int]:
    return found[1].document.kind, found[0]
