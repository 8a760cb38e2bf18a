"""Entering: whether a new document would be among another's links, told from those links as they are stored.

A link keeps what each signal said of it and what that contributed. Fusion standardises, so the second is a straight
line of the first, the same for all that were ranked with it: two links tell the line, and the line what a newcomer's
signals would contribute, without a look at the collection. The signals themselves are the same from both ends, but for
words, which are nearly so. ``docs/matching.md`` says how often this errs.
"""

from collections.abc import Mapping, Sequence

from search.models import Link

# What is foretold may be so much too low: the collection has changed since, and words weigh a little otherwise.
LEEWAY = 0.1
# Values nearer than this are one: no line goes through them.
_ONE = 1e-6


def foretold(links: Sequence[Link], values: Mapping[str, float]) -> float | None:
    """Return the score that a document would have among those that links were chosen from; None where they do not tell.

    Args:
        links: of one document to documents of one kind.
        values: what each signal says of the other document beside it; a signal that is missing says nothing, 0.
    """
    total = 0.0
    ranked = [link.reasons for link in links if link.reasons.get("values")]
    for name in ranked[0]["values"] if ranked else ():
        points = [(told["values"][name], told["parts"].get(name, 0.0)) for told in ranked if name in told["values"]]
        (low, low_part), (high, high_part) = min(points), max(points)
        value = values.get(name, 0.0)
        if high - low > _ONE:
            total += low_part + (high_part - low_part) * (value - low) / (high - low)
        elif abs(value - low) <= _ONE:
            total += low_part
        else:
            return None
    return total if ranked else None


def may_enter(links: Sequence[Link], values: Mapping[str, float], *, limit: int) -> bool:
    """Whether a document may belong among the links of another, which is then worth a full look.

    Args:
        links: of the other, to documents of the newcomer's kind.
        values: what each signal says of the two.
        limit: how many links of that kind it may have.
    """
    # Those that an editor confirmed stand there whatever their score.
    scores = [link.score for link in links if link.reasons.get("parts")]
    if len(links) < limit or not scores:
        return True
    score = foretold(links, values)
    return score is None or score + LEEWAY >= min(scores)
