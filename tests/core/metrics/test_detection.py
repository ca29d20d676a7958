"""Figures of detection against scikit-learn's, and tests of differences that know luck when they see it."""

import numpy as np
import pytest

from trivec.errors import BadInput
from trivec.metrics.detection import auprc, auroc, auroc_difference, auroc_p, false_alarms


@pytest.mark.parametrize("seed", range(5))
def test_areas_are_those_of_scikit_learn_with_ties(seed: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    chance = np.random.default_rng(seed)
    truth = chance.random(200) < 0.2
    scores = np.round(chance.normal(size=200) + truth, 1)
    assert auroc(scores, truth) == pytest.approx(metrics.roc_auc_score(truth, scores))
    assert auprc(scores, truth) == pytest.approx(metrics.average_precision_score(truth, scores))


def test_a_clear_difference_is_seen_and_luck_is_not() -> None:
    chance = np.random.default_rng(1)
    truth = np.arange(400) < 80
    good, same = chance.normal(size=400) + 2 * truth, chance.normal(size=400) + 0.5 * truth
    clear = auroc_difference(good, same, truth)
    assert 0 < clear.low < auroc(good, truth) - auroc(same, truth) < clear.high
    assert auroc_p(good, same, truth, rounds=400) < 0.01
    other = same + 0.1 * chance.normal(size=400)
    between = auroc_difference(same, other, truth)
    assert between.low < 0 < between.high
    assert auroc_p(same, other, truth, rounds=400) > 0.05


def test_false_alarms_are_a_share_of_the_normal_texts() -> None:
    truth = np.array([True, False, False, False, False])
    assert false_alarms(np.array([0.01, 0.05, 0.2, 0.9, 0.04]), truth, level=0.05) == 0.5


def test_one_kind_of_text_alone_cannot_be_measured() -> None:
    with pytest.raises(BadInput, match="0 anomalies among 3 texts"):
        auroc(np.zeros(3), np.zeros(3, np.bool_))
