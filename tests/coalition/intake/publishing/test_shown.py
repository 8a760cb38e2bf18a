"""What teller and readers see of a text, line by line, and that nothing may stand on the page beside it."""

import json

import pytest
from django.db.models import Model

from cms.stories.models import StoryPage
from cms.taxonomy.schemes import Scheme
from coalition.intake.models import Submission
from coalition.intake.publishing.gate import is_agreed
from coalition.intake.publishing.models import Consent, Tie
from coalition.intake.publishing.previewing import names_of, preview_of
from coalition.intake.states import State
from coalition.intake.telling.forms import MONTHS, WhenForm
from tests import factories
from tests.coalition.intake.publishing.stories import published, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_stories")]


def test_every_field_has_its_line_and_an_empty_one_says_so() -> None:
    shown = preview_of(text(content_note="Injury.", employer="Grand Hotel"))
    assert (shown.headline, shown.standfirst) == ("A badge counts every step", "Cleaners are counted.")
    assert (shown.body, shown.content_note, shown.language) == (
        ["They count steps.", "Nobody asked."],
        "Injury.",
        "en",
    )
    assert shown.rows == [
        ("Employer", "Grand Hotel"),
        ("When", "March 2026"),
        (str(Scheme.PLACE.label), "not said"),
        (str(Scheme.INDUSTRY.label), "Test industry"),
        (str(Scheme.OCCUPATION.label), "not said"),
        (str(Scheme.TECHNOLOGY.label), "Test technology"),
        (str(Scheme.HARM.label), "not said"),
        ("Stage", str(StoryPage.Stage("in-use").label)),
        ("What it rests on", str(StoryPage.Standing("worker").label)),
        ("Content note", "Injury."),
        ("Language", "English"),
    ]
    bare = dict(preview_of(text(month=None, stage="", standing="", industry=[], technology=[])).rows)
    assert (bare["Employer"], bare["When"]) == ("not named", "2026")
    assert (bare["Stage"], bare["What it rests on"], bare["Content note"]) == ("not said",) * 3
    assert dict(preview_of(text(year=None, month=None)).rows)["When"] == "not said"


def test_what_was_made_coarser_is_said_in_words() -> None:
    assert names_of(("employer", "place", "industry", "occupation", "month", "year")) == [
        "the employer is left out",
        "the place is said more coarsely, or left out",
        "the industry is said more coarsely",
        "the occupation is said more coarsely, or left out",
        "the month is left out",
    ]
    assert names_of(()) == []


@pytest.mark.parametrize(
    "block",
    [
        ("paragraph", "<p>One more.</p>"),
        ("quote", {"text": "One more.", "speaker": "Somebody"}),
    ],
)
def test_nothing_may_be_added_to_the_page(block: tuple[str, object]) -> None:
    page, _submission, _words = published()
    assert is_agreed(page)
    kind, value = block
    before = page.body.get_prep_value()
    page.body = json.dumps([*before, {"type": kind, "value": value}])
    assert not is_agreed(page)
    page.body = json.dumps(before)
    assert is_agreed(page)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "Another"),
        ("slug", "another"),
        ("slug", "a-badge-counts-every-step-x"),
        ("standfirst", "Another."),
        ("content_note", "Another."),
        ("employer", "Another"),
        ("stage", "feared"),
        ("when_year", 2025),
        ("when_month", 4),
    ],
)
def test_every_field_of_the_page_is_the_one_that_was_agreed_to(field: str, value: object) -> None:
    page, _submission, _words = published()
    setattr(page, field, value)
    assert not is_agreed(page)


@pytest.mark.parametrize("state", [each for each in State if each != State.PUBLISHED])
def test_only_what_stands_as_public_is_agreed_to(state: State) -> None:
    page, submission, _words = published()
    Submission.objects.filter(pk=submission.pk).update(state=state)
    assert not is_agreed(page)


@pytest.mark.parametrize("model", [Tie, Consent, Submission])
def test_a_page_without_its_teller_or_yes_is_not_agreed_to(model: type[Model]) -> None:
    page, _submission, _words = published()
    model._base_manager.all().delete()
    assert not is_agreed(page)


def test_a_number_after_the_address_is_no_other_address() -> None:
    page, _submission, _words = published()
    page.slug += "-2"
    assert is_agreed(page)


def test_a_headline_without_a_letter_has_an_address_all_the_same() -> None:
    factories.concept(Scheme.HARM, "Harm")
    first, _submission, _words = published(headline="…")
    second, _submission, _words = published(headline="!")
    assert (first.slug, second.slug) == ("story", "story-2")
    assert is_agreed(first)
    assert is_agreed(second)


@pytest.mark.parametrize(
    ("answers", "lines"),
    [
        ({}, []),
        ({"month": 3, "year": 2026}, [f"{MONTHS[3]} 2026"]),
        ({"month": 3}, [str(MONTHS[3])]),
        ({"year": 2026, "when_unsure": True}, ["2026", "Not sure"]),
        ({"when_unsure": True}, ["Not sure"]),
        ({"month": 13}, []),
    ],
)
def test_when_is_said_as_far_as_it_was_told(answers: dict[str, object], lines: list[str]) -> None:
    assert WhenForm.said(answers) == lines
