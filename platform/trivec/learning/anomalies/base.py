"""What a view of texts is: one way of looking at them that gives each a score, higher being odder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from trivec.records import Floats2d

Scores = NDArray[np.float64]  # (texts,), higher is more unusual
Rows = NDArray[np.int64]  # (some of the texts,)


@dataclass(frozen=True)
class Texts:
    """Texts and what was already computed of them.

    Attributes:
        texts: cleaned.
        vectors: name -> unit rows, shape (texts, dimension); a row of zeros where a text had nothing to encode.
    """

    texts: Sequence[str]
    vectors: Mapping[str, Floats2d] = field(default_factory=dict)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.texts)

    def some(self, rows: Rows) -> "Texts":
        """Those of these rows."""
        return Texts([self.texts[row] for row in rows], {name: table[rows] for name, table in self.vectors.items()})


def compared(count: int, *, most: int, seed: int) -> Rows:
    """Which of `count` normal texts new ones are compared with: all, or `most` drawn by chance; ascending."""
    return np.sort(np.random.default_rng(seed).permutation(count)[:most])


class View(Protocol):
    """One way of looking at texts, learned from normal ones."""

    @property
    def name(self) -> str:
        """`bert`, `words`, `form`, `spelling`, ..."""
        ...

    def scores(self, batch: Texts) -> Scores:
        """How odd each text looks, shape (texts,); the scale is the view's own."""
        ...
