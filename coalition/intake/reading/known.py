"""What the site knows by name, for pointing it out; and what is like a submission. Nothing is stored or logged."""

from collections.abc import Iterable
from typing import Any

from cms.organizations.models import OrganizationPage
from cms.prose.folding import plain_words
from cms.taxonomy.models import Concept, TechnologyProduct, Vendor
from cms.taxonomy.schemes import Scheme
from coalition.accounts.models import User
from coalition.intake.models import Submission
from coalition.intake.reading.conflicts import is_held
from coalition.intake.reading.redacting import Kind
from coalition.intake.sealing import SealBrokenError
from search.models import Document
from search.models import Kind as DocumentKind

# A job title that fewer published stories share than this is pointed out.
RARE = 3
_SHINGLE = 3
_ALIKE = 0.3
_MOST = 500


def names_known(answers: dict[str, Any]) -> dict[Kind, list[str]]:
    """Return names of what the site knows, and the employer that was named."""
    organizations = OrganizationPage.objects.values_list("title", "short_name")
    return {
        Kind.ORGANIZATION: [name for pair in organizations for name in pair if name],
        Kind.EMPLOYER: [*filter(None, [answers.get("employer")]), *_employers()],
        Kind.PRODUCT: [
            *TechnologyProduct.objects.values_list("name", flat=True),
            *Vendor.objects.values_list("name", flat=True),
        ],
        Kind.PLACE: [*_labels(Scheme.PLACE), *filter(None, [answers.get("town"), answers.get("state")])],
        Kind.TITLE: _rare_titles(),
    }


def _employers() -> list[str]:
    cards = Document.objects.present().filter(kind=DocumentKind.STORY).values_list("card__employer", flat=True)
    return [name for name in cards if name]


def _labels(scheme: Scheme) -> list[str]:
    concepts = Concept.objects.current().filter(scheme=scheme)
    return [
        *concepts.values_list("pref_label", flat=True),
        *filter(None, concepts.values_list("labels__text", flat=True)),
    ]


def _rare_titles() -> list[str]:
    counts: dict[str, int] = {}
    for facets in Document.objects.present().filter(kind=DocumentKind.STORY).values_list("facets", flat=True):
        for value in facets:
            counts[value] = counts.get(value, 0) + 1
    rare: list[str] = []
    for concept in Concept.objects.current().filter(scheme=Scheme.OCCUPATION).prefetch_related("labels"):
        if counts.get(f"occupation:{concept.slug}", 0) < RARE:
            rare += [concept.pref_label, *(label.text for label in concept.labels.all())]
    return rare


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """Return every three words in a row, whatever their capitals and accents; fewer words are one."""
    words = plain_words(text)
    if len(words) < _SHINGLE:
        return frozenset({tuple(words)}) if words else frozenset()
    return frozenset(tuple(words[at : at + _SHINGLE]) for at in range(len(words) - _SHINGLE + 1))


def alikeness(one: str, other: str) -> float:
    """Return how much of the shorter text stands in the other, from 0 to 1."""
    mine, theirs = shingles(one), shingles(other)
    fewer = min(len(mine), len(theirs))
    return len(mine & theirs) / fewer if fewer else 0.0


def told_before(submission: Submission, text: str, moderator: User) -> list[Submission]:
    """Return submissions that say much the same, among those that this moderator may read; computed in memory only."""
    rest: Iterable[Submission] = (
        Submission.objects.all()
        .readable()
        .exclude(pk=submission.pk)
        .exclude(answers=None)
        .order_by("-received_on", "id")[:_MOST]
    )
    found = []
    for other in rest:
        try:
            said = (other.open("answers") or {}).get("text", "")
        except SealBrokenError:
            continue
        if alikeness(text, said) >= _ALIKE and not is_held(other, moderator):
            found.append(other)
    return found
