"""The gate that every learner goes through: better on the same held-out items, or it does not serve.

Scores of challenger and champion, item by item, go in; a verdict comes out, with a reason that holds the figures, and
goes on record in the registry, whichever way it falls.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trivec.errors import BadInput
from trivec.metrics.significance import bootstrap_interval, randomisation_test

if TYPE_CHECKING:
    from trivec.registry import Registry

Scores = NDArray[np.float64]  # (held-out items,), higher is better

SIGNIFICANT = 0.05  # p below this is not luck


@dataclass(frozen=True)
class Verdict:
    """Whether a challenger is to serve, and the figures that say so.

    Attributes:
        promote: whether it passes.
        reason: one sentence with the figures, for the record.
        difference: mean of challenger minus champion over the items; positive is better.
        low: lower bound of the difference's 95% bootstrap interval.
        high: upper bound of it.
        p: of a paired randomisation test, two-sided.
        challenger: its mean score.
        champion: mean score of the champion, or of the baseline where there was no champion.
    """

    promote: bool
    reason: str
    difference: float
    low: float
    high: float
    p: float
    challenger: float
    champion: float


def judge(
    challenger: Scores,
    champion: Scores | None,
    *,
    metric: str,
    baseline: Scores | None = None,
    baseline_name: str = "the baseline",
) -> Verdict:
    """Holds a challenger against the champion, item by item.

    A champion is replaced only by what is better beyond luck (p < .05 in a paired randomisation test). A first model
    must not be worse than the baseline: there is nothing to lose that people are used to.

    Args:
        challenger: score of each held-out item, higher is better.
        champion: scores of the same items, or None when there is no champion yet.
        metric: what the scores are, for the reason.
        baseline: scores of the same items without any model; needed when there is no champion.
        baseline_name: what the baseline is, for the reason.

    Raises:
        BadInput: no items, scores of different items, or a score that is no number.

    Examples:
        >>> judge(np.full(40, 0.6), np.full(40, 0.5), metric="accuracy").promote
        True
        >>> judge(np.full(9, 0.5), np.full(9, 0.6), metric="mrr").reason
        'mrr 0.5000 is not better than 0.6000 of the champion (-0.1000, 95% -0.1000 to -0.1000, p 0.0038, 9 items)'
    """
    first = champion is None
    other = baseline if champion is None else champion
    if other is None:
        raise BadInput("there is no champion: give the scores of a baseline that a first model must not fall behind")
    differences = _differences(challenger, other)
    difference = float(differences.mean())
    interval = bootstrap_interval(differences)
    p = randomisation_test(challenger, other)
    promote = difference >= 0 if first else difference > 0 and p < SIGNIFICANT
    mean, rival = float(challenger.mean()), float(other.mean())
    against = f"{baseline_name} (there was no champion)" if first else "the champion"
    compared = _compared(promote, first)
    figures = f"{difference:+.4f}, 95% {interval.low:+.4f} to {interval.high:+.4f}, p {p:.4f}, {len(differences)} items"
    reason = f"{metric} {mean:.4f} is {compared} {rival:.4f} of {against} ({figures})"
    return Verdict(promote, reason, difference, interval.low, interval.high, p, mean, rival)


def record(registry: "Registry", reference: str, verdict: Verdict) -> None:
    """Makes the challenger champion, or puts its refusal on record; either way with the reason.

    Args:
        registry: of the models.
        reference: of the challenger, `name:version`.
        verdict: of `judge`.
    """
    decide = registry.promote if verdict.promote else registry.refuse
    decide(reference, reason=verdict.reason)


def _compared(promote: bool, first: bool) -> str:
    if first:
        return "not worse than" if promote else "worse than"
    return "better than" if promote else "not better than"


def _differences(challenger: Scores, other: Scores) -> Scores:
    if challenger.shape != other.shape or challenger.ndim != 1 or not challenger.size:
        raise BadInput(
            f"scores of shapes {challenger.shape} and {other.shape} cannot be paired: "
            "give one score for each of the same held-out items"
        )
    if not (np.isfinite(challenger).all() and np.isfinite(other).all()):
        raise BadInput("a held-out score is not a number: a model that cannot be scored is not compared")
    return np.asarray(challenger, np.float64) - np.asarray(other, np.float64)
