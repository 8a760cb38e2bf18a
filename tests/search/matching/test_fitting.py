"""A fit finds the signal that tells, leaves alone what it cannot judge, and knows when it has learned nothing."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from search.matching.evaluation.fitting import FOLDS, Examples, _folds, fit

NAMES = ("tells", "misleads", "silent")


def examples(seed: int, *, telling: bool, queries: int = 60) -> Examples:
    """Return queries of which one signal knows the relevant documents, one knows nothing, and one never speaks."""
    dice = np.random.default_rng(seed)
    found = Examples(f"made up {seed}", NAMES)
    for number in range(queries):
        gains = np.zeros(30)
        gains[dice.choice(30, 3, replace=False)] = 1.0
        tells = (2.0 * gains if telling else 0.0) + dice.normal(size=30)
        found.signals.append(np.stack([tells, dice.normal(size=30), np.zeros(30)], axis=1))
        found.gains.append(gains)
        found.ideal.append(float(np.sum(1 / np.log2(np.arange(3) + 2))))
        found.fold.append(number % FOLDS)
    return found


def test_it_finds_the_signal_that_tells_and_wins_where_it_has_not_looked() -> None:
    found = fit([examples(1, telling=True), examples(2, telling=True)], {"tells": 0.2, "misleads": 0.8, "silent": 0.4})
    assert found.wins
    assert found.weights["tells"] > found.weights["misleads"]
    assert all(found.after[name] > found.before[name] for name in found.before)


def test_what_no_collection_can_judge_keeps_its_weight_and_the_others_their_sum() -> None:
    found = fit([examples(3, telling=True)], {"tells": 0.3, "misleads": 0.7, "silent": 0.4})
    assert found.weights["silent"] == 0.4
    assert abs(found.weights["tells"] + found.weights["misleads"] - 1) < 2e-3


def test_where_there_is_nothing_to_learn_it_does_not_win() -> None:
    assert not fit([examples(4, telling=False)], {"tells": 0.5, "misleads": 0.5, "silent": 0.0}).wins


def test_a_collection_whose_judgements_hang_together_is_left_out_as_one() -> None:
    whole, other = examples(5, telling=True), examples(6, telling=True)
    whole.fold = [2] * len(whole.fold)
    found = fit([whole, other], {"tells": 0.2, "misleads": 0.8, "silent": 0.4})
    assert found.wins
    assert all(found.after[name] > found.before[name] for name in found.before)
    # Alone, it teaches nothing that could be tried anywhere.
    alone = fit([whole], {"tells": 0.2, "misleads": 0.8, "silent": 0.4})
    assert alone.before == alone.after
    assert not alone.wins


def test_a_perfect_list_has_one_and_a_list_without_anything_relevant_nothing() -> None:
    one = Examples("one", ("only",), [np.array([[3.0], [2.0], [1.0]])], [np.array([1.0, 0.0, 0.0])], [1.0], [0])
    assert one.ndcg(np.array([1.0])).tolist() == [1.0]
    assert one.ndcg(np.array([-1.0])).tolist() == [0.5]
    none = Examples("none", ("only",), [np.array([[1.0]])], [np.array([0.0])], [1.0], [0])
    assert none.ndcg(np.array([1.0])).tolist() == [0.0]


@given(st.dictionaries(st.sampled_from("abcdefghij"), st.sets(st.sampled_from("klmnopqrst"), max_size=3), max_size=10))
def test_queries_that_share_a_relevant_document_are_left_out_together(relevant: dict[str, set[str]]) -> None:
    qrels = {query: dict.fromkeys(documents, 1) for query, documents in relevant.items()}
    folds = _folds(qrels)
    assert set(folds) == set(qrels)
    for one, documents in relevant.items():
        for other, others in relevant.items():
            if documents & others:
                assert folds[one] == folds[other]
