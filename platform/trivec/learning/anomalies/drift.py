"""Whether what comes in still looks like what was learned from: a two-sample test with an honest p-value.

Two samples of vectors in, the chance that texts of one kind differ as much out.
"""

from dataclasses import dataclass

import numpy as np

from trivec.errors import BadInput
from trivec.records import Floats2d

FEWEST = 30  # texts of either sample
MOST = 400  # texts of either sample that are compared
ROUNDS = 999  # permutations
ALARM = 0.01  # p at or below which the corpus counts as drifted


@dataclass(frozen=True)
class Drift:
    """What a test found.

    Attributes:
        p_value: of the difference, 0 to 1; low means that the samples differ.
        distance: squared maximum mean discrepancy; about 0 for samples of one kind.
        reference: texts of the one sample.
        incoming: texts of the other.
        alarm: whether the difference is beyond chance (p <= .01): learn again.
    """

    p_value: float
    distance: float
    reference: int
    incoming: int
    alarm: bool


def compare(reference: Floats2d, incoming: Floats2d, *, rounds: int = ROUNDS, seed: int = 0) -> Drift:
    """Maximum mean discrepancy with permutations (Gretton et al., 2012), Gaussian kernel of the median distance.

    Args:
        reference: vectors of texts as they used to be, one a document, shape (texts, dimension).
        incoming: of texts as they come in.
        rounds: permutations; the lowest p is 1 / (rounds + 1).
        seed: of the samples and permutations.

    Raises:
        BadInput: too few texts.
    """
    random = np.random.default_rng(seed)
    first, second = (rows[random.permutation(len(rows))[:MOST]] for rows in (reference, incoming))
    if min(len(first), len(second)) < FEWEST:
        raise BadInput(f"{len(first)} and {len(second)} texts are too few to compare: {FEWEST} of each are needed")
    kernel = _kernel(np.concatenate([first, second]).astype(np.float64))
    sides = np.concatenate([np.ones(len(first)), np.zeros(len(second))])
    shuffled = random.permuted(np.tile(sides, (rounds, 1)), axis=1)
    distances = _discrepancies(kernel, np.concatenate([sides[None], shuffled]))
    p_value = float((1 + (distances[1:] >= distances[0] - 1e-12).sum()) / (rounds + 1))
    return Drift(p_value, float(distances[0]), len(first), len(second), p_value <= ALARM)


def _kernel(rows: Floats2d) -> Floats2d:
    """Gaussian kernel without its diagonal."""
    lengths = np.square(rows).sum(axis=1)
    squares = np.maximum(lengths[:, None] + lengths[None, :] - 2 * rows @ rows.T, 0)
    kernel = np.exp(-squares / max(float(np.median(squares)), 1e-12))
    np.fill_diagonal(kernel, 0)
    return np.asarray(kernel)


def _discrepancies(kernel: Floats2d, sides: Floats2d) -> Floats2d:
    """Unbiased squared discrepancies, one for each row of sides (1: first sample, 0: second)."""
    count = sides[0].sum()
    others = sides.shape[1] - count
    within = np.einsum("ij,ij->i", sides @ kernel, sides)
    degrees = sides @ kernel.sum(axis=1)
    between = degrees - within
    rest = kernel.sum() - within - 2 * between
    return np.asarray(within / (count * (count - 1)) + rest / (others * (others - 1)) - 2 * between / (count * others))
