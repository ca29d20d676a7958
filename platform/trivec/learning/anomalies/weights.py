"""How much the view of meaning counts in a corpus, chosen without a single labelled anomaly.

Where a corpus consists of tight topics, a text far from all of them is odd by its meaning alone, and other views only
dilute that. Where anything may be said (chat, say), distance means little. So: leave out one topic after the other and
see how well distance tells its texts from those that stayed.
"""

import math
from collections.abc import Mapping
from typing import Final

import numpy as np
from scipy.stats import norm, rankdata

from trivec.errors import MissingExtra
from trivec.records import Floats2d

TOPICS: Final = 10
MOST_TEXTS: Final = 3000
GAIN: Final = 3.0
LEAST, MOST = 0.5, 8.0
OTHERS: Final[Mapping[str, float]] = {"words": 1.0, "form": 1.0, "spelling": 1.0}


def meaning_weight(table: Floats2d, *, neighbours: int, seed: int) -> float:
    """Weight of the view of meaning in the sum of surprises, where each other view has 1.

    The separation d' that the area under the ROC curve of left-out topics stands for, squared, times `GAIN`.
    """
    chance = min(topic_separation(table, neighbours=neighbours, seed=seed), 1 - 1e-6)
    separation = math.sqrt(2) * max(0.0, float(norm.ppf(chance)))
    return min(MOST, max(LEAST, GAIN * separation**2))


def topic_separation(table: Floats2d, *, neighbours: int, seed: int) -> float:
    """Area under the ROC curve with which texts of a topic that was left out lie farther off than those that stayed.

    Args:
        table: unit rows of normal texts, shape (normal, dimension).
        neighbours: nearest texts that the distance is a mean over.
        seed: of the sample and the topics.
    """
    try:
        from sklearn.cluster import MiniBatchKMeans
    except ImportError as missing:
        raise MissingExtra("scikit-learn", "insights") from missing
    rows = table[np.random.default_rng(seed).permutation(len(table))[:MOST_TEXTS]]
    topics = min(TOPICS, len(rows) // 4)
    count = min(neighbours, len(rows) // 4)
    if topics < 2 or count < 1:
        return 0.5
    topic = MiniBatchKMeans(topics, random_state=seed, n_init=3).fit_predict(rows)
    near = rows @ rows.T
    np.fill_diagonal(near, -1)
    stayed = _mean_distance(near, count)
    near[topic[:, None] == topic[None, :]] = -1
    left_out = _mean_distance(near, count)
    ranks = rankdata(np.concatenate([stayed, left_out]))
    size = len(rows)
    return float((ranks[size:].sum() - size * (size + 1) / 2) / (size * size))


def _mean_distance(near: Floats2d, count: int) -> Floats2d:
    best = np.partition(near, near.shape[1] - count, axis=1)[:, near.shape[1] - count :]
    return np.asarray(1 - best.mean(axis=1), np.float32)
