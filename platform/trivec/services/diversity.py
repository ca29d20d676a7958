"""Maximal marginal relevance: a page of hits that do not all say the same (Carbonell & Goldstein, 1998)."""

from collections.abc import Mapping, Sequence

import numpy as np

from trivec.records import Floats1d, Floats2d
from trivec.store.queries import Candidate


def diversify(
    ranked: Sequence[Candidate], vectors: Mapping[str, Floats1d], *, diversity: float
) -> tuple[Candidate, ...]:
    """The same documents in another order; their scores stay what they were.

    Args:
        ranked: documents, best first.
        vectors: unit vectors by point; a document without one is taken as like nothing else.
        diversity: 0 keeps the order, 1 looks only for what is unlike the hits before.
    """
    if len(ranked) < 3 or diversity <= 0:
        return tuple(ranked)
    matrix = _matrix(ranked, vectors)
    relevance = _relevance(ranked)
    closest = np.zeros(len(ranked), np.float32)
    left = np.ones(len(ranked), bool)
    order: list[int] = []
    for _ in ranked:
        value = np.where(left, (1 - diversity) * relevance - diversity * closest, -np.inf)
        chosen = int(value.argmax())
        order.append(chosen)
        left[chosen] = False
        closest = np.maximum(closest, matrix @ matrix[chosen])
    return tuple(ranked[number] for number in order)


def _matrix(ranked: Sequence[Candidate], vectors: Mapping[str, Floats1d]) -> Floats2d:
    dimension = next((len(vector) for vector in vectors.values()), 1)
    nothing = np.zeros(dimension, np.float32)
    return np.stack([vectors.get(candidate.id, nothing) for candidate in ranked])


def _relevance(ranked: Sequence[Candidate]) -> Floats1d:
    scores = np.array([candidate.score for candidate in ranked], np.float32)
    spread = float(scores.max() - scores.min())
    scaled: Floats1d = (scores - scores.min()) / spread if spread else np.ones_like(scores)
    return scaled
