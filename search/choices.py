"""Concepts as a form offers them: below what they belong to, one choice each."""

from django.utils.translation import gettext as _

from cms.taxonomy.schemes import Scheme
from search.vocabulary import Vocabulary

Choice = tuple[str, str]


def concept_choices(vocabulary: Vocabulary, scheme: Scheme) -> list[tuple[str, list[Choice]]]:
    """Return the concepts of a scheme by slug and label: for each root, itself and what belongs to it.

    Args:
        vocabulary: with labels in the reader's language.
        scheme: whose concepts; the universal one is left out.
    """
    groups = []
    for root in vocabulary.roots(scheme):
        if not root.is_universal:
            parts = [(term.slug, term.label) for term in vocabulary.walk(vocabulary.children[root.id])]
            whole = _("%(concept)s: all of it") % {"concept": root.label} if parts else root.label
            groups.append((root.label, [(root.slug, whole), *parts]))
    return groups
