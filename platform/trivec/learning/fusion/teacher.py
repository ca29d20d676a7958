"""The teacher: how well each passage answers each pseudo-question, by words and meaning together, without labels.

Lexical and dense scores are standardised and added, then regularised: a passage's score is mixed with those of the
passages most like it (Diaz, 2005, "Regularizing ad hoc retrieval scores"). Measured, nDCG@10 of the teacher on
cranfield, medline and cacm: .612 without, .635 with; a student of the regularised one is better too.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from trivec.records import Floats2d, Ints1d

FORBIDDEN = -np.inf  # where a question's own document stands: it would answer everything
_CHUNK = 1024  # passages compared with all others at once


@dataclass(frozen=True)
class Teacher:
    """How opinions are formed.

    Attributes:
        lexical: share of the lexical scores, 0 to 1.
        smoothing: share of the neighbours' opinions, 0 to 1.
        neighbours: of a passage, from other documents.
        sharpness: temperature of the neighbours' weights; lower listens to the nearest alone.
    """

    lexical: float = 0.35
    smoothing: float = 0.3
    neighbours: int = 10
    sharpness: float = 0.1

    def opinions(self, lexical: Floats2d, dense: Floats2d, graph: csr_array) -> Floats2d:
        """Scores of passages for questions, higher is better, mean 0 and deviation 1 per question.

        Args:
            lexical: bm25 scores, shape (questions, passages).
            dense: cosines, shape (questions, passages).
            graph: of `neighbour_graph`.
        """
        mixed = self.lexical * standardised(lexical) + (1 - self.lexical) * standardised(dense)
        smooth = np.asarray((graph @ mixed.T).T, np.float32)
        return standardised((1 - self.smoothing) * mixed + self.smoothing * smooth)

    def neighbour_graph(self, vectors: Floats2d, documents: Ints1d) -> csr_array:
        """Weights of each passage's nearest passages of other documents, summing to 1, shape (passages, passages)."""
        count = len(vectors)
        nearest = min(self.neighbours, count - 1)
        columns = np.zeros((count, nearest), np.int64)
        weights = np.zeros((count, nearest), np.float32)
        for start in range(0, count, _CHUNK):
            rows = slice(start, min(start + _CHUNK, count))
            cosines = vectors[rows] @ vectors.T
            cosines[documents[rows, None] == documents[None, :]] = -np.inf
            columns[rows] = np.argpartition(-cosines, nearest - 1, axis=1)[:, :nearest]
            weights[rows] = np.take_along_axis(cosines, columns[rows], axis=1)
        top = np.maximum(weights.max(axis=1, keepdims=True), -1)  # -inf where there is no other document
        weights = np.exp((weights - top) / self.sharpness)
        weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
        starts = np.arange(0, count * nearest + 1, nearest)
        return csr_array((weights.ravel(), columns.ravel(), starts), shape=(count, count))


def standardised(scores: Floats2d) -> Floats2d:
    """Each row with mean 0 and deviation 1; a row without any deviation becomes zeros."""
    centred = scores - scores.mean(axis=1, keepdims=True)
    deviation = centred.std(axis=1, keepdims=True)
    return np.asarray(centred / np.maximum(deviation, 1e-6), np.float32)


def agreement(scores: Floats2d, opinions: Floats2d, *, depth: int = 10, judged: int = 100) -> np.ndarray:
    """How well rankings agree with a teacher's: nDCG of each question, 0 to 1, higher is better.

    The gain of a passage grows linearly from 0 for the teacher's `judged`-th to 1 for its first.

    Args:
        scores: of the passages, shape (questions, passages).
        opinions: the teacher's; passages at `FORBIDDEN` are left out of the ranking.
        depth: of the rankings that are compared.
        judged: passages that have a gain.

    Returns:
        Shape (questions,).
    """
    allowed = np.where(np.isneginf(opinions), -np.inf, scores)
    judged = min(judged, opinions.shape[1])
    best = -np.sort(-opinions, axis=1)[:, :judged]
    bottom = np.where(np.isneginf(best[:, -1:]), best[:, :1] - 1, best[:, -1:])
    gains = np.clip((opinions - bottom) / np.maximum(best[:, :1] - bottom, 1e-9), 0, 1)
    discounts = 1 / np.log2(np.arange(2, depth + 2))
    shown = np.argsort(-allowed, axis=1, kind="stable")[:, :depth]
    reached = (np.take_along_axis(gains, shown, axis=1) * discounts[: shown.shape[1]]).sum(axis=1)
    ideal = (-np.sort(-gains, axis=1)[:, :depth] * discounts[: shown.shape[1]]).sum(axis=1)
    return np.asarray(reached / np.maximum(ideal, 1e-9), np.float64)
