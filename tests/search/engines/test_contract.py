"""The contract of every engine, on real servers: match sets and counts are what counting one by one gives."""

import random

import pytest
from django.http import QueryDict

from search.engines.base import MARK_END, MARK_START, Engine
from search.engines.postgres import PostgresEngine
from search.expansion import Synonyms, expand
from search.facets import BY_NAME
from search.models import Document
from search.query import SearchQuery

pytestmark = pytest.mark.usefixtures("site")


@pytest.fixture(params=[PostgresEngine], ids=["postgres"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return request.param()


def asked(address: str) -> SearchQuery:
    return SearchQuery.from_params(QueryDict(address))


def titles(engine: Engine, address: str) -> list[str]:
    query = asked(address)
    answer = engine.search(query, expand(query.text))
    return [hit.title.replace(MARK_START, "").replace(MARK_END, "") for hit in answer.hits]


def meets(document: Document, query: SearchQuery, *, but: str = "") -> bool:
    carried = set(document.facets)
    for name, values in query.filters().items():
        wanted = {f"{name}:{value}" for value in values}
        if name != but and not (wanted <= carried if name in query.every else wanted & carried):
            return False
    return True


def test_any_combination_of_facets_finds_and_counts_what_counting_one_by_one_gives(engine: Engine) -> None:
    documents = list(Document.objects.present())
    drawn = random.Random(4)
    for _round in range(60):
        facets: dict[str, tuple[str, ...]] = {}
        for _choice in range(drawn.randint(0, 3)):
            name, _colon, value = drawn.choice(drawn.choice(documents).facets).partition(":")
            if name in BY_NAME:
                facets[name] = tuple(sorted({*facets.get(name, ()), value}))
        every = frozenset(name for name in facets if BY_NAME[name].can_all and drawn.random() < 0.4)
        query = SearchQuery(facets=facets, every=every, size=1000)
        answer = engine.search(query, expand(""))
        expected = [document for document in documents if meets(document, query)]
        assert {hit.public_id for hit in answer.hits} == {document.public_id for document in expected}
        assert answer.total == len(expected)
        for name in BY_NAME:
            own = name if name in facets and name not in every else ""
            counts: dict[str, int] = {}
            for document in documents:
                if meets(document, query, but=own):
                    for facet in document.facets:
                        if facet.startswith(f"{name}:"):
                            counts[facet.partition(":")[2]] = counts.get(facet.partition(":")[2], 0) + 1
            assert dict(answer.counts[name]) == counts, (name, query)


def test_a_parent_in_a_tree_counts_a_document_once(engine: Engine) -> None:
    counts = engine.search(asked("type=story"), expand("")).counts["harm"]
    gig = Document.objects.get(url__endswith="/gig-wages-set-by-algorithm/")
    assert sum(1 for value in gig.concepts if value.startswith("harm:")) == 3
    assert counts["pay-and-hours"] == 2


def test_every_word_must_be_met(engine: Engine) -> None:
    assert len(titles(engine, "q=mechanics&type=story")) == 1
    assert len(titles(engine, "q=screenings&type=story")) == 1
    assert titles(engine, "q=mechanics+screenings&type=story") == []


def test_words_are_stemmed_and_accents_folded(engine: Engine) -> None:
    found = titles(engine, "q=mechanics&type=story")
    assert len(found) == 1
    assert titles(engine, "q=mechanic&type=story") == found
    assert titles(engine, "q=m%C3%A9chanics&type=story") == found


def test_spanish_names_of_concepts_find_english_content(engine: Engine) -> None:
    found = titles(engine, "q=horarios+por+algoritmo&type=story") or titles(engine, "q=horarios&type=story")
    assert any("retail" in title for title in found)


def test_a_negated_word_leaves_out(engine: Engine) -> None:
    both = set(titles(engine, "q=tracked&type=story"))
    without = set(titles(engine, "q=tracked+-hospital&type=story"))
    assert {title for title in both if "hospital" not in title.lower()} >= without
    assert not any("hospital" in title.lower() for title in without)
    assert without


def test_a_headline_weighs_more_than_a_body(engine: Engine) -> None:
    from tests import factories

    factories.story("Plain words", text="The zeppelin left the hangar and came back.")
    factories.story("The zeppelin", text="It left the hangar and came back.")
    assert titles(engine, "q=zeppelin") == ["The zeppelin", "Plain words"]


def test_matched_words_are_marked(engine: Engine) -> None:
    query = asked("q=mechanics&type=story")
    hit = engine.search(query, expand(query.text)).hits[0]
    assert f"{MARK_START}mechanics{MARK_END}" in hit.title.lower() + hit.standfirst.lower()


def test_pages_have_a_stable_order_and_together_hold_everything_once(engine: Engine) -> None:
    for sort in ("relevance", "newest"):
        seen = []
        for page in range(1, 12):
            query = SearchQuery(sort=sort, page=page, size=7)  # type: ignore[arg-type]
            seen += [hit.public_id for hit in engine.search(query, expand("")).hits]
        everything = [d.public_id for d in Document.objects.present()]
        assert len(seen) == len(set(seen)) == min(77, len(everything))


def test_newest_first(engine: Engine) -> None:
    query = SearchQuery(sort="newest", size=200)
    ids = [hit.public_id for hit in engine.search(query, expand("")).hits]
    dates = {d.public_id: d.date for d in Document.objects.present()}
    known = [dates[pk] for pk in ids if dates[pk]]
    assert known == sorted(known, reverse=True)
    assert all(dates[pk] is None for pk in ids[len(known) :])


@pytest.mark.parametrize("text", ["'", "a & b | !c", "\\", "(", ":*", "<->", "%", "---", '""', "…", "💥", "a" * 300])
def test_no_text_breaks_it(engine: Engine, text: str) -> None:
    query = SearchQuery(text=text)
    assert engine.search(query, expand(text, Synonyms())).total >= 0


def test_totals_of_several_questions_are_those_of_each(engine: Engine) -> None:
    queries = [asked("type=story"), asked("q=tracking"), asked("type=story&q=tracking&stage=feared")]
    questions = [(query, expand(query.text)) for query in queries]
    assert engine.totals(questions) == [engine.search(query, text).total for query, text in questions]
