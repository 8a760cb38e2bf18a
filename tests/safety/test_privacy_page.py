"""The privacy page: each sentence has an id, each id a test, and the two lists are equal."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from coalition.promises import LIMITS, SECTIONS

TESTS = Path(__file__).resolve().parents[1]


def named(tree: ast.AST) -> Iterator[str]:
    """Yield the ids that tests name by ``@pytest.mark.promise("…")``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.promise":
            yield from (
                each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)
            )


def proved() -> set[str]:
    return {name for path in TESTS.rglob("test_*.py") for name in named(ast.parse(path.read_text(encoding="utf-8")))}


@pytest.mark.django_db
@pytest.mark.promise(
    "limit-network", "limit-court", "limit-screen", "limit-words", "limit-others"
)  # Nothing can prove what is beyond reach; that it is said before the first question can be.
def test_what_cannot_be_promised_is_said_before_the_first_question() -> None:
    page = Client().get("/tell/", secure=True).content.decode()
    assert all(str(sentence.said) in page.replace("&#x27;", "'") for sentence in LIMITS.sentences)


@pytest.mark.django_db
def test_every_sentence_has_an_id_and_every_id_a_test() -> None:
    ids = [sentence.id for section in SECTIONS for sentence in section.sentences]
    assert len(set(ids)) == len(ids)
    page = Client().get("/privacy/").content.decode()
    listed = page[page.index('<ul class="promises">') : page.rindex("</ul>", 0, page.index("</article>"))]
    assert re.findall(r'<li id="([^"]+)">', listed) == ids
    assert listed.count("<li") == len(ids)
    assert proved() == set(ids)


def test_the_list_of_tests_is_read_from_them() -> None:
    tree = ast.parse(
        '@pytest.mark.promise("one", "two")\ndef test_it(): pass\n@pytest.mark.promise("three")\nclass X: ...'
    )
    assert list(named(tree)) == ["one", "two", "three"]


@pytest.mark.django_db
def test_days_are_those_of_the_settings(settings: object) -> None:
    settings.INTAKE_KEEP_DAYS = 12345  # type: ignore[attr-defined]
    assert "12345" in Client().get("/privacy/").content.decode()
