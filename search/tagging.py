"""What the text of a draft suggests to tag it with. Nothing of the draft is stored elsewhere, logged or linked.

Two things lead to a concept: the draft calls it by a name that the vocabulary knows, or the stories most like it, by
their text alone, carry it.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from cms.base.models import TaggedPage
from cms.taxonomy.models import PROXIES
from cms.taxonomy.schemes import Scheme
from search.describing import Mention, mentions
from search.matching.candidates import Scope
from search.matching.matcher import Matcher
from search.matching.subject import subject_of_text, whole_text
from search.matching.trees import tree_of
from search.models import Document, Kind
from search.projection import body_text
from search.vocabulary import Term, Vocabulary

SCHEMES = (Scheme.TECHNOLOGY, Scheme.HARM)
# So many of the nearest stories are asked what they carry; the first weighs most.
NEAREST = 8
# A concept is suggested when the stories that carry it weigh together at least this share of all that are asked.
LEAST_WEIGHT = 0.25
MOST_OF_A_SCHEME = 6


@dataclass(frozen=True)
class Suggestion:
    """A concept, and what led to it: the sentence that names it, the stories that carry it, or both."""

    term: Term
    mention: Mention | None = None
    weight: float = 0.0
    stories: list[Document] = field(default_factory=list)


def draft_of(page: TaggedPage) -> TaggedPage:
    """Return a page as it was last saved, published or not."""
    draft: TaggedPage = page.get_latest_revision_as_object()
    return draft


def draft_text(draft: TaggedPage) -> str:
    """Return everything a draft says, in plain text."""
    return whole_text(draft.title, draft.standfirst, body_text(draft))


def concepts_suggested(draft: TaggedPage, vocabulary: Vocabulary) -> dict[Scheme, list[Suggestion]]:
    """Return the technologies and harms that a draft's text suggests and the draft does not carry, best first.

    What is named stands before what only like stories carry. What lies above a carried concept comes along by itself.

    Args:
        draft: as last saved.
        vocabulary: labels in the editor's language.
    """
    text = draft_text(draft)
    language = draft.locale.language_code.split("-")[0]
    named = {mention.value: mention for mention in mentions(text, language=language)}
    weights, carriers = _of_like_stories(draft, text, language, vocabulary)
    carried = {
        above.value
        for scheme in SCHEMES
        for pk in draft.concept_ids(scheme)
        if pk in vocabulary.by_id
        for above in vocabulary.ancestors(vocabulary.by_id[pk])
    }
    enough = {value for value, weight in weights.items() if weight >= LEAST_WEIGHT}
    found: dict[Scheme, list[Suggestion]] = {scheme: [] for scheme in SCHEMES}
    for value in (named.keys() | enough) - carried:
        term = vocabulary.by_value.get(value)
        if term is not None and not term.is_universal:
            found[Scheme(term.scheme)].append(
                Suggestion(term, named.get(value), weights.get(value, 0.0), carriers.get(value, []))
            )
    return {
        scheme: sorted(suggestions, key=lambda s: (s.mention is None, -s.weight, s.term.label))[:MOST_OF_A_SCHEME]
        for scheme, suggestions in found.items()
    }


def _of_like_stories(
    draft: TaggedPage, text: str, language: str, vocabulary: Vocabulary
) -> tuple[Mapping[str, float], Mapping[str, list[Document]]]:
    """Return what the nearest stories by text alone carry: facet value → weight, and → the stories, nearest first."""
    subject = subject_of_text(text, language=language)
    own = Document.objects.filter(public_id=draft.public_id).values_list("pk", flat=True)
    # Of any industry: what happens there may well be the same technology.
    scope = Scope(kinds=(Kind.STORY.value,), exclude_ids=(0, *own))
    nearest = Matcher(tree_of(vocabulary)).rank(subject, scope, limit=NEAREST)
    whole = sum(1 / place for place in range(1, len(nearest) + 1))
    weights: dict[str, float] = defaultdict(float)
    carriers: dict[str, list[Document]] = defaultdict(list)
    for place, match in enumerate(nearest, start=1):
        for value in match.document.concepts:
            if value.partition(":")[0] in SCHEMES:
                weights[value] += 1 / place / whole
                carriers[value].append(match.document)
    return weights, carriers


@transaction.atomic
def concept_accept(*, page: TaggedPage, value: str, user: Any) -> Term | None:
    """Tag a page's draft with a concept, as a new revision; what is published stays as it is.

    Args:
        page: a stored page.
        value: facet value of a technology or harm.
        user: who accepts it.

    Returns:
        The concept; None when there is no such concept, or the draft carries it already.

    Raises:
        PermissionDenied: the user may not edit the page, or somebody has locked it.
    """
    # Two that accept at once must not lose one another's tag.
    page = type(page).objects.select_for_update().get(pk=page.pk)
    if not may_tag(page, user):
        raise PermissionDenied
    term = Vocabulary.load().by_value.get(value)
    if term is None or term.scheme not in SCHEMES:
        return None
    draft, scheme = draft_of(page), Scheme(term.scheme)
    if term.id in draft.concept_ids(scheme):
        return None
    draft.add_concept(scheme, PROXIES[scheme].objects.get(pk=term.id))
    # A draft may still lack what is needed to publish.
    draft.save_revision(user=user, log_action=True, clean=False)
    return term


def may_tag(page: TaggedPage, user: Any) -> bool:
    """Whether somebody may change a page's draft now: allowed to edit it, and nobody has locked it."""
    allowed = page.permissions_for_user(user)
    return bool(allowed.can_edit() and not allowed.page_locked()) and page.alias_of_id is None
