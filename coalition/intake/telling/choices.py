"""What can be ticked: the widest concepts of a scheme, in the reader's language, also while the database is away."""

from django.db import DatabaseError, InterfaceError
from django.utils.translation import get_language

from cms.taxonomy.schemes import Scheme
from search.vocabulary import Vocabulary

Choices = list[tuple[str, str]]
# As they were last read: a form that comes back because the database is away shows them still.
_last: dict[tuple[str, str], Choices] = {}


def choices(scheme: Scheme) -> Choices:
    """Return values (slugs) and labels."""
    key = (scheme.value, get_language() or "")
    try:
        roots = Vocabulary.load().roots(scheme.value)
        _last[key] = [(term.slug, term.label) for term in roots if not term.is_universal]
    except (DatabaseError, InterfaceError):
        if key not in _last:
            return []
    return _last[key]


def labels(scheme: Scheme, slugs: list[str]) -> list[str]:
    """Return the labels of slugs, in the reader's language; a slug that is gone stands for itself."""
    known = dict(choices(scheme))
    return [known.get(slug, slug) for slug in slugs]
