"""Ranking figures agree with examples worked by hand."""

import numpy as np
import pytest

from trivec.errors import BadInput
from trivec.metrics.ranking import ranking_metrics


def test_graded_gains_are_the_grades_themselves() -> None:
    figures = ranking_metrics({"q": {"a": 4, "b": 1, "c": 2}}, {"q": ["b", "x", "a"]})
    gained = 1 / np.log2(2) + 0 / np.log2(3) + 4 / np.log2(4)
    ideal = 4 / np.log2(2) + 2 / np.log2(3) + 1 / np.log2(4)
    assert figures["ndcg@10"][0] == pytest.approx(gained / ideal)
    assert figures["recall@100"][0] == pytest.approx(2 / 3)
    assert figures["mrr@10"][0] == 1.0


def test_nothing_after_the_cut_counts() -> None:
    ranking = [f"x{n}" for n in range(10)] + ["a"] + [f"y{n}" for n in range(89)] + ["b"]
    figures = ranking_metrics({"q": {"a": 1, "b": 1}}, {"q": ranking})
    assert (figures["ndcg@10"][0], figures["mrr@10"][0], figures["recall@100"][0]) == (0.0, 0.0, 0.5)


def test_the_order_given_decides_whatever_the_ids_sort_like() -> None:
    judgements = {"q": {"a": 1}}
    assert ranking_metrics(judgements, {"q": ["a", "z"]})["mrr@10"][0] == 1.0
    assert ranking_metrics(judgements, {"q": ["z", "a"]})["mrr@10"][0] == 0.5


def test_a_judged_query_without_an_answer_scores_zero_and_an_unjudged_one_does_not_count() -> None:
    figures = ranking_metrics({"q1": {"a": 1}, "q2": {"a": 1}}, {"q1": ["a"], "q3": ["a"]})
    assert figures["ndcg@10"].tolist() == [1.0, 0.0]


def test_zero_grades_are_not_relevant() -> None:
    figures = ranking_metrics({"q": {"a": 0, "b": 1}}, {"q": ["a", "b"]})
    assert (figures["recall@100"][0], figures["mrr@10"][0]) == (1.0, 0.5)


def test_a_document_named_twice_is_refused() -> None:
    with pytest.raises(BadInput, match="twice"):
        ranking_metrics({"q": {"a": 1}}, {"q": ["a", "a"]})
