"""Describing what happens at one's work: five stories that are really alike, and nothing kept."""

import logging
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from search.describing import named_concepts
from search.languages import language_said

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


def industries_of(visitor: Client, **more: str) -> tuple[set[str], str]:
    """Return the NAICS subsectors of the stories found, and the page's own words."""
    response = visitor.post("/match/", {"text": TEXT, "language": "en", **more})
    found = {code for linked in response.context["found"].stories for code in linked.document.subsectors}
    return found, " ".join(response.content.decode().split())


def test_stories_are_of_other_industries_than_its_words_name_unless_one_asks_for_those_too(visitor: Client) -> None:
    others, page = industries_of(visitor)
    assert "622" not in others
    assert "From industries other than yours: <b>Hospitals</b>." in page
    assert 'form="describe" name="with_own" value="on"' in page
    everything, page = industries_of(visitor, with_own="on")
    assert "622" in everything
    assert "From any industry, yours too: <b>Hospitals</b>." in page


def test_the_industry_that_is_chosen_is_meant_and_not_the_one_that_is_named(visitor: Client) -> None:
    others, page = industries_of(visitor, industry="warehousing-and-storage")
    assert "622" in others
    assert "493" not in others
    assert "From industries other than yours: <b>Warehousing and storage</b>." in page
    # A sector stands for all of it.
    assert not {"621", "622", "623", "624"} & industries_of(visitor, industry="health-care-and-social-assistance")[0]


def test_where_no_industry_is_known_it_says_so(visitor: Client) -> None:
    text = "The badge knows where I am and how long I stay in each room, and somebody was written up because of it."
    assert "622" in industries_of(visitor, text=text)[0]
    assert "From any industry: your words do not say where you work." in industries_of(visitor, text=text)[1]


def test_an_industry_that_does_not_exist_gets_a_sentence(visitor: Client) -> None:
    response = visitor.post("/match/", {"text": TEXT, "industry": "zeppelins"})
    assert list(response.context["form"].errors) == ["industry"]
    assert response.context["found"] is None


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


SPANISH = "En la cocina pusieron un aparato nuevo, y nadie nos dijo qué hace con nosotros."


@pytest.mark.parametrize("chosen", ["", "es"])
def test_words_of_a_language_that_the_encoder_has_not_learned_claim_no_likeness(visitor: Client, chosen: str) -> None:
    response = visitor.post("/match/", {"text": SPANISH, "language": chosen})
    found = response.context["found"]
    assert (found.stories, found.campaigns, found.understood, found.by_meaning) == ([], [], [], False)
    page = " ".join(response.content.decode().split())
    assert "The program that compares texts here has not learned this language." in page
    assert '<details class="topics-named" open>' in page


def test_a_topic_that_is_named_finds_what_carries_it_in_any_language(visitor: Client) -> None:
    topics = {"technology": "discipline-by-algorithm"}
    found = visitor.post("/match/", {"text": SPANISH, **topics}).context["found"]
    assert found.understood == ["Discipline and firing by algorithm"]
    assert found.stories
    assert all("technology:" in " ".join(linked.document.concepts) for linked in found.stories)
    assert all(linked.reason.sentence.startswith("Both: ") for linked in found.stories)
    english = visitor.post("/match/", {"text": TEXT, **topics}).context["found"]
    assert english.by_meaning
    assert "Discipline and firing by algorithm" in english.understood


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("En el almacén nos pusieron un escáner que mide cada segundo.", {"technology:equipment-tracking"}),
        (
            "La aplicación me desactivó de un día para otro. No hay a quién llamar y perdí mi ingreso.",
            {"technology:discipline-by-algorithm", "harm:decisions-without-humans", "harm:lower-wages"},
        ),
        (
            "Nos cambian el horario la noche anterior, y me duele la espalda.",
            {"technology:scheduling-by-algorithm", "harm:physical-injury"},
        ),
        ("A una compañera la despidió el sistema: quedó sin trabajo.", {"harm:job-loss"}),
        ("The scanner logs my idle time.", {"technology:equipment-tracking", "technology:activity-monitoring"}),
        ("I was locked out of the app, with no person to call.", {"technology:discipline-by-algorithm"}),
    ],
)
def test_everyday_words_name_topics_in_both_languages(visitor: Client, text: str, topics: set[str]) -> None:
    assert topics <= named_concepts(text, language=language_said(text, otherwise="?"))


def test_a_topic_that_does_not_exist_gets_a_sentence(visitor: Client) -> None:
    response = visitor.post("/match/", {"text": TEXT, "technology": "mind-reading", "harm": "boredom"})
    assert sorted(response.context["form"].errors) == ["harm", "technology"]
    assert response.context["found"] is None
    assert '<details class="topics-named" open>' in response.content.decode()
