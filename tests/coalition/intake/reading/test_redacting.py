"""Pointing out: what is found, what is left alone, and that nothing of the text is lost or changed."""

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coalition.intake.reading.redacting import Kind, parts_of, pointed_out

KNOWN = {
    Kind.ORGANIZATION: ["Local 99", "Unión de Sur"],
    Kind.EMPLOYER: ["Grand Hotel"],
    Kind.PRODUCT: ["HotSOS"],
    Kind.PLACE: ["Reno"],
    Kind.TITLE: ["night porters"],
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Write to robin@example.org now", [("robin@example.org", Kind.EMAIL)]),
        (
            "Call (775) 555-0134 or +52 55 1234 5678.",
            [("(775) 555-0134", Kind.PHONE), ("+52 55 1234 5678", Kind.PHONE)],
        ),
        ("see https://example.org/x?y=1 there", [("https://example.org/x?y=1", Kind.URL)]),
        ("She is @robin_h there", [("@robin_h", Kind.HANDLE)]),
        ("on March 5th, 2026 at 6:30 am", [("March 5th, 2026", Kind.DATE), ("6:30 am", Kind.TIME)]),
        ("el 5 de marzo pasó", [("5 de marzo", Kind.DATE)]),
        ("it was Tuesday", [("Tuesday", Kind.DATE)]),
        ("I am 54 years old and have been here for 22 years", [("54 years old", Kind.AGE), ("for 22 years", Kind.AGE)]),
        ("badge #4711 and case AB-12345", [("#4711", Kind.NUMBER), ("AB-12345", Kind.NUMBER)]),
        ("at 12 North Main Street in town", [("12 North Main Street", Kind.ADDRESS)]),
        ("My boss Maria Lopez shouted", [("Maria Lopez", Kind.NAME)]),
        ("then Jane told them", [("Jane", Kind.NAME)]),
        ("la señora de la Cruz y José lo vieron", [("Cruz", Kind.NAME), ("José", Kind.NAME)]),
        (
            "in RENO the grand hotel uses HotSOS",
            [("RENO", Kind.PLACE), ("grand hotel", Kind.EMPLOYER), ("HotSOS", Kind.PRODUCT)],
        ),
        ("la union de sur y Local 99", [("union de sur", Kind.ORGANIZATION), ("Local 99", Kind.ORGANIZATION)]),
        ("we are Night Porters", [("Night Porters", Kind.TITLE)]),
        ("They count my steps. It hurts, and I am tired.", []),
    ],
)
def test_what_is_pointed_out(text: str, found: list[tuple[str, Kind]]) -> None:
    assert [(text[span.start : span.end], span.kind) for span in pointed_out(text, KNOWN)] == found


@given(st.text(max_size=400), st.lists(st.text(max_size=12), max_size=4))
def test_nothing_is_changed_and_spans_stand_in_order(text: str, names: list[str]) -> None:
    spans = pointed_out(text, {Kind.ORGANIZATION: names})
    assert "".join(part for part, _kind in parts_of(text, spans)) == text
    assert all(one.end <= two.start for one, two in itertools.pairwise(spans))
    assert all(0 <= span.start < span.end <= len(text) for span in spans)


@given(
    st.from_regex(r"[a-z]{1,8}\.[a-z]{1,8}@[a-z]{2,8}\.(org|com)", fullmatch=True),
    st.text(alphabet=" ab,.\n", max_size=40),
)
def test_every_address_is_found_wherever_it_stands(address: str, around: str) -> None:
    text = f"{around} {address} {around}"
    assert address in [text[span.start : span.end] for span in pointed_out(text)]


@given(st.lists(st.sampled_from("0123456789"), min_size=10, max_size=10), st.sampled_from(["-", " ", ".", ""]))
def test_every_phone_number_is_found(digits: list[str], between: str) -> None:
    number = between.join(["".join(digits[:3]), "".join(digits[3:6]), "".join(digits[6:])])
    text = f"call {number} now"
    found = {span.kind for span in pointed_out(text)}
    assert found & {Kind.PHONE, Kind.DATE}


@pytest.mark.parametrize("text", ["A" * 60_000, "a@" * 30_000, "1 " * 30_000, "Aa " * 20_000, "calle " * 10_000])
def test_a_long_text_is_read_in_a_short_time(text: str) -> None:
    began = time.perf_counter()
    pointed_out(text, KNOWN)
    assert time.perf_counter() - began < 20
