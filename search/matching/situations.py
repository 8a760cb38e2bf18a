"""Reasons in words: what two documents share, said in one plain sentence made of the concepts themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from search.vocabulary import Vocabulary

# A signal that carries less than this share of a match is not named.
LEAST_SHARE = 0.1


@dataclass(frozen=True)
class Bar:
    """How strongly one signal carried a match: its name, and its share of all that spoke for it, in per cent."""

    name: str
    share: int


@dataclass(frozen=True)
class Reason:
    """Why two documents are linked, ready to be drawn.

    ``sentence`` is empty when they share no concept, product or vendor; ``mine`` and ``theirs`` are the closest
    sentences, empty when none are close.
    """

    sentence: str
    mine: str
    theirs: str
    bars: list[Bar]


def signal_names() -> dict[str, str]:
    """Return what each signal is called for readers."""
    return {
        "semantic": _("told alike"),
        "passages": _("sentence by sentence"),
        "lexical": _("words in common"),
        "concepts": _("topics in common"),
        "products": _("product or vendor in common"),
    }


def lower_first(label: str) -> str:
    """Return a label as it stands inside a sentence; initials stay as they are."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def sentence(reasons: Mapping[str, Any], vocabulary: Vocabulary) -> str:
    """Return what both share, as a sentence; empty when the data hold nothing in common.

    Args:
        reasons: as stored with a link.
        vocabulary: labels in the reader's language.
    """
    parts: dict[str, list[str]] = {}
    for value in reasons.get("shared", []):
        parts.setdefault(value.partition(":")[0], []).append(lower_first(vocabulary.label(value)))
    said = [label for scheme in ("technology", "harm", "affected") for label in parts.get(scheme, [])[:2]]
    if not said:
        said = [label for scheme in ("right", "strategy", "occupation") for label in parts.get(scheme, [])[:2]]
    said += [*reasons.get("products", [])[:2]]
    said += [_("%(vendor)s, the same vendor") % {"vendor": name} for name in reasons.get("vendors", [])[:1]]
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


def reason(reasons: Mapping[str, Any], vocabulary: Vocabulary) -> Reason:
    """Return stored reasons ready to be drawn."""
    mine, theirs = (*reasons.get("sentences", []), "", "")[:2]
    return Reason(sentence(reasons, vocabulary), mine, theirs, bars(reasons.get("parts", {})))
