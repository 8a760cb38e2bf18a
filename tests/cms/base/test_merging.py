"""Merging two concepts keeps every link, and the old address leads to the new one."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from cms.base.merging import MergeCounts, concept_merge, merge_counts
from cms.stories.models import StoryPage
from cms.taxonomy.models import Concept
from cms.taxonomy.schemes import Scheme
from search.models import Document
from tests import factories

pytestmark = pytest.mark.usefixtures("site")


def harm(label: str, **more: object) -> Concept:
    return factories.concept(Scheme.HARM, label, **more)  # type: ignore[arg-type]


def harms_of(page: StoryPage) -> list[str]:
    return [concept.pref_label for concept in StoryPage.objects.get(pk=page.pk).concepts(Scheme.HARM)]


def test_every_page_carries_the_target_once() -> None:
    spied, watched = harm("Being spied on"), harm("Being watched")
    one, both = factories.story(harms=[spied]), factories.story(harms=[spied, watched])
    below = harm("Being watched at lunch", broader=spied)
    assert merge_counts(spied) == MergeCounts(pages=2, products=0, narrower=1, labels=0)
    concept_merge(source=spied, target=watched)
    assert harms_of(one) == ["Being watched"]
    assert harms_of(both) == ["Being watched"]
    assert Concept.objects.get(pk=below.pk).broader == Concept.objects.get(pk=watched.pk)
    assert "harm:being-watched" in Document.objects.get(public_id=one.public_id).facets
    assert "harm:being-spied-on" not in Document.objects.get(public_id=one.public_id).facets


def test_the_old_name_still_finds_and_the_old_address_redirects() -> None:
    spied, watched = harm("Being spied on"), harm("Being watched")
    concept_merge(source=spied, target=watched)
    assert [label.text for label in Concept.objects.get(pk=watched.pk).labels.all()] == ["Being spied on"]
    response = Client().get("/topics/harm/being-spied-on/")
    assert (response.status_code, response["Location"]) == (301, "/topics/harm/being-watched/")


def test_what_was_merged_before_leads_on() -> None:
    a, b, c = harm("Aa"), harm("Bb"), harm("Cc")
    concept_merge(source=a, target=b)
    concept_merge(source=b, target=c)
    assert Client().get("/topics/harm/aa/")["Location"] == "/topics/harm/cc/"


def test_a_draft_from_before_is_published_with_the_target() -> None:
    spied, watched = harm("Being spied on"), harm("Being watched")
    page = factories.story(harms=[spied])
    draft = page.save_revision()
    concept_merge(source=spied, target=watched)
    draft.publish()
    assert harms_of(page) == ["Being watched"]


def test_nonsense_is_refused_with_a_sentence_and_changes_nothing() -> None:
    top = harm("Top")
    below = harm("Below", broader=top)
    industry = factories.concept(Scheme.INDUSTRY, "Other kind")
    for source, target, sentence in [
        (top, top, "Choose another concept than the one you merge."),
        (top, industry, "Only concepts of the same kind can be merged."),
        (top, below, "“Below” belongs to “Top”: merge it the other way round."),
    ]:
        with pytest.raises(ValidationError) as refused:
            concept_merge(source=source, target=target)
        assert refused.value.messages == [sentence]
    assert Concept.objects.filter(merged_into__isnull=False).count() == 0


def test_a_concept_in_use_is_not_deleted_and_one_not_in_use_is() -> None:
    from django.db import transaction
    from django.db.models import ProtectedError

    used, unused = harm("Used"), harm("Unused")
    factories.story(harms=[used])
    with pytest.raises(ProtectedError), transaction.atomic():
        used.delete()
    unused.delete()
    assert list(Concept.objects.filter(pk__in=[used.pk, unused.pk]).values_list("pref_label", flat=True)) == ["Used"]
