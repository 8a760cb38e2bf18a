"""Concepts suggested for a draft: what led to each, accepted by one click, and nothing of the draft goes anywhere."""

import logging

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.urls import reverse
from wagtail.models import GroupPagePermission, Page, Revision

from cms.campaigns.models import CampaignIndexPage
from cms.stories.models import StoryIndexPage, StoryPage
from cms.taxonomy.models import Harm, TechnologyType
from cms.taxonomy.schemes import Scheme
from search.models import Document, Embedding, Link, Passage
from search.tagging import Suggestion, concepts_suggested, draft_of
from search.vocabulary import Vocabulary
from tests import factories

pytestmark = pytest.mark.usefixtures("site")

CANARY = "xylophonecanary"
BADGES = (
    f"They gave us new badges, {CANARY}. The badge knows where I am and how long I stay in each room. "
    "Last week a coworker was disciplined because of what the badge said."
)


@pytest.fixture
def draft() -> StoryPage:
    """A story that is being written, tagged with nothing that the vocabulary has for it."""
    page = factories.story("Badges", standfirst="New badges.", text=BADGES, live=False)
    page.save_revision()
    return page


def suggested(page: StoryPage) -> dict[str, Suggestion]:
    found = concepts_suggested(draft_of(page), Vocabulary.load("en"))
    return {suggestion.term.value: suggestion for suggestions in found.values() for suggestion in suggestions}


def address(page: Page) -> str:
    return reverse("search_suggested_concepts", args=[page.pk])


def limited(section: type[Page]) -> Client:
    """Return somebody who may edit what lies below one page and nothing else."""
    group = Group.objects.create(name=section.__name__)
    group.permissions.add(*_access())
    page = section.objects.get()  # type: ignore[attr-defined]
    for name in ("add_page", "change_page"):
        GroupPagePermission.objects.create(group=group, page=page, permission=_permission(name))
    user = factories.user(f"{section.__name__.lower()}@example.org", second_lock=True)
    user.groups.add(group)
    client = Client()
    client.force_login(user)
    return client


def _permission(codename: str) -> Permission:
    return Permission.objects.get(content_type__app_label="wagtailcore", codename=codename)


def _access() -> list[Permission]:
    return list(Permission.objects.filter(content_type__app_label="wagtailadmin", codename="access_admin"))


def test_what_the_text_names_is_suggested_with_the_sentence_that_names_it() -> None:
    harm = Harm.objects.get(slug="job-loss")
    page = factories.story(
        "A machine", standfirst="First things first.", text=f"We fear {harm.pref_label.lower()} next.", live=False
    )
    suggestion = suggested(page)[f"harm:{harm.slug}"]
    assert suggestion.mention is not None
    assert suggestion.mention.sentence == f"We fear {harm.pref_label.lower()} next."


def test_what_like_stories_carry_is_suggested_with_their_titles(draft: StoryPage) -> None:
    found = suggested(draft)
    carriers = {story.url for story in found["technology:equipment-tracking"].stories}
    assert "/stories/hospital-staff-tracked-through-equipment/" in carriers
    for value, suggestion in found.items():
        assert all(value in story.concepts for story in suggestion.stories)
        assert suggestion.mention or suggestion.stories


def test_what_is_carried_and_what_lies_above_it_is_not_suggested(draft: StoryPage) -> None:
    term = next(suggestion.term for suggestion in suggested(draft).values() if suggestion.term.scheme == "technology")
    draft.add_concept(Scheme.TECHNOLOGY, TechnologyType.objects.get(pk=term.id))
    draft.save_revision()
    vocabulary = Vocabulary.load("en")
    gone = {above.value for above in vocabulary.ancestors(vocabulary.by_value[term.value])}
    assert not gone & suggested(StoryPage.objects.get(pk=draft.pk)).keys()


