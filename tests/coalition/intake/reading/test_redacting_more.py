"""Pointing out, kind by kind: each way of writing that is found, and what stands beside it and is not."""

import pytest

from coalition.intake.reading.redacting import Kind, Span, parts_of, pointed_out

KNOWN = {
    Kind.ORGANIZATION: ["Local 99", "Unión de Sur", "X"],
    Kind.EMPLOYER: ["Grand Hotel"],
    Kind.PRODUCT: ["HotSOS"],
    Kind.PLACE: ["Reno"],
    Kind.TITLE: ["night porters"],
}


def found(text: str) -> list[tuple[str, str]]:
    return [(text[span.start : span.end], span.kind.name) for span in pointed_out(text, KNOWN)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see http://a.example/x?y=1 or www.example.net", ["http://a.example/x?y=1", "www.example.net"]),
        ("HTTPS://B.example and WWW.b.example", ["HTTPS://B.example", "WWW.b.example"]),
        ("on example.org/path and Site.MX now", ["example.org/path", "Site.MX"]),
        ("or example.xyz then", []),
    ],
)
def test_web_addresses(text: str, expected: list[str]) -> None:
    assert found(text) == [(each, "URL") for each in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it was 3/5/2026 or 5.3.26", ["3/5/2026", "5.3.26"]),
        ("on 5th of March and Sept. 3 and dec 24", ["5th of March", "Sept. 3", "dec 24"]),
        ("on MARCH 1st, 2026 or June 2", ["MARCH 1st, 2026", "June 2"]),
        ("el 5 de enero y el 6 Diciembre", ["5 de enero", "6 Diciembre"]),
        ("el miércoles y el sabado", ["miércoles", "sabado"]),
        ("it was monday or FRIDAY", ["monday", "FRIDAY"]),
        ("in march we saw a mondayish thing", []),
    ],
)
def test_dates(text: str, expected: list[str]) -> None:
    assert found(text) == [(each, "DATE") for each in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at 6 pm or 6:30 or 11:05 p.m. sharp, 7AM", ["6 pm", "6:30", "11:05 p.m.", "7AM"]),
        ("in 6 parts", []),
    ],
)
def test_times(text: str, expected: list[str]) -> None:
    assert found(text) == [(each, "TIME") for each in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("they are aged 54, or at the age of 60", ["aged 54", "age of 60"]),
        ("tengo 54 años", ["tengo 54 años"]),
        ("here for 22 years, and after 3 Years", ["for 22 years", "after 3 Years"]),
        ("a ten-years-old thing, Twenty-two years old", ["ten-years-old", "Twenty-two years old"]),
        ("desde hace 9 años, de 7 Años", ["desde hace 9 años", "7 Años"]),
        ("in years of old", []),
    ],
)
def test_ages(text: str, expected: list[str]) -> None:
    assert found(text) == [(each, "AGE") for each in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("en la calle de la Rosa 12", ["calle de la Rosa 12"]),
        ("on Av. Juárez 100", ["Av. Juárez 100"]),
        ("at 1 A St. there", ["1 A St."]),
        ("at 12 o'hara-lee BLVD now", ["12 o'hara-lee BLVD"]),
        ("2 of them went to work", []),
    ],
)
def test_street_addresses(text: str, expected: list[str]) -> None:
    assert found(text) == [(each, "ADDRESS") for each in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("badge # 4711 and #ab", [("# 4711", "NUMBER"), ("#ab", "NUMBER")]),
        ("case AB12 and A-1B", [("AB12", "NUMBER"), ("A-1B", "NUMBER")]),
        ("12345 cases and 123 more", [("12345", "NUMBER")]),
        ("call 555 0134 today", [("555 0134", "PHONE")]),
        ("call 775.555.0134, +1 (775) 555 0134", [("775.555.0134", "PHONE"), ("+1 (775) 555 0134", "PHONE")]),
        ("x 123456 y", [("123456", "NUMBER")]),
        ("x 1234567 y", [("1234567", "PHONE")]),
        ("a.b+c@ex-ample.co.uk!", [("a.b+c@ex-ample.co.uk", "EMAIL")]),
        ("we are @robin_h and a@b", [("@robin_h", "HANDLE")]),
        # Better surer than longer.
        ("x@example.org #12", [("x@example.org", "EMAIL"), ("#12", "NUMBER")]),
    ],
)
def test_numbers_and_where_one_is_reached(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # A form of address, in small letters or in capitals.
        ("then Mr. Smith said", ["Mr. Smith"]),
        ("Dr. Lee went", ["Dr. Lee"]),
        ("don Quijote and Don Quijote", ["Quijote", "Don Quijote"]),
        ("Don went", []),
        ("dijo la señora Ana-María O’Neil", ["Ana-María O’Neil"]),
        # Inside a sentence a capital is enough; at its beginning it takes two, or a given name.
        ("my boss Van Dyke left", ["Van Dyke"]),
        ("then Zork left", ["Zork"]),
        ("Zork left", []),
        ("Zork Dyke left", ["Zork Dyke"]),
        ("Mary came, robin did not", ["Mary"]),
        ("“Zork” she said", []),
        ("said: Zork went", []),
        ("It hurts! Zork went? Zork left. ¿Zork came", []),
        ("we saw\nZork there", []),
        ("it was José", ["José"]),
        ("it was JANE", ["JANE"]),
        # What English writes with a capital.
        ("then I am here and I’m tired, I'm sad", []),
        # Small words between two capitals, however many.
        ("then Zork de Cruz came", ["Zork de Cruz"]),
        ("then Zork de la Cruz came", ["Zork de la Cruz"]),
        ("then Zork de los Cruz van Dyke", ["Zork de los Cruz van Dyke"]),
        ("then Zork von Dyke, Zork bin Dyke, Zork al Dyke", ["Zork von Dyke", "Zork bin Dyke", "Zork al Dyke"]),
        ("then Zork del Cruz", ["Zork del Cruz"]),
        ("then Zork de la casa", ["Zork"]),
        ("then Zork de", ["Zork"]),
        ("then Zork, Dyke and Lee", ["Zork", "Dyke", "Lee"]),
    ],
)
def test_names(text: str, expected: list[str]) -> None:
    assert found(text) == [(each, "NAME") for each in expected]


