"""What validation decides: temperatures, help for rare classes, and how sure is sure enough."""

import numpy as np
import pytest
from numpy.typing import NDArray

from trivec.learning.taxonomy import calibration
from trivec.learning.taxonomy.tree import Taxonomy
from trivec.metrics.labels import expected_calibration_error, macro_f1

TAXONOMY = Taxonomy.of([("a", "a1"), ("a", "a2"), ("b", "b1")])


def drawn(
    count: int, *, scale: float, noise: float = 1.0, seed: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Scores whose right temperature is 1 / scale: the answers are drawn from the softmax of scores / scale."""
    random = np.random.default_rng(seed)
    logits = random.normal(size=(count, 3)) * 2
    right = (logits + random.gumbel(size=logits.shape)).argmax(axis=1)
    return scale * (logits + random.normal(size=logits.shape) * (noise - 1)), right


def test_overconfident_scores_are_cooled_to_what_they_are_worth() -> None:
    scores, right = drawn(4000, scale=6.0)
    (weight,) = calibration.mixture([scores], right)
    assert weight == pytest.approx(1 / 6, rel=0.1)
    chances = calibration.Calibration((weight,), np.zeros(3), 0.0, 0.5).probabilities([scores])
    assert expected_calibration_error(chances.max(axis=1), chances.argmax(axis=1) == right) < 0.03


def test_a_few_texts_told_apart_without_a_mistake_make_nothing_certain() -> None:
    scores, right = np.eye(3) * 2, np.arange(3)
    (weight,) = calibration.mixture([scores], right)
    assert 1 <= weight < 3


def test_a_branch_that_knows_nothing_does_not_pay_and_one_that_does_pays() -> None:
    scores, right = drawn(2000, scale=1.0, noise=2.0)
    helpful, _ = drawn(2000, scale=1.0, noise=1.5)
    useless = np.random.default_rng(1).normal(size=scores.shape)
    alone = calibration.mixed_losses([scores], right)
    assert not calibration.pays(alone, calibration.mixed_losses([scores, useless], right))
    assert calibration.pays(alone, calibration.mixed_losses([scores, helpful], right))


def test_rare_classes_are_helped_where_validation_likes_it() -> None:
    """A classifier that says the common class too readily, by half of its log prior."""
    random = np.random.default_rng(2)
    counts = np.array([970, 20, 10])
    prior = np.log(counts / counts.sum())
    right = np.repeat([0, 1, 2], [200, 60, 60])
    scores = 3 * np.eye(3)[right] + random.normal(size=(320, 3)) + 0.5 * prior
    chosen = calibration.calibrate([scores], right, counts, TAXONOMY)
    before, after = scores.argmax(axis=1), chosen.probabilities([scores]).argmax(axis=1)
    assert chosen.strength > 0
    assert macro_f1(after.tolist(), right.tolist()) > macro_f1(before.tolist(), right.tolist())


def test_the_threshold_refuses_what_is_mostly_wrong() -> None:
    """Of answers below .6 one in five is right, of those above nine in ten."""
    right = np.zeros(200, np.int64)
    chances = np.tile([0.9, 0.05, 0.05], (200, 1))
    chances[:10] = [0.05, 0.05, 0.9]
    chances[100:] = [0.25, 0.2, 0.55]
    chances[100:120] = [0.55, 0.2, 0.25]
    assert 0.55 < calibration.threshold(chances, right, TAXONOMY) <= 0.9
    chances[100:] = [0.55, 0.2, 0.25]
    assert calibration.threshold(chances, right, TAXONOMY) <= 0.55