def test_one_click_tags_the_draft_as_a_new_revision_and_publishes_nothing(editor: Client) -> None:
    page = factories.story("Badges", standfirst="Public sentence.", text="Public text.")
    page.standfirst = f"Draft of {CANARY}."
    page.save_revision()
    before = Document.objects.values().get(public_id=page.public_id)
    revisions = Revision.objects.for_instance(page).count()
    value = "technology:equipment-tracking"
    response = editor.post(address(page), {"concept": value}, follow=True)
    assert "The draft is tagged with" in response.content.decode()
    assert Revision.objects.for_instance(page).count() == revisions + 1
    stored = StoryPage.objects.get(pk=page.pk)
    kept = draft_of(stored)
    assert kept.standfirst == f"Draft of {CANARY}."
    assert [concept.slug for concept in kept.concepts(Scheme.TECHNOLOGY)][-1] == "equipment-tracking"
    assert len(kept.concepts(Scheme.TECHNOLOGY)) == 2
    assert len(stored.concepts(Scheme.TECHNOLOGY)) == 1
    after = Document.objects.values().get(public_id=page.public_id)
    assert (after["concepts"], after["body"], after["standfirst"]) == (
        before["concepts"],
        before["body"],
        before["standfirst"],
    )
    response = editor.post(address(page), {"concept": value}, follow=True)
    assert "Nothing changed" in response.content.decode()
    kept.get_latest_revision().publish()
    assert value in Document.objects.get(public_id=page.public_id).concepts


@pytest.mark.parametrize("value", ["", "harm:no-such", "industry:hospitals", "'; DROP TABLE", "harm"])
def test_what_is_no_technology_or_harm_is_not_accepted(editor: Client, draft: StoryPage, value: str) -> None:
    before = Revision.objects.for_instance(draft).count()
    assert "Nothing changed" in editor.post(address(draft), {"concept": value}, follow=True).content.decode()
    assert Revision.objects.for_instance(draft).count() == before


def test_the_page_shows_what_led_to_each_and_the_editor_leads_to_it(editor: Client, draft: StoryPage) -> None:
    html = editor.get(address(draft)).content.decode()
    for suggestion in suggested(draft).values():
        assert suggestion.term.value in html
        assert all(story.url in html for story in suggestion.stories)
    assert address(draft) in editor.get(reverse("wagtailadmin_pages:edit", args=[draft.pk])).content.decode()


def test_nothing_of_a_draft_is_stored_linked_found_or_logged(
    editor: Client, draft: StoryPage, caplog: pytest.LogCaptureFixture
) -> None:
    counts = [model.objects.count() for model in (Document, Link, Passage, Embedding, Revision)]
    with caplog.at_level(logging.DEBUG):
        assert editor.get(address(draft)).status_code == 200
    assert [model.objects.count() for model in (Document, Link, Passage, Embedding, Revision)] == counts
    assert CANARY not in "".join(r.getMessage() for r in caplog.records if r.name != "django.db.backends")
    editor.post(address(draft), {"concept": "technology:equipment-tracking"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM search_posting WHERE lexeme LIKE %s", [f"{CANARY[:8]}%"])
        assert cursor.fetchone() == (0,)
    assert not Document.objects.present().filter(public_id=draft.public_id).exists()
    assert Client().get("/search/", {"q": CANARY}).context["results"].total == 0


def test_only_who_may_edit_the_page_may_look_or_tag(draft: StoryPage) -> None:
    assert limited(StoryIndexPage).get(address(draft)).status_code == 200
    stranger = limited(CampaignIndexPage)
    for response in (
        stranger.get(address(draft)),
        stranger.post(address(draft), {"concept": "technology:equipment-tracking"}),
    ):
        assert response.status_code == 404
        assert CANARY not in response.content.decode()
    assert Client().get(address(draft)).status_code == 302
    assert Revision.objects.for_instance(draft).count() == 1


def test_a_page_that_somebody_has_locked_is_not_tagged(draft: StoryPage) -> None:
    client = limited(StoryIndexPage)
    StoryPage.objects.filter(pk=draft.pk).update(locked=True)
    response = client.post(address(draft), {"concept": "technology:equipment-tracking"})
    assert response.status_code == 404
    assert Revision.objects.for_instance(draft).count() == 1


def test_what_is_no_story_has_no_such_page(editor: Client) -> None:
    assert editor.get(address(CampaignIndexPage.objects.get())).status_code == 404
    assert editor.get(reverse("search_suggested_concepts", args=[999_999])).status_code == 404
