"""Streams of words: what PostgreSQL finds in its words, Elasticsearch finds in what was written of them."""

import random
import uuid

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from search.documents import FIELD_WEIGHTS
from search.engines.elasticsearch.building import index_build
from search.engines.elasticsearch.engine import ElasticsearchEngine
from search.engines.elasticsearch.streams import FILLER, LAST_PLACE, phrase, streams, token
from search.expansion import ExpandedText, Group, Phrase
from search.models import Document
from search.query import SearchQuery

# White space of all sorts, signs that PostgreSQL or we write differently, letters of several alphabets.
ODD = " \t\u00a0\u1680\u2003\u2028\u3000\x1c\x85^;'\\,:<|&!*~_-./\"%{}[]()"
LETTERS = st.text(st.sampled_from("abß中ñя🪧é" + ODD), min_size=1, max_size=6)


@given(st.lists(LETTERS, min_size=2, max_size=2, unique=True))
def test_a_word_stays_one_word_and_like_no_other(words: list[str]) -> None:
    first, second = (token(word) for word in words)
    assert first != second
    assert len(first.split()) == 1
    assert first != FILLER


@given(st.text(st.sampled_from("ab🪧 ^"), min_size=100, max_size=700))
def test_long_words_are_shortened_to_what_elasticsearch_takes_in_one(word: str) -> None:
    assert len(token(word).encode("utf-16-le")) // 2 <= 255
    assert token(word) != token(word + "a")


def test_weights_are_whole_numbers() -> None:
    assert all(weight == int(weight) for weight in FIELD_WEIGHTS.values())


def test_words_keep_their_distances_and_count_by_their_weights() -> None:
    words, scores = streams("'badg':1A,5 'count':4B 'step':7C")
    assert words == "badg ^ ^ count badg ^ step"
    assert sorted(scores.split()) == ["badg"] * 5 + ["count"] * 2 + ["step"]


def test_quotes_and_backslashes_are_read_as_they_were() -> None:
    assert streams(r"'a\\b':2 'it''s':1") == (r"it's a\b", r"a\b it's")


def test_what_lies_behind_the_last_place_is_counted_and_in_no_phrase() -> None:
    words, scores = streams(f"'a':{LAST_PLACE - 1} 'b':{LAST_PLACE} 'c':{LAST_PLACE}")
    assert words.split()[-1] == "a"
    assert sorted(scores.split()) == ["a", "b", "c"]


def test_a_text_without_places_is_counted_and_in_no_phrase() -> None:
    assert streams("'a' 'b':3,7D") == ("^ ^ b ^ ^ ^ b", "a b b")


def test_a_text_without_words_is_empty() -> None:
    assert streams("") == ("", "")


def test_two_words_that_ask_for_one_place_ask_for_nothing() -> None:
    assert phrase(Phrase((("a", 0), ("b", 0)))) is None


@st.composite
def _entries(draw: st.DrawFn) -> dict[str, list[tuple[int, str]]]:
    """Words with their places, as a tsvector has them."""
    places = draw(st.lists(st.integers(1, 40) | st.integers(LAST_PLACE - 3, LAST_PLACE), unique=True, max_size=12))
    found: dict[str, list[tuple[int, str]]] = {}
    for place in places:
        found.setdefault(draw(LETTERS), []).append((place, draw(st.sampled_from("ABCD"))))
    return found


def _tsvector(entries: dict[str, list[tuple[int, str]]]) -> str:
    quoted = {word: word.replace("\\", "\\\\").replace("'", "''") for word in entries}
    return " ".join(
        f"'{quoted[w]}':" + ",".join(f"{p}{letter}" for p, letter in places) for w, places in entries.items()
    )


@pytest.mark.django_db
@given(_entries())
@settings(max_examples=100, deadline=None)
def test_streams_say_what_postgres_has(entries: dict[str, list[tuple[int, str]]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::tsvector::text", [_tsvector(entries)])
        (written,) = cursor.fetchone()
    words, scores = streams(written)
    placed = words.split(" ") if words else []
    assert {place: word for place, word in enumerate(placed, 1) if word != FILLER} == {
        place: token(word) for word, places in entries.items() for place, _letter in places
    }
    assert sorted(scores.split()) == sorted(
        token(word)
        for word, places in entries.items()
        for _p, letter in places
        for _ in range(int(FIELD_WEIGHTS[letter]))
    )


def _tsquery(wanted: Phrase) -> str:
    quoted = ["'" + word.replace("\\", "\\\\").replace("'", "''") + "'" for word, _distance in wanted.words]
    steps = [b[1] - a[1] for a, b in zip(wanted.words, wanted.words[1:], strict=False)]
    return quoted[0] + "".join(f" <{step}> {word}" for step, word in zip(steps, quoted[1:], strict=True))


@pytest.mark.usefixtures("nothing_else", "elasticsearch")
def test_elasticsearch_finds_every_phrase_that_postgres_finds_and_no_other() -> None:
    drawn = random.Random(7)
    vocabulary = [
        "work",
        "strike",
        "中文",
        "ñandú",
        "https://a.example/x y",
        "it's",
        "a\\b",
        "^",
        "x^5e;",
        "\u2003",
        "é" * 200,
    ]
    for _number in range(150):
        entries: dict[str, list[tuple[int, str]]] = {}
        start = drawn.choice([1, 1, 1, LAST_PLACE - 12])
        for place in range(start, start + 12):
            if drawn.random() < 0.75:
                entries.setdefault(drawn.choice(vocabulary), []).append((place, drawn.choice("ABCD")))
        Document.objects.create(public_id=uuid.UUID(int=drawn.getrandbits(128)), kind="story", version=1, revision=1)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE search_document SET words = %s::tsvector WHERE id = (SELECT max(id) FROM search_document)",
                [_tsvector(entries)],
            )
    index_build()
    engine, met = ElasticsearchEngine(), 0
    for _round in range(150):
        distance, words = 0, [(drawn.choice(vocabulary), 0)]
        for _word in range(drawn.randint(0, 2)):
            distance += drawn.randint(1, 3)
            words.append((drawn.choice(vocabulary), distance))
        wanted = Phrase(tuple(words))
        with connection.cursor() as cursor:
            cursor.execute("SELECT public_id FROM search_document WHERE words @@ %s::tsquery", [_tsquery(wanted)])
            expected = {row[0] for row in cursor.fetchall()}
        for negated in (False, True):
            text = ExpandedText((Group("words", ("words",), negated=negated, phrases=(wanted,)),))
            answer = engine.search(SearchQuery(size=5000), text)
            found = {hit.public_id for hit in answer.hits}
            assert answer.total == len(found)
            if negated:
                assert not found & expected
                assert len(found) + len(expected) == Document.objects.present().count()
            else:
                assert found == expected, wanted
        met += bool(expected)
    assert met > 50
