"""The gold set is what it says it is; how well the matcher does on it is measured with ``--run-long``."""

import json
from collections import defaultdict
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from search.matching.evaluation.corpus import read_corpus, read_qrels

GOLD = Path(__file__).parent / "gold"
CORPUS, QRELS = GOLD / "corpus.jsonl", GOLD / "qrels.txt"
# What was measured when it was last landed; docs/matching.md says under which weights.
FLOOR = 0.70


def test_each_card_is_told_in_three_sectors_and_has_a_near_miss_and_a_look_alike() -> None:
    cards = json.loads((GOLD / "cards.json").read_text(encoding="utf-8"))
    industries: dict[str, dict[str, str]] = defaultdict(dict)
    for row in read_corpus(CORPUS):
        card, _dash, which = row["id"].partition("-")
        industries[card][which] = row["industry"]
        assert len(row["text"].split()) >= 70
    joined = {"32": "31", "33": "31", "45": "44", "49": "48"}
    assert len(cards) == len(industries) == 54
    for card in cards:
        told = industries[card["id"]]
        assert set(told) == {"a", "b", "c", "near", "look"}
        assert [told[which] for which in "abc"] == [telling["industry"] for telling in card["tellings"]]
        assert len({joined.get(told[which][:2], told[which][:2]) for which in "abc"}) == 3


def test_all_tellings_of_a_card_are_relevant_to_each_other_and_nothing_else_is() -> None:
    qrels = read_qrels(QRELS)
    assert len(qrels) == 162
    for query, grades in qrels.items():
        card, _dash, which = query.partition("-")
        others = [f"{card}-{other}" for other in "abc" if other != which]
        assert grades == {**dict.fromkeys(others, 1), f"{card}-near": 0, f"{card}-look": 0}


@pytest.mark.long
@pytest.mark.usefixtures("site")
def test_the_matcher_is_no_worse_on_the_gold_set_than_when_it_was_landed() -> None:
    out = StringIO()
    call_command("evaluate_matching", "--json", "--corpus", str(CORPUS), "--qrels", str(QRELS), stdout=out)
    report = json.loads(out.getvalue())
    assert report["ranker"]["nDCG@10"] >= FLOOR
    assert report["ranker"]["nDCG@10"] > max(report[other]["nDCG@10"] for other in ("bm25", "encoder", "rrf"))
