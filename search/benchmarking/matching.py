"""Times the matching of one story among all: candidates, signals, fusion, diversification and reasons."""

import contextlib
import random
import resource
import time
from collections import defaultdict

from search.benchmarking.measuring import percentiles
from search.engines.base import EngineUnavailable
from search.matching.candidates import Measure
from search.matching.diversification import FIRST
from search.matching.links import scope_for
from search.matching.matcher import Matcher
from search.matching.subject import subject_of_document
from search.matching.trees import tree_of
from search.models import Document, Kind
from search.vocabulary import Vocabulary

# Until then, words are read that later stories share.
_FIRST_ONES = 20
# A question that is not answered in time is asked again so often before anything is measured.
_MOST_TRIES = 50


def matching_measure(
    vocabulary: Vocabulary, *, stories: int, measure: Measure, seed: int = 5
) -> dict[str, dict[str, float]]:
    """Return how long it takes to match stories, drawn from the corpus that this connection looks into.

    Args:
        vocabulary: whose trees the matcher reads.
        stories: how many, at most.
        measure: who finds the candidates, and nobody in their place.
        seed: of the draw.

    Returns:
        Milliseconds of the whole, and of its parts: "subject" reads the story, "ranked" finds and orders candidates,
        "explained" gives reasons; "first" is the whole for the very first ones, when a process remembers nothing yet.
        And the process's memory, in megabytes.

    Raises:
        EngineUnavailable: whoever finds the candidates cannot answer.
    """
    known = list(Document.objects.present().filter(kind=Kind.STORY).order_by("public_id").values_list("pk", flat=True))
    drawn = random.Random(seed).sample(known, min(stories, len(known)))  # noqa: S311  no secret
    times: dict[str, list[float]] = defaultdict(list)
    matcher = Matcher(tree_of(vocabulary), measure=measure)
    _wake(matcher, drawn[-1])
    for number, pk in enumerate(drawn):
        document = Document.objects.get(pk=pk)
        at = [time.perf_counter()]
        subject = subject_of_document(document)
        scope = scope_for(Kind.STORY, other_industries=True, subject=subject)
        at.append(time.perf_counter())
        chosen = matcher.chosen(subject, scope, limit=FIRST)
        at.append(time.perf_counter())
        matcher.explain(subject, chosen)
        at.append(time.perf_counter())
        times["answer" if number >= _FIRST_ONES else "first"].append(at[-1] - at[0])
        for name, begin, end in zip(("subject", "ranked", "explained"), at[:-1], at[1:], strict=True):
            times[name].append(end - begin)
    figures = {name: percentiles(seconds) for name, seconds in times.items()}
    return {**figures, "memory": {"megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}}


def _wake(matcher: Matcher, pk: int) -> None:
    """Match one story until it is answered: a server that was filled a moment ago reads its files first, too slowly."""
    subject = subject_of_document(Document.objects.get(pk=pk))
    scope = scope_for(Kind.STORY, other_industries=True, subject=subject)
    for _ in range(_MOST_TRIES):
        with contextlib.suppress(EngineUnavailable):
            matcher.chosen(subject, scope, limit=FIRST)
            return
