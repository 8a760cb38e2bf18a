"""An index lags behind: what has changed since is looked up, what it may not show yet is a candidate all the same."""

import pytest
from django.utils import timezone

from search.documents import document_bury
from search.engines.elasticsearch.building import index_build
from search.matching.by_columns import measure_by_columns
from search.matching.by_index import measure_by_index
from search.matching.candidates import PER_SOURCE, Scope
from search.matching.subject import Subject
from search.matching.trees import EMPTY_TREE
from search.models import Document, Kind
from tests.search.engines.conftest import document_made, elasticsearch, elasticsearch_url, nothing_else, patient
from tests.search.matching.candidates import LONG_AGO, by_id

__all__ = ["elasticsearch", "elasticsearch_url", "nothing_else", "patient"]


@pytest.fixture
def site(elasticsearch: str, nothing_else: None, content: None, db: None) -> list[Document]:
    """Three stories with a word in common, in an index."""
    made = [document_made("Bogwort one"), document_made("Bogwort two"), document_made("Bogwort three")]
    index_build()
    # What tests make is new; these are not.
    Document.objects.update(revised_at=timezone.now() - LONG_AGO)
    return made


def like_bogwort(*, kinds: tuple[str, ...] = (Kind.STORY,), industries: tuple[str, ...] = ()) -> set[int]:
    subject = Subject(None, "en", {"bogwort": 1.0}, [])
    return set(measure_by_index(subject, EMPTY_TREE).candidates(Scope(kinds, industries)).ids.tolist())


def test_what_has_changed_since_is_looked_up(site: list[Document]) -> None:
    one, two, three = site
    assert like_bogwort() == {one.pk, two.pk, three.pk}
    assert like_bogwort(kinds=(Kind.CAMPAIGN,)) == set()
    # The index hears nothing of any of this.
    Document.objects.filter(pk=one.pk).update(subsectors=["622"])
    Document.objects.filter(pk=two.pk).update(kind=Kind.CAMPAIGN)
    assert like_bogwort(industries=("622",)) == {three.pk}
    document_bury(public_id=three.public_id)
    assert like_bogwort(industries=("622",)) == set()
    assert like_bogwort() == {one.pk}


def test_what_was_published_a_moment_ago_is_a_candidate(site: list[Document]) -> None:
    new = document_made("Bogwort four")
    old = {document.pk for document in site}
    assert like_bogwort() == {*old, new.pk}
    # Sent, and perhaps not shown yet.
    Document.objects.filter(pk=new.pk).update(sent_revision=new.revision)
    assert like_bogwort() == {*old, new.pk}
    Document.objects.filter(pk=new.pk).update(revised_at=timezone.now() - LONG_AGO)
    assert like_bogwort() == old


def test_names_in_common_find_and_so_does_sharing_rare_things(
    elasticsearch: str, nothing_else: None, content: None
) -> None:
    rare, common = "technology:rare-one", "technology:common-one"
    named = document_made("Grackle", facets=["product:wand"])
    sharing = document_made("Whimbrel", facets=[rare, common])
    loaded = document_made("Dunlin", facets=[rare, common, *(f"technology:other-{n}" for n in range(30))])
    others = [document_made(f"Plover {n}", facets=[common]) for n in range(2 * PER_SOURCE + 5)]
    index_build()
    Document.objects.update(revised_at=timezone.now() - LONG_AGO)
    subject = Subject(
        None, "en", {}, [], concepts=frozenset({rare, common}), products=frozenset({"wand"}), vendors=frozenset()
    )
    found = measure_by_index(subject, EMPTY_TREE).candidates(Scope((Kind.STORY,)))
    concepts = by_id(found, "concepts")
    assert by_id(found, "named")[named.pk] == 1.0
    assert concepts[sharing.pk] > max(score for pk, score in concepts.items() if pk != sharing.pk)
    # The most is shared by two; of these the one that carries thirty other things stands behind those who share less.
    assert loaded.pk not in concepts
    # The best by what they carry, and the one by its name.
    assert len(found) == PER_SOURCE + 1
    assert len({document.pk for document in others} & concepts.keys()) == PER_SOURCE - 1
    ours = measure_by_columns(subject, EMPTY_TREE).candidates(Scope((Kind.STORY,)))
    assert len(ours) == len(found)
    assert by_id(ours, "concepts")[sharing.pk] == pytest.approx(concepts[sharing.pk])
