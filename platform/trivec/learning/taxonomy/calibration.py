"""From scores to probabilities one can believe: what validation says about weights, rare classes and thresholds.

Validation scores and right answers in; a few numbers out, all chosen there and nowhere else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from trivec.learning.taxonomy.tree import Taxonomy
from trivec.metrics.labels import macro_f1

Floats = NDArray[np.float64]  # (texts, ends)
Rows = NDArray[np.int64]  # (texts,)

ADJUSTMENTS = (0.0, 0.1, 0.2, 0.3, 0.5)
CLEAR_GAIN = 0.002  # of accuracy and macro-F1 together: less is no reason to depart from what was learned
_STEEPEST = 3.0  # of log weights


@dataclass(frozen=True)
class Calibration:
    """What turns the branches' path scores into probabilities, and these into an answer.

    Attributes:
        weights: of each branch's scores, inverse temperatures.
        adjustment: taken off each end's score for its commonness, shape (ends,): log prior times a strength.
        strength: of the adjustment, 0 for none.
        threshold: least probability of a label that is given.
    """

    weights: tuple[float, ...]
    adjustment: NDArray[np.float64]
    strength: float
    threshold: float

    def probabilities(self, scores: Sequence[Floats]) -> Floats:
        """Of each end, from each branch's path scores; rows add up to 1."""
        return np.asarray(softmax(_mix(scores, self.weights) - self.adjustment, axis=1), np.float64)


def mixture(scores: Sequence[Floats], right: Rows, *, offset: Floats | float = 0.0) -> tuple[float, ...]:
    """Weight of each branch, the likeliest on validation: temperature scaling (Guo et al., 2017) of several at once.

    The prior belief that scores are right as they are counts as one more text, so that a handful of texts told apart
    without a mistake makes nothing certain.
    """
    share = 1 / len(scores)

    def cost(logs: Floats) -> float:
        mixed = _mix(scores, np.exp(logs) * share) - offset
        return float(losses(mixed, right).sum() + np.square(logs).sum())

    found = minimize(cost, np.zeros(len(scores)), method="L-BFGS-B", bounds=[(-_STEEPEST, _STEEPEST)] * len(scores))
    return tuple(float(np.exp(log) * share) for log in found.x)


def losses(scores: Floats, right: Rows) -> NDArray[np.float64]:
    """Minus log probability of each right end, shape (texts,)."""
    return -np.asarray(log_softmax(scores, axis=1), np.float64)[np.arange(len(right)), right]


def mixed_losses(scores: Sequence[Floats], right: Rows) -> NDArray[np.float64]:
    """Losses of the branches' best mixture, shape (texts,)."""
    return losses(_mix(scores, mixture(scores, right)), right)


def _mix(scores: Sequence[Floats], weights: Iterable[float]) -> Floats:
    mixed: Floats = np.sum([weight * one for weight, one in zip(weights, scores, strict=True)], axis=0)
    return mixed


def pays(alone: NDArray[np.float64], together: NDArray[np.float64]) -> bool:
    """Whether losses fall by more than luck: the mean difference exceeds twice its standard error."""
    gains = alone - together
    return bool(gains.mean() > 2 * gains.std() / np.sqrt(len(gains)))


def calibrate(scores: Sequence[Floats], right: Rows, counts: Rows, taxonomy: Taxonomy) -> Calibration:
    """Choose weights, adjustment for class imbalance and threshold on validation.

    Rare classes are helped after training (logit adjustment: Menon et al., 2021), as strongly as validation likes by
    the sum of accuracy and macro-F1.

    Args:
        scores: of each branch, path scores of the validation texts.
        right: end of each validation text.
        counts: training texts of each end, shape (ends,).
        taxonomy: whose ends they are.
    """
    prior = np.log(np.maximum(counts, 1) / counts.sum())
    prior -= prior.mean()
    weights = mixture(scores, right)
    strength = _strength(_mix(scores, weights), right, prior)
    if strength:
        weights = mixture(scores, right, offset=strength * prior)
    calibration = Calibration(weights, strength * prior, strength, 0.0)
    chosen = threshold(calibration.probabilities(scores), right, taxonomy)
    return Calibration(weights, strength * prior, strength, chosen)


def _strength(mixed: Floats, right: Rows, prior: NDArray[np.float64]) -> float:
    def worth(strength: float) -> float:
        given = (mixed - strength * prior).argmax(axis=1)
        return float((given == right).mean()) + macro_f1(given.tolist(), right.tolist())

    best = max(ADJUSTMENTS, key=lambda strength: (worth(strength), -strength))
    return best if worth(best) > worth(0.0) + CLEAR_GAIN else 0.0


def threshold(probabilities: Floats, right: Rows, taxonomy: Taxonomy) -> float:
    """The least probability at which to give a label, so that right labels less wrong ones are most on validation.

    A wrong label costs what a right one is worth, so with perfect calibration this is one half.
    """
    nodes = taxonomy.node_probabilities(probabilities)
    lines = [taxonomy.line(taxonomy.ends[end]) for end in probabilities.argmax(axis=1)]
    truth = [set(taxonomy.line(taxonomy.ends[end])) for end in right]
    given = [(nodes[row, node], node in truth[row]) for row, line in enumerate(lines) for node in line]
    chances, correct = np.array([chance for chance, _ in given]), np.array([hit for _, hit in given])
    candidates = np.arange(0.30, 0.81, 0.02)
    worth = [float(np.where(correct, 1, -1)[chances >= candidate].sum()) for candidate in candidates]
    best = np.flatnonzero(np.array(worth) >= max(worth) - 0.001 * len(right))
    return float(round(candidates[best[len(best) // 2]], 2))