@pytest.mark.parametrize("title", ["mr", "mrs", "ms", "dr", "sr", "sra", "srta", "don", "doña", "señor", "señora"])
def test_a_form_of_address_alone_is_no_name_and_what_follows_it_is_one(title: str) -> None:
    assert found(f"then {title.title()} went") == []
    assert found(f"then {title}. Zork went") == [("Zork", "NAME")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in the grand  HOTEL", [("grand  HOTEL", "EMPLOYER")]),
        ("in reno’s hótsos", [("reno", "PLACE"), ("hótsos", "PRODUCT")]),
        ("they are renoir and local 999", []),
        ("la UNION de sur", [("UNION de sur", "ORGANIZATION")]),
        ("night porters of local 99", [("night porters", "TITLE"), ("local 99", "ORGANIZATION")]),
        ("the grand", []),
        # One letter is no name to look for.
        ("it is x", []),
    ],
)
def test_what_the_site_knows(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


def test_without_what_the_site_knows() -> None:
    assert pointed_out("in reno") == pointed_out("in reno", {}) == []
    assert pointed_out("") == []


def test_of_two_that_overlap_the_surer_one_is_left_and_of_one_kind_the_longer() -> None:
    text = "see www.example.org/2026-03-05 there"
    assert found(text) == [("www.example.org/2026-03-05", "URL")]
    known = {Kind.PLACE: ["New", "New York", "York City"], Kind.EMPLOYER: ["York"]}
    text = "in new york city"
    assert [(text[span.start : span.end], span.kind) for span in pointed_out(text, known)] == [
        ("new", Kind.PLACE),
        ("york", Kind.EMPLOYER),
    ]
    del known[Kind.EMPLOYER]
    assert [text[span.start : span.end] for span in pointed_out(text, known)] == ["york city", "new"][::-1]


def test_parts_are_the_text() -> None:
    assert parts_of("", []) == []
    assert parts_of("abc", []) == [("abc", None)]
    assert parts_of("abc", [Span(0, 1, Kind.NAME), Span(1, 2, Kind.AGE)]) == [
        ("a", Kind.NAME),
        ("b", Kind.AGE),
        ("c", None),
    ]
    assert parts_of("abc", [Span(1, 3, Kind.NAME)]) == [("a", None), ("bc", Kind.NAME)]
