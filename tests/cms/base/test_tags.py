"""What a page is tagged with is read at once, as it is stored."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cms.base.models import TaggedPage
from cms.base.tags import stored_concept_ids
from cms.taxonomy.schemes import Scheme
from tests.factories import concept, story

pytestmark = pytest.mark.django_db


def test_concepts_of_every_scheme_come_in_the_editors_order_and_in_one_query() -> None:
    page = story("Tagged")
    for scheme in TaggedPage.TAGS:
        first, second = (concept(scheme, f"{scheme.value} {number}", notation=f"98{number}") for number in (1, 2))
        page.set_concepts(scheme, [second, first])
    page.save()
    other = story("Another")

    with CaptureQueriesContext(connection) as queries:
        found = stored_concept_ids(page.pk)

    assert len(queries) == 1
    assert found == {scheme: page.concept_ids(scheme) for scheme in Scheme}
    assert all(len(ids) == 2 for ids in found.values())
    assert stored_concept_ids(other.pk) == {scheme: other.concept_ids(scheme) for scheme in Scheme}


def test_what_is_not_stored_yet_is_not_there() -> None:
    page = story("Tagged")
    stored = page.concept_ids(Scheme.HARM)
    page.set_concepts(Scheme.HARM, [concept(Scheme.HARM, "Not stored")])
    assert stored_concept_ids(page.pk)[Scheme.HARM] == stored


def test_a_page_that_has_no_tags_has_none() -> None:
    assert stored_concept_ids(0) == {scheme: [] for scheme in TaggedPage.TAGS}
