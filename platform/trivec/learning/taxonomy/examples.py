"""What a classifier learns from: texts with their paths, checked, and a part of each class held back to judge by."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trivec.errors import BadInput

Rows = NDArray[np.int64]  # (some of the examples,)

FEWEST = 20  # examples in all: fewer cannot be judged


@dataclass(frozen=True)
class Example:
    """A text and where it belongs: its path in the taxonomy, root first."""

    text: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Split:
    """Which examples are learned from, and which judge what was learned."""

    train: Rows
    validation: Rows


def check(examples: Sequence[Example]) -> None:
    """Raise BadInput unless there is enough to learn from."""
    if empty := [number for number, example in enumerate(examples) if not example.text.strip()]:
        raise BadInput(f"{len(empty)} examples have no text, the first is number {empty[0] + 1}: leave them out")
    counts = Counter(example.labels for example in examples)
    enough = [path for path, count in counts.items() if count > 1]
    if len(examples) < FEWEST or len(enough) < 2:
        raise BadInput(
            f"{len(examples)} examples of {len(counts)} classes, {len(enough)} of them with two or more, are too few: "
            f"give {FEWEST} examples and two classes at least, better 20 examples a class"
        )


def split_off(examples: Sequence[Example], *, share: float, seed: int) -> Split:
    """Hold back a share of every class, at least one example of each class that has four; the same for one seed.

    Equal texts stay on one side: what was learned by heart proves nothing.
    """
    random = np.random.default_rng(seed)
    classes: dict[tuple[str, ...], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row, example in enumerate(examples):
        classes[example.labels][" ".join(example.text.lower().split())].append(row)
    held = np.zeros(len(examples), np.bool_)
    for path in sorted(classes):
        groups = list(classes[path].values())
        count = max(1, round(share * len(groups))) if len(groups) > 3 else 0
        for group in random.permutation(len(groups))[:count]:
            held[groups[group]] = True
    if not held.any():
        raise BadInput("no class has four different examples, so nothing can be held back to judge by: give more")
    return Split(np.flatnonzero(~held), np.flatnonzero(held))
