"""The contract of every engine, on real servers: match sets and counts are what counting one by one gives."""

import datetime
import random
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from django.conf import settings as site_settings
from django.db import connection
from django.http import QueryDict
from pytest_django import DjangoDbBlocker

from cms.taxonomy.models import TechnologyProduct
from search.engines.base import Engine, Place
from search.engines.postgres import PostgresEngine
from search.expansion import Synonyms, expand
from search.facets import BY_NAME
from search.models import Document
from search.query import SearchQuery
from search.suggesting import Suggestion, completions, corrections, counted, worthwhile
from search.vocabulary import Vocabulary
from tests import factories

pytestmark = pytest.mark.usefixtures("site")


@pytest.fixture(scope="module")
def content_index(
    content: None, elasticsearch_url: str, django_db_blocker: DjangoDbBlocker
) -> Iterator[tuple[str, str]]:
    """The first content in an index that tests only read: the server's address, and the prefix of its name."""
    from search.engines.elasticsearch import mapping
    from search.engines.elasticsearch.building import index_build
    from search.engines.elasticsearch.client import client
    from search.models import EngineIndex

    prefix = f"test-{secrets.token_hex(4)}"
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        patch.setattr(site_settings, "ELASTICSEARCH_URL", elasticsearch_url)
        patch.setattr(site_settings, "ELASTICSEARCH_PREFIX", prefix)
        index_build()
        # No other test is to hear that there is one.
        EngineIndex.objects.all().delete()
        Document.objects.update(sent_revision=0)
    yield elasticsearch_url, prefix
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(site_settings, "ELASTICSEARCH_URL", elasticsearch_url)
        patch.setattr(site_settings, "ELASTICSEARCH_PREFIX", prefix)
        server = client(seconds=30)
        server.indices.delete(index=list(server.indices.get(index=f"{mapping.alias()}*", expand_wildcards="all").body))


@pytest.fixture(params=["postgres", "elasticsearch"])
def engine(request: pytest.FixtureRequest, settings: Any, patient: None) -> Engine:
    """Each engine, with the first content."""
    if request.param == "postgres":
        return PostgresEngine()
    from search.engines.elasticsearch.engine import ElasticsearchEngine

    # Built once for all tests that only read.
    settings.ELASTICSEARCH_URL, settings.ELASTICSEARCH_PREFIX = request.getfixturevalue("content_index")
    return ElasticsearchEngine()


@pytest.fixture
def hears(engine: Engine, settings: Any) -> Iterator[Callable[[], None]]:
    """Have an engine hear of what a test has published: in an index of its own, for the others only read."""
    from search.engines.elasticsearch.building import index_build
    from search.engines.elasticsearch.indexes import index_drop
    from search.models import EngineIndex

    def hear() -> None:
        if engine.name == "elasticsearch":
            settings.ELASTICSEARCH_PREFIX = f"test-{secrets.token_hex(4)}"
            index_build()
            made.append((settings.ELASTICSEARCH_PREFIX, EngineIndex.objects.get(state="serving").name))
            # The next one begins afresh.
            EngineIndex.objects.all().delete()

    made: list[tuple[str, str]] = []
    yield hear
    for prefix, name in made:
        settings.ELASTICSEARCH_PREFIX = prefix
        index_drop(name)


def asked(address: str) -> SearchQuery:
    return SearchQuery.from_params(QueryDict(address))


def titles(engine: Engine, address: str) -> list[str]:
    query = asked(address)
    answer = engine.search(query, expand(query.text))
    titles = dict(Document.objects.values_list("public_id", "title"))
    return [titles[hit.public_id] for hit in answer.hits]


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


def test_a_typing_error_is_forgiven(engine: Engine) -> None:
    found = titles(engine, "q=mechanics&type=story")
    assert titles(engine, "q=mechanicks&type=story") == found
    assert titles(engine, "q=mecanics&type=story") == found


def test_spanish_names_of_concepts_find_english_content(engine: Engine) -> None:
    found = titles(engine, "q=horarios+por+algoritmo&type=story") or titles(engine, "q=horarios&type=story")
    assert any("retail" in title for title in found)


