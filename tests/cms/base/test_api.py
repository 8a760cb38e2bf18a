"""The admin's API says in a sentence what it does not do, as its pages do."""

import pytest
from django.test import Client

from cms.stories.models import StoryPage
from cms.taxonomy.schemes import Scheme
from tests import factories

pytestmark = pytest.mark.django_db
SENTENCES = [
    "Choose at least one industry under “What it is about” before you publish; "
    "“All industries” is there when it truly is about all of them.",
    "Choose at least one technology type under “What it is about” before you publish.",
]


@pytest.fixture
def administrator() -> Client:
    return factories.client_of(factories.user(superuser=True))


def _without_tags(page: StoryPage) -> StoryPage:
    for scheme in (Scheme.INDUSTRY, Scheme.TECHNOLOGY):
        page.set_concepts(scheme, [])
    return page


def act(client: Client, page: StoryPage, action: str, **data: object) -> tuple[int, object]:
    path = f"/admin/api/main/pages/{page.pk}/action/{action}/"
    answer = client.post(path, data, "application/json")
    return answer.status_code, answer.json()


def test_what_may_not_be_published_is_refused_with_what_is_missing(administrator: Client) -> None:
    page = _without_tags(factories.story(live=False))
    page.save()
    assert act(administrator, page, "publish") == (400, {"__all__": SENTENCES})
    assert StoryPage.objects.get(pk=page.pk).live is False


def test_a_change_that_may_not_be_published_leaves_the_page_as_it_was(administrator: Client) -> None:
    page = factories.story("Before")
    page.title = "After"
    _without_tags(page).save_revision()
    assert act(administrator, page, "publish") == (400, {"__all__": SENTENCES})
    kept = StoryPage.objects.get(pk=page.pk)
    assert (kept.live, kept.title) == (True, "Before")


def test_a_copy_that_would_be_public_is_refused_where_what_it_copies_would_be(administrator: Client) -> None:
    page = factories.story("Copied")
    page.industry_links.get_live_queryset().delete()
    before = StoryPage.objects.count()
    answer = act(administrator, page, "copy", keep_live=True, slug="copied")
    assert answer == (400, {"__all__": SENTENCES[:1]})
    assert StoryPage.objects.count() == before


def test_what_is_whole_is_published(administrator: Client) -> None:
    """The control: the same request, with nothing missing."""
    page = factories.story(live=False)
    assert act(administrator, page, "publish")[0] == 200
    assert StoryPage.objects.get(pk=page.pk).live is True
