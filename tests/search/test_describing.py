"""Describing what happens at one's work: five stories that are really alike, and nothing kept."""

import logging
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

CANARY = "xylophonecanary"
TEXT = (
    f"They gave us new badges at the hospital, {CANARY}. The badge knows where I am and how long I stay in each room, "
    "and last week a coworker was written up because of it."
)


def test_it_finds_the_same_fight_elsewhere_and_says_why(visitor: Client) -> None:
    response = visitor.post("/match/", {"text": TEXT, "language": "en"})
    assert response.status_code == 200
    found = response.context["found"]
    urls = [linked.document.url for linked in found.stories]
    assert "/stories/warehouse-workers-tracked-through-equipment/" in urls[:3]
    assert len(urls) == 5


def test_what_it_names_is_understood_in_any_form_of_the_words_and_becomes_the_reason(visitor: Client) -> None:
    text = "My hours change every week because the algorithm schedules us, and I lose wages."
    found = visitor.post("/match/", {"text": text, "language": "en"}).context["found"]
    assert "Pay and hours" in found.understood or "Scheduling by algorithm" in found.understood
    assert any(linked.reason.sentence.startswith("Both: ") for linked in found.stories)


def test_it_says_whom_to_call_and_always_why(visitor: Client) -> None:
    text = (
        "The scanner in the warehouse tracks each minute, and our managers use tracking through equipment to fire us."
    )
    response = visitor.post("/match/", {"text": text, "language": "en"})
    found = response.context["found"]
    assert found.organizations
    assert all(linked.reason.sentence for linked in [*found.organizations, *found.sessions])
    html = response.content.decode()
    assert "Whom to call" in html
    for linked in found.organizations:
        assert f'href="{linked.document.url}"' in html


def test_nothing_of_it_is_stored_or_logged(visitor: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), CaptureQueriesContext(connection) as queries:
        visitor.post("/match/", {"text": TEXT, "language": "en"})
    writes = [q["sql"] for q in queries if q["sql"].split()[0] in {"INSERT", "UPDATE", "DELETE"}]
    assert writes == []
    # Django logs SQL with its parameters at DEBUG, which no setting of ours turns on.
    assert CANARY not in "".join(r.getMessage() for r in caplog.records if r.name != "django.db.backends")


def test_the_words_are_never_in_the_address_and_the_answer_is_never_cached(visitor: Client) -> None:
    response = visitor.post("/match/", {"text": TEXT, "language": "en"})
    assert "no-store" in response["Cache-Control"]
    assert CANARY not in str(response.headers)
    # What was written stands in its own field again, and in the sentence that a reason quotes: in no address or form.
    assert re.findall(rf'(?:href|action|value)="[^"]*{CANARY}', response.content.decode()) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Write a sentence or two about what is happening."),
        ("short", "Write a little more: a sentence or two about what is happening."),
    ],
)
def test_too_little_gets_a_sentence(visitor: Client, text: str, sentence: str) -> None:
    response = visitor.post("/match/", {"text": text})
    assert response.context["form"].errors == {"text": [sentence]}