def test_a_negated_word_leaves_out(engine: Engine) -> None:
    both = set(titles(engine, "q=tracked&type=story"))
    without = set(titles(engine, "q=tracked+-hospital&type=story"))
    assert {title for title in both if "hospital" not in title.lower()} >= without
    assert not any("hospital" in title.lower() for title in without)
    assert without


def test_a_headline_weighs_more_than_a_body(engine: Engine, hears: Callable[[], None]) -> None:
    factories.story("Plain words", text="The zeppelin left the hangar and came back.")
    factories.story("The zeppelin", text="It left the hangar and came back.")
    hears()
    assert titles(engine, "q=zeppelin") == ["The zeppelin", "Plain words"]


def test_a_product_is_found_by_its_name_whatever_stands_in_it(engine: Engine, hears: Callable[[], None]) -> None:
    product = TechnologyProduct.objects.create(name="Shift: plan & 100% “fit”, v2")
    page = factories.story("Rosters change overnight")
    page.set_products([product])
    page.save()
    hears()
    address = SearchQuery().with_value("product", product.name).url()
    assert titles(engine, address.removeprefix("?")) == ["Rosters change overnight"]
    query = asked(address.removeprefix("?"))
    assert engine.search(query, expand("")).counts["product"][product.name] == 1


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


def test_a_phrase_keeps_its_gaps_and_its_order(engine: Engine, hears: Callable[[], None]) -> None:
    near = factories.story("Near", text="The quagga of the harbour sings.")
    factories.story("Far", text="The harbour has a quagga that sings.")
    hears()

    def found(text: str) -> set[str]:
        answer = engine.search(SearchQuery(text=text), expand(text, Synonyms()))
        return {Document.objects.get(public_id=hit.public_id).title for hit in answer.hits}

    assert found('"quagga of the harbour"') == {"Near"}
    assert found('"quagga harbour"') == set()
    assert found('"harbour sings"') == {"Near"}
    assert found("quagga harbour") == {"Near", "Far"}
    assert found('-"quagga of the harbour" quagga') == {"Far"}
    assert near.public_id


def test_spanish_is_stemmed_as_spanish_and_english_as_english(engine: Engine, hears: Callable[[], None]) -> None:
    from wagtail.models import Locale

    spanish, _made = Locale.objects.get_or_create(language_code="es")
    factories.story("Los trabajadores vigilados", text="Les quitaron los descansos.", locale=spanish)
    factories.story("Workers watched", text="Their breaks were taken, again and again, by xylophones.")
    hears()
    assert titles(engine, "q=vigilado") == ["Los trabajadores vigilados"]
    assert "Los trabajadores vigilados" in titles(engine, "q=quitaron+de+los+descansos")
    assert titles(engine, "q=xylophone") == ["Workers watched"]


def test_dates_narrow_with_both_days_included(engine: Engine) -> None:
    dates = {d.public_id: d.date for d in Document.objects.present()}
    some = sorted({date for date in dates.values() if date})
    for since, until in ((some[1], some[-2]), (some[2], None), (None, some[2]), (some[-1], some[0])):
        answer = engine.search(SearchQuery(since=since, until=until, size=1000), expand(""))
        expected = {
            pk for pk, day in dates.items() if day and (not since or day >= since) and (not until or day <= until)
        }
        assert {hit.public_id for hit in answer.hits} == expected
        assert answer.total == len(expected)
        assert sum(answer.counts["type"].values()) == len(expected)


def test_one_goes_on_behind_a_place_and_sees_everything_once(engine: Engine) -> None:
    for text in ("", "workers"):
        query, seen = SearchQuery(text=text, size=7), []
        expanded = expand(text)
        while True:
            answer = engine.search(query, expanded)
            if not answer.hits:
                break
            seen += [hit.public_id for hit in answer.hits]
            query = query.with_page(query.page + 1, after=answer.hits[-1].place.token(engine.name))
        whole = engine.search(SearchQuery(text=text, size=1000), expanded)
        assert seen == [hit.public_id for hit in whole.hits]
        assert len(seen) == whole.total > 7


