"""How well groups of documents agree with labels that people gave."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence


def purity(groups: Sequence[Hashable], labels: Sequence[Hashable]) -> float:
    """Share of the documents that carry the commonest label of their group, 0 to 1, higher is better.

    It rises with the number of groups, so compare groupings of one size only.

    >>> purity([1, 1, 1, 2], ["a", "a", "b", "b"])
    0.75
    """
    if not groups:
        return 0.0
    counts: dict[Hashable, Counter[Hashable]] = defaultdict(Counter)
    for group, label in zip(groups, labels, strict=True):
        counts[group][label] += 1
    return sum(max(count.values()) for count in counts.values()) / len(groups)
