"""Reasons in words: what two documents share, said in one plain sentence made of the concepts themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from search.matching.commonness import Combination, commonness, in_words
from search.models import Document
from search.vocabulary import Vocabulary

# A signal that carries less than this share of a match is not named.
LEAST_SHARE = 0.1
# So many concepts of a scheme are named: a sentence, not a list.
MOST_NAMED = 2


@dataclass(frozen=True)
class Bar:
    """How strongly one signal carried a match: its name, and its share of all that spoke for it, in per cent."""

    name: str
    share: int


@dataclass(frozen=True)
class Reason:
    """Why two documents are linked, ready to be drawn.

    ``sentence`` is empty when they share no concept, product, vendor or employer; ``mine`` and ``theirs`` are the
    sentences that tell why, empty when no two are alike; ``commonness`` says how common the technologies and harms are
    that ``sentence`` names, empty when it names none.
    """

    sentence: str
    mine: str
    theirs: str
    bars: list[Bar]
    commonness: str = ""


def signal_names() -> dict[str, str]:
    """Return what each signal is called for readers."""
    return {
        "semantic": _("told alike"),
        "passages": _("sentence by sentence"),
        "latent": _("words that go together"),
        "lexical": _("words in common"),
        "concepts": _("topics in common"),
        "named": _("product, vendor or employer in common"),
    }


def lower_first(label: str) -> str:
    """Return a label as it stands inside a sentence; initials stay as they are."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def named(reasons: Mapping[str, Any], *schemes: str) -> list[str]:
    """Return the shared facet values of some schemes that a sentence names: the first of each, in the schemes' order.

    Args:
        reasons: as stored with a link.
        schemes: which schemes.
    """
    shared = [str(value) for value in reasons.get("shared", [])]
    return [
        value
        for scheme in schemes
        for value in [value for value in shared if value.partition(":")[0] == scheme][:MOST_NAMED]
    ]


def sentence(reasons: Mapping[str, Any], vocabulary: Vocabulary) -> str:
    """Return what both share, as a sentence; empty when the data hold nothing in common.

    Args:
        reasons: as stored with a link.
        vocabulary: labels in the reader's language.
    """
    values = named(reasons, "technology", "harm", "affected") or named(reasons, "right", "strategy", "occupation")
    said = [lower_first(vocabulary.label(value)) for value in values]
    said += [*reasons.get("products", [])[:2]]
    said += [_("%(vendor)s, the same vendor") % {"vendor": name} for name in reasons.get("vendors", [])[:1]]
    said += [_("%(employer)s, the same employer") % {"employer": name} for name in reasons.get("employers", [])[:1]]
    return _("Both: %(what)s.") % {"what": get_text_list(said, _("and"))} if said else ""


def bars(parts: Mapping[str, float]) -> list[Bar]:
    """Return each signal's share of what spoke for a match, strongest first. What spoke against it is not shown."""
    positive = {name: value for name, value in parts.items() if value > 0}
    total = sum(positive.values())
    names = signal_names()
    found = [
        Bar(names.get(name, name), round(100 * value / total))
        for name, value in sorted(positive.items(), key=lambda item: -item[1])
        if total and value / total >= LEAST_SHARE
    ]
    return found


def combination(reasons: Mapping[str, Any], between: Sequence[Document]) -> Combination:
    """Return the technologies and harms that the sentence of a reason names, so that they can be counted.

    Args:
        reasons: as stored with a link.
        between: the documents it explains.
    """
    return Combination(tuple(named(reasons, "technology", "harm")), tuple(between))


def reasons_drawn(
    stored: Sequence[tuple[Mapping[str, Any], Sequence[Document]]], vocabulary: Vocabulary
) -> list[Reason]:
    """Return stored reasons ready to be drawn, with how common each is: one query for all of a page.

    Args:
        stored: reasons as stored with a link, each with the documents that it explains.
        vocabulary: labels in the reader's language.
    """
    combinations = [combination(reasons, between) for reasons, between in stored]
    drawn = []
    for (reasons, _between), asked, counted in zip(stored, combinations, commonness(combinations), strict=True):
        mine, theirs = (*reasons.get("sentences", []), "", "")[:2]
        said = sentence(reasons, vocabulary)
        drawn.append(Reason(said, mine, theirs, bars(reasons.get("parts", {})), in_words(asked, counted)))
    return drawn