def test_a_place_of_another_engine_is_none(engine: Engine) -> None:
    hit = engine.search(SearchQuery(), expand("")).hits[0]
    token = hit.place.token(engine.name)
    assert Place.from_token(token, engine.name) == hit.place
    assert Place.from_token(token, "another") is None
    query = SearchQuery(page=2, size=5, after=hit.place.token("another"))
    again = SearchQuery(page=2, size=5)
    assert engine.search(query, expand("")).hits == engine.search(again, expand("")).hits


def test_the_nearest_vectors_pass_the_filters(engine: Engine) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.public_id, v.own::real[], d.facets "
            "FROM search_vector v JOIN search_document d ON d.id = v.document_id"
        )
        rows = cursor.fetchall()
    own = np.array([row[1] for row in rows], dtype=np.float32)
    for number, query in ((0, SearchQuery()), (3, asked("type=story")), (7, asked("type=resource&stage=feared"))):
        passing = [i for i, row in enumerate(rows) if meets(Document(facets=row[2]), query)]
        likeness = own @ own[number]
        expected = sorted(passing, key=lambda i: -likeness[i])[:10]
        found = engine.nearest(own[number], query, limit=10)
        assert len(found) == len(expected)
        # Both look the nearest up in a graph, which may miss one.
        assert len({pk for pk, _cosine in found} & {rows[i][0] for i in expected}) >= len(expected) - 1
        known = {row[0]: likeness[i] for i, row in enumerate(rows)}
        assert all(abs(cosine - known[pk]) < 0.02 for pk, cosine in found)
        assert [cosine for _pk, cosine in found] == sorted((cosine for _pk, cosine in found), reverse=True)


def completed(typed: str, engine: Engine, synonyms: Synonyms, vocabulary: Vocabulary) -> list[Suggestion]:
    query = SearchQuery(text=typed)
    found = counted(completions(query, expand(typed, synonyms), synonyms, vocabulary), engine, synonyms)
    return found


def test_suggestions_say_exactly_what_they_find(engine: Engine) -> None:
    synonyms, vocabulary = Synonyms.load(), Vocabulary.load("en")
    for typed in ("sched", "track", "workers sched", "algor", "wareh", "worker track", '"the worker" sched'):
        found = completed(typed, engine, synonyms, vocabulary)
        assert found, typed
        for suggestion in found:
            answer = engine.search(suggestion.query, expand(suggestion.query.text, synonyms))
            assert answer.total == suggestion.count > 0
            assert suggestion.label.lower() != typed
    assert any("schedul" in s.label.lower() for s in completed("sched", engine, synonyms, vocabulary))


def test_nothing_is_suggested_of_what_is_gone(engine: Engine, hears: Callable[[], None]) -> None:
    page = factories.story("Zyzzyva counts", text="A zyzzyva counts the crates.")
    hears()
    assert [s.label for s in completed("zyzz", engine, Synonyms(), Vocabulary([]))] == ["zyzzyva"]
    page.unpublish()
    hears()
    assert completed("zyzz", engine, Synonyms(), Vocabulary([])) == []


def test_a_likelier_spelling_is_offered_to_whoever_finds_little(engine: Engine, hears: Callable[[], None]) -> None:
    factories.story("A typing error", text="The wharehouses were full.")
    hears()
    query = SearchQuery(text="wharehouse")
    text = expand(query.text, Synonyms())
    answer = engine.search(query, text)
    assert answer.total == 1
    found = counted(corrections(query, text, answer.total), engine, Synonyms())
    assert "warehouse" in [s.label for s in worthwhile(found, answer.total)]


def test_a_span_that_ends_before_it_begins_is_empty(engine: Engine) -> None:
    day = datetime.date(2024, 5, 1)
    assert engine.search(SearchQuery(since=day, until=day - datetime.timedelta(days=1)), expand("")).total == 0
