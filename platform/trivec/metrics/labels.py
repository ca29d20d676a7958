"""How good predicted labels and paths are, and how far their confidence can be believed."""

from collections import Counter
from collections.abc import Collection, Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

Path = tuple[str, ...]  # root first


def macro_f1(given: Sequence[Hashable], right: Sequence[Hashable]) -> float:
    """Mean F1 over the classes that occur on either side, 0 to 1, higher is better.

    >>> round(macro_f1(["a", "a", "b"], ["a", "b", "b"]), 3)
    0.667
    """
    hits = Counter(one for one, other in zip(given, right, strict=True) if one == other)
    sizes = Counter(given) + Counter(right)
    return float(np.mean([2 * hits[label] / sizes[label] for label in sizes]))


def hierarchical_f1(given: Sequence[Path], right: Sequence[Path]) -> float:
    """F1 of the labels on the paths, ancestors counted, pooled over all texts (Kiritchenko et al., 2006); 0 to 1.

    >>> hierarchical_f1([("sport", "golf")], [("sport", "rowing")])
    0.5
    """
    shared = sum(len(set(one) & set(other)) for one, other in zip(given, right, strict=True))
    total = sum(map(len, given)) + sum(map(len, right))
    return 2 * shared / total if total else 0.0


def valid_paths(given: Sequence[Path], known: Collection[Path]) -> float:
    """Share of predicted paths that exist, as a path of the taxonomy or its beginning; 1 is all.

    >>> valid_paths([("sport",), ("sport", "jazz")], [("sport", "golf"), ("music", "jazz")])
    0.5
    """
    beginnings = {path[:length] for path in known for length in range(len(path) + 1)}
    return float(np.mean([path in beginnings for path in given]))


def expected_calibration_error(confidence: NDArray[np.float64], correct: NDArray[np.bool_], *, bins: int = 15) -> float:
    """How far confidence is from accuracy, mean over equal-width bins by their share of the texts (Guo et al., 2017).

    Args:
        confidence: probability of the answer given, shape (texts,).
        correct: whether it was right, shape (texts,).
        bins: between 0 and 1.

    Returns:
        0 to 1; 0 is perfect.

    >>> round(expected_calibration_error(np.full(10, 0.9), np.arange(10) < 7), 3)
    0.2
    """
    places = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    gaps = np.bincount(places, weights=confidence - correct, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidence))
