"""Telling is written so that somebody of twelve can read it, by the formula of Flesch and Kincaid.

Kincaid, Fishburne, Rogers, Chissom: Derivation of new readability formulas for Navy enlisted personnel (1975).
The grade
of a US school is 0.39 · words a sentence + 11.8 · syllables a word − 15.59; in the sixth one is eleven or twelve.

In Spanish by the one of Fernández Huerta: Medidas sencillas de lecturabilidad (1959), 206.84 − 60 · syllables a word −
1.02 · words a sentence; from 80 on it is easy, for the sixth grade.
"""

import re

import pytest

from tests.coalition.intake.wording import KEPT

GRADE = 6.0
EASY = 80.0
# What is no sentence of the page's: headings of the book, fields, buttons, and what is picked from.
_NO_SENTENCE = re.compile(r"=====|form |\(|text |textarea |radio |checkbox |hidden |select |file |\d{3}|\[")
_MARKS = re.compile(r"^(?:#+|-|\?|=|label:|legend:) |<[^>]*>")


def syllables(word: str) -> int:
    """Return how many syllables an English word has, about: groups of vowels, without a silent e."""
    small = word.lower()
    count = len(re.findall(r"[aeiouy]+", small))
    silent = (small.endswith("e") and not small.endswith(("le", "ee"))) or (
        small.endswith("ed") and not small.endswith(("ted", "ded"))
    )
    return max(1, count - silent)


def grade(sentences: list[str]) -> float:
    """Return the grade in which one reads these sentences."""
    words = [word for sentence in sentences for word in re.findall(r"[A-Za-z’']+", sentence)]
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def silabas(word: str) -> int:
    """Return how many syllables a Spanish word has: each strong or accented vowel, or weak ones alone, is one."""
    small = re.sub("[qg]u(?=[eiéí])", "q", re.sub("y$", "i", word.lower()))
    return max(1, len(re.findall("[iuü]?[aeoáéó][iuü]?|[íú]|[iuü]+", small)))


def ease(sentences: list[str]) -> float:
    """Return how easily one reads these Spanish sentences: 100 is very easy."""
    words = [word for sentence in sentences for word in re.findall("[a-záéíóúüñ]+", sentence.lower())]
    return 206.84 - 60 * sum(map(silabas, words)) / len(words) - 1.02 * len(words) / len(sentences)


def sentences_of(name: str, language: str = "en") -> list[str]:
    """Return every sentence that the pages of a book say."""
    lines = {
        _MARKS.sub("", line).strip()
        for line in (KEPT / f"{name}.{language}.txt").read_text(encoding="utf-8").splitlines()
        if not _NO_SENTENCE.match(line)
    }
    whole = sorted(line for line in lines if line.endswith((".", "?", "!")))
    return [each for line in whole for each in re.split(r"(?<=[.?!])\s+", line) if len(each.split()) > 2]


@pytest.mark.parametrize("name", ["telling", "one-page", "refusals", "coming-back", "agreed"])
def test_somebody_of_twelve_can_read_it(name: str) -> None:
    sentences = sentences_of(name)
    assert len(sentences) >= 10
    assert grade(sentences) <= GRADE
    assert max(len(sentence.split()) for sentence in sentences) <= 35


@pytest.mark.parametrize("name", ["telling", "one-page", "refusals", "coming-back", "agreed"])
def test_it_is_easy_in_spanish_too(name: str) -> None:
    sentences = sentences_of(name, "es")
    assert len(sentences) >= 10
    assert ease(sentences) >= EASY


@pytest.mark.parametrize(
    ("word", "count"),
    [("casa", 2), ("código", 3), ("tecnología", 5), ("que", 1), ("guerra", 2), ("aire", 2), ("muy", 1), ("leer", 2)],
)
def test_syllables_of_spanish(word: str, count: int) -> None:
    assert silabas(word) == count


def test_the_formula_tells_plain_words_from_others() -> None:
    assert grade(["The cat sat on the mat.", "It was warm there."]) < 1
    law = "Notwithstanding any contractual stipulation, aforementioned confidentiality obligations remain enforceable."
    assert grade([law]) > 20
