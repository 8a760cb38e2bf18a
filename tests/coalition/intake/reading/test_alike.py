"""How much two tellings say the same, by known answers."""

import pytest

from coalition.intake.reading.known import alikeness, shingles


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", set()),
        (" ,.", set()),
        ("One", {("one",)}),
        ("One two", {("one", "two")}),
        ("One two three", {("one", "two", "three")}),
        ("Óne, TWO: three fóur", {("one", "two", "three"), ("two", "three", "four")}),
    ],
)
def test_three_words_in_a_row(text: str, parts: set[tuple[str, ...]]) -> None:
    assert shingles(text) == parts


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ("", "", 0.0),
        ("", "one two three", 0.0),
        ("one two three", "ONE, two thrée!", 1.0),
        ("one two three four", "one two three five six seven", 0.5),
        ("one two three five six seven", "one two three four", 0.5),
        ("one two three", "zero one two three four five", 1.0),
        ("one two three", "three two one", 0.0),
    ],
)
def test_how_much_of_the_shorter_stands_in_the_other(one: str, other: str, share: float) -> None:
    assert alikeness(one, other) == share
