"""Concepts: trees that stay trees, one scheme a proxy, labels in the reader's language."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from cms.taxonomy.models import PROXIES, Concept, ConceptLabel, Harm, Industry
from cms.taxonomy.schemes import Scheme
from tests.factories import concept

pytestmark = pytest.mark.django_db


def test_a_proxy_stores_and_finds_only_its_own_scheme() -> None:
    concept(Scheme.HARM, "Sore wrists")
    assert Harm.objects.get(pref_label="Sore wrists").scheme == "harm"
    assert not Industry.objects.filter(pref_label="Sore wrists").exists()
    assert set(PROXIES) == set(Scheme)


def test_a_concept_cannot_belong_to_itself_by_a_detour() -> None:
    top = concept(Scheme.HARM, "Top")
    middle = concept(Scheme.HARM, "Middle", broader=top)
    top.broader = middle
    with pytest.raises(ValidationError) as refused:
        top.clean()
    assert refused.value.message_dict == {"broader": ["This would make the concept belong to itself. Choose another."]}


def test_a_concept_belongs_only_to_one_of_its_own_kind() -> None:
    industry = concept(Scheme.INDUSTRY, "Test hospitals")
    harm = concept(Scheme.HARM, "Test harm")
    harm.broader = industry
    with pytest.raises(ValidationError):
        harm.clean()


def test_a_label_is_the_readers_language_or_the_sites_own() -> None:
    found = concept(Scheme.HARM, "Loss of sleep")
    ConceptLabel.objects.create(concept=found, language="es", kind="pref", text="Pérdida de sueño")
    with translation.override("es"):
        assert Concept.objects.get(pk=found.pk).label() == "Pérdida de sueño"
    with translation.override("en"):
        assert Concept.objects.get(pk=found.pk).label() == "Loss of sleep"
