"""The order of the review: what an editor's verdict teaches most about comes first."""

from collections import Counter

import pytest

from search.curation.queue import DISAGREE, LONGEST, MOST_OF_ONE_PAGE, Why, disagreement, queue
from search.matching.fusion import weights
from search.matching.judging import judgement_record
from search.models import Document, Doubt, Judgement, Link

pytestmark = pytest.mark.usefixtures("site")


def doubt(link: Link, times: int) -> None:
    first, second = sorted((link.source_id, link.target_id))
    Doubt.objects.bulk_create(Doubt(first_id=first, second_id=second) for _number in range(times))


def test_what_most_readers_doubt_comes_first() -> None:
    one, two = Link.objects.filter(source__kind="story", target__kind="story").order_by("pk")[0:40:39]
    doubt(one, 1)
    doubt(two, 3)
    waiting = queue()
    assert [(w.why, w.doubts, w.pair) for w in waiting[:2]] == [
        (Why.DOUBTED, 3, tuple(sorted((two.source_id, two.target_id)))),
        (Why.DOUBTED, 1, tuple(sorted((one.source_id, one.target_id)))),
    ]
    assert Why.DOUBTED not in {w.why for w in waiting[2:]}


def test_then_what_the_machine_is_least_sure_of() -> None:
    waiting = queue()
    assert [w.teaches for w in waiting] == sorted((w.teaches for w in waiting), reverse=True)
    assert {Why.DISAGREEMENT, Why.EDGE} <= {w.why for w in waiting}
    for w in waiting:
        link = Link.objects.get(source_id=w.source_id, target_id=w.target_id)
        if w.why is Why.DISAGREEMENT:
            parts = link.reasons["parts"]
            apart = parts[w.strong] / weights()[w.strong] - parts[w.weak] / weights()[w.weak]
            assert apart >= DISAGREE - 0.02


def test_no_page_fills_it_and_no_pair_stands_in_it_twice() -> None:
    waiting = queue()
    assert 0 < len(waiting) <= LONGEST
    pairs = [w.pair for w in waiting]
    assert len(set(pairs)) == len(pairs)
    assert max(Counter(page for pair in pairs for page in pair).values()) <= MOST_OF_ONE_PAGE
    crowded = Link.objects.filter(source__kind="story").values_list("source_id", flat=True).first()
    for link in Link.objects.filter(source_id=crowded)[:5]:
        doubt(link, 1)
    assert Counter(page for w in queue() for page in w.pair)[crowded] == MOST_OF_ONE_PAGE


@pytest.mark.parametrize("verdict", list(Judgement.Verdict))
def test_what_an_editor_has_judged_is_not_in_it_however_much_it_is_doubted(verdict: Judgement.Verdict) -> None:
    first = queue()[0]
    link = Link.objects.get(source_id=first.source_id, target_id=first.target_id)
    doubt(link, 4)
    one, other = (Document.objects.get(pk=pk) for pk in first.pair)
    judgement_record(one=one, other=other, verdict=verdict, reason="x", user=None)
    assert first.pair not in {w.pair for w in queue()}


def test_a_doubt_about_what_is_no_longer_linked_waits_for_nobody() -> None:
    link = Link.objects.filter(source__kind="story").first()
    assert link is not None
    doubt(link, 2)
    ends = (link.source_id, link.target_id)
    Link.objects.filter(source_id__in=ends, target_id__in=ends).delete()
    assert tuple(sorted(ends)) not in {w.pair for w in queue()}


@pytest.mark.parametrize(
    ("parts", "names"),
    [
        ({"semantic": 1.5, "lexical": 0.5, "concepts": -0.6}, ("semantic", "concepts")),
        ({"semantic": -0.3, "concepts": 1.2}, ("concepts", "semantic")),
        # That a product is not shared speaks against nothing; that one is, may stand against the text.
        ({"semantic": 1.5, "named": -0.1}, ("", "")),
        ({"semantic": 0.1, "named": 3.0}, ("named", "semantic")),
        ({"semantic": -1.0, "concepts": -0.1}, ("", "")),
        ({}, ("", "")),
    ],
)
def test_signals_disagree_where_one_speaks_for_a_link_and_another_does_not(
    parts: dict[str, float], names: tuple[str, str]
) -> None:
    assert disagreement(parts)[:2] == names
