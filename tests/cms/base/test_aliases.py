"""A page that stands in two places, and pages that stand above a translation."""

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import Locale, Site

from cms.base.models import Origin
from cms.home.models import HomePage
from cms.stories.models import StoryIndexPage, StoryPage
from search.models import Document
from search.sweeping import differing_pages
from tests import factories

pytestmark = pytest.mark.usefixtures("site")


def alias_of(page: StoryPage) -> StoryPage:
    page.create_alias(update_slug=f"{page.slug}-again")
    return StoryPage.objects.get(alias_of=page)


def test_an_alias_is_a_page_of_its_own_and_no_second_document() -> None:
    page = factories.story("Badges count steps")
    alias = alias_of(page)
    assert alias.public_id != page.public_id
    assert (alias.title, alias.live) == ("Badges count steps", True)
    assert list(Document.objects.filter(title=page.title).values_list("public_id", flat=True)) == [page.public_id]
    assert list(differing_pages()) == []


def test_an_alias_follows_its_page_and_stays_itself() -> None:
    page = factories.story("Badges count steps")
    alias = alias_of(page)
    page.title = "Badges count breaks"
    page.save_revision().publish()
    followed = StoryPage.objects.get(pk=alias.pk)
    assert followed.title == "Badges count breaks"
    assert followed.public_id == alias.public_id
    assert Document.objects.filter(title="Badges count breaks").count() == 1


def test_an_alias_that_becomes_a_page_becomes_a_document(editor: Client) -> None:
    page = factories.story("Badges count steps")
    alias = alias_of(page)
    editor.post(reverse("wagtailadmin_pages:convert_alias", args=[alias.pk]))
    assert set(Document.objects.filter(title=page.title).values_list("public_id", flat=True)) == {
        page.public_id,
        alias.public_id,
    }


def test_an_editor_makes_an_alias_in_the_admin(editor: Client) -> None:
    page = factories.story("Badges count steps")
    editor.post(
        reverse("wagtailadmin_pages:copy", args=[page.pk]),
        {
            "new_title": "Badges count steps",
            "new_slug": "badges-again",
            "new_parent_page": page.get_parent().pk,
            "alias": "on",
        },
    )
    assert StoryPage.objects.filter(slug="badges-again", alias_of=page, live=True).count() == 1


def test_a_translation_brings_the_pages_above_it() -> None:
    page = factories.story("Badges count steps")
    spanish, _made = Locale.objects.get_or_create(language_code="es")
    translation = page.copy_for_translation(spanish, copy_parents=True)
    assert not translation.live
    assert translation.public_id != page.public_id
    above = translation.get_parent().specific
    assert type(above) is StoryIndexPage
    assert above.alias_of == page.get_parent()
    home = above.get_parent().specific
    assert type(home) is HomePage
    assert home.public_id != Site.objects.get(is_default_site=True).root_page.specific.public_id
    translation.title = "Los gafetes cuentan pasos"
    translation.save_revision().publish()
    assert Document.objects.get(public_id=translation.public_id).language == "es"


def test_a_revision_does_not_change_who_a_page_is() -> None:
    page = factories.story("Badges count steps")
    content = factories.story("Another").serializable_data()
    content["origin"] = Origin.IMPORT
    read = page.with_content_json(content)
    assert (read.public_id, read.origin, read.title) == (page.public_id, page.origin, "Another")
