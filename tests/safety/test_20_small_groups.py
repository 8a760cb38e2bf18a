"""Promise 20: small groups are hidden, at publication and not at query time."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cms.stories.models import StoryPage
from cms.taxonomy.schemes import Scheme
from coalition.intake.publishing.anonymity import content_hide, published
from coalition.intake.publishing.consent import agreed_content
from coalition.intake.publishing.models import Consent
from coalition.intake.publishing.release import story_release
from coalition.intake.withdrawing import submission_withdraw
from tests import factories
from tests.coalition.intake.publishing import stories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_stories")]


def _world() -> dict[str, Any]:
    country = factories.concept(Scheme.PLACE, "Country")
    state = factories.concept(Scheme.PLACE, "State", broader=country)
    sector = factories.concept(Scheme.INDUSTRY, "Sector", notation="62")
    group = factories.concept(Scheme.OCCUPATION, "Group", notation="31")
    return {
        "towns": [factories.concept(Scheme.PLACE, name, broader=state) for name in ("Town", "Village")],
        "subsectors": [
            factories.concept(Scheme.INDUSTRY, name, notation=code, broader=sector)
            for name, code in (("Hospitals", "622"), ("Care", "621"))
        ],
        "jobs": [factories.concept(Scheme.OCCUPATION, name, broader=group) for name in ("Aide", "Porter")],
        "tops": {"place": {str(state.public_id)}, "industry": {str(sector.public_id)}},
    }


def _text(world: dict[str, Any], pick: tuple[int, int, int, int, str]) -> dict[str, Any]:
    town, industry, job, month, employer = pick
    return {
        "employer": employer,
        "place": [world["towns"][town].public_id],
        "industry": [world["subsectors"][industry].public_id],
        "occupation": [world["jobs"][job].public_id],
        "month": month,
    }


def _said(page: StoryPage) -> tuple[Any, ...]:
    concepts = tuple(tuple(sorted(page.concept_ids(s))) for s in (Scheme.PLACE, Scheme.INDUSTRY, Scheme.OCCUPATION))
    return (page.employer, concepts, page.when_year, page.when_month)


def _is_hidden(page: StoryPage, world: dict[str, Any]) -> bool:
    """Whether enough share what a page says, itself included, or it is at its top."""
    everything = published()
    names = [page.concepts(s) for s in (Scheme.PLACE, Scheme.INDUSTRY, Scheme.OCCUPATION)]
    values = [frozenset(f"{c.scheme}:{c.slug}" for c in found) for found in names]
    shared = sum(
        (not page.employer or page.employer.casefold() == each.employer.casefold())
        and values[0] <= each.places
        and values[1] <= each.industries
        and values[2] <= each.occupations
        and each.year == page.when_year
        and page.when_month in (None, each.month)
        for each in everything
    )
    at_top = (
        not page.employer
        and {str(c.public_id) for c in names[0]} <= world["tops"]["place"]
        and {str(c.public_id) for c in names[1]} <= world["tops"]["industry"]
        and not names[2]
        and page.when_month is None
    )
    return shared >= 3 or at_top


pick = st.tuples(
    st.integers(0, 1), st.integers(0, 1), st.integers(0, 1), st.sampled_from([3, 4]), st.sampled_from(["", "Grand"])
)
step = st.one_of(st.tuples(st.just("publish"), pick), st.tuples(st.just("withdraw"), st.integers(0, 5)))


@pytest.mark.promise("small-groups")
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(step, min_size=3, max_size=7))
def test_whatever_is_published_and_withdrawn(tmp_path: Any, steps: list[tuple[str, Any]]) -> None:
    with override_settings(INTAKE_LEDGER=tmp_path / "ledger"), transaction.atomic():
        world, there, said = _world(), [], {}
        for name, value in steps:
            if name == "publish":
                page, submission, _words = stories.published(**_text(world, value))
                assert _is_hidden(page, world)
                there.append(submission)
                said[page.pk] = _said(StoryPage.objects.get(pk=page.pk))
            elif there:
                submission_withdraw(submission=there.pop(value % len(there)))
            # Nothing that is there has become finer, or another, by itself.
            for page in StoryPage.objects.filter(live=True):
                assert _said(page) == said[page.pk]
        transaction.set_rollback(True)


def _two_neighbours(world: dict[str, Any]) -> None:
    """Have two stories of others published that share place, work and month."""
    for number in range(2):
        factories.story(
            f"Ours {number}",
            industries=[world["subsectors"][0]],
            when_year=2026,
            when_month=3,
        )
    for page in StoryPage.objects.all():
        page.set_concepts(Scheme.PLACE, [world["towns"][0]])
        page.set_concepts(Scheme.OCCUPATION, [world["jobs"][0]])
        page.save()


@pytest.mark.promise("two-yeses")
def test_neighbours_that_go_before_the_release_make_it_less_exact_and_never_finer() -> None:
    world = _world()
    given = _text(world, (0, 0, 0, 3, ""))
    _two_neighbours(world)
    consent, _words = stories.agreed(**given)
    agreed_to = agreed_content(consent)
    assert agreed_to is not None
    assert (agreed_to["month"], agreed_to["occupation"]) == (3, [str(world["jobs"][0].public_id)])
    StoryPage.objects.filter(title__startswith="Ours").first().unpublish()
    Consent.objects.update(due_on=timezone.localdate() - timedelta(1))
    page = story_release(consent=consent)
    assert (page.when_year, page.when_month, page.concepts(Scheme.OCCUPATION)) == (2026, None, [])
    assert [concept.pref_label for concept in page.concepts(Scheme.PLACE)] == ["State"]
    assert page.title == agreed_to["headline"]
    assert page.live


def test_three_that_share_it_keep_it() -> None:
    world = _world()
    given = _text(world, (0, 0, 0, 3, ""))
    _two_neighbours(world)
    hidden = content_hide(stories.text(**given))
    assert (hidden.changed, hidden.shared) == ((), 3)
    page, _submission, _words = stories.published(**given)
    assert (page.when_month, page.concepts(Scheme.OCCUPATION)[0].pref_label) == (3, "Aide")


def test_alone_only_state_sector_and_year_are_left() -> None:
    world = _world()
    page, _submission, _words = stories.published(**_text(world, (0, 0, 0, 3, "Grand")))
    stored = StoryPage.objects.get(pk=page.pk)
    assert (stored.employer, stored.when_year, stored.when_month) == ("", 2026, None)
    assert [c.pref_label for c in stored.concepts(Scheme.PLACE)] == ["State"]
    assert [c.pref_label for c in stored.concepts(Scheme.INDUSTRY)] == ["Sector"]
    assert stored.concepts(Scheme.OCCUPATION) == []
    shown = stories.client_of(factories.user("reader@example.org")).get(stored.url).content.decode()
    for word in ("Town", "Hospitals", "Aide", "Grand", "March"):
        assert word not in shown
    assert "2026" in shown


def test_the_employer_of_a_public_story_is_one_of_what_counts() -> None:
    factories.story("One", employer=" Grand Hotel ")
    factories.story("Two")
    assert sorted(each.employer for each in published()) == ["", "Grand Hotel"]
