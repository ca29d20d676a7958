"""The sheet of cells: hexagons in rows, every second row shifted by half a cell, and who is next to whom."""

from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEWEST, MOST = 16, 1600  # cells
_LONGEST = 2.5  # times as long as it is wide, at most: a ribbon is no map
_TOUCHING = 1.01  # distance of the centres of neighbours, with room for rounding


@dataclass(frozen=True)
class Grid:
    """A sheet of `rows` x `columns` hexagons; cell number r * columns + c is in row r, column c.

    Examples:
        >>> Grid(2, 3).positions.round(2).tolist()[2:5]
        [[2.5, 0.0], [0.0, 0.87], [1.0, 0.87]]
    """

    rows: int
    columns: int

    @property
    def cells(self) -> int:
        """How many."""
        return self.rows * self.columns

    @cached_property
    def positions(self) -> Floats:
        """Centres as (x, y), in cell widths, shape (cells, 2)."""
        row, column = np.divmod(np.arange(self.cells), self.columns)
        shift = 0.5 * ((self.rows - 1 - row) % 2)  # counted from the last row, as MiniSom does
        return np.stack([column + shift, row * sqrt(3) / 2], axis=1)

    @cached_property
    def distances(self) -> Floats:
        """Between the centres of any two cells, in cell widths, shape (cells, cells)."""
        apart = self.positions[:, None] - self.positions[None]
        return np.asarray(np.sqrt((apart**2).sum(axis=2)))

    @cached_property
    def touching(self) -> NDArray[np.bool_]:
        """Which cells are neighbours, shape (cells, cells); none is its own."""
        return (self.distances < _TOUCHING) & ~np.eye(self.cells, dtype=bool)

    def around(self, values: Floats) -> Floats:
        """Mean over each cell's neighbours of a (cells, cells) matrix, shape (cells,)."""
        return np.asarray((values * self.touching).sum(axis=1) / np.maximum(1, self.touching.sum(axis=1)))


def grid_for(documents: int, spread: tuple[float, float], *, cells: int = 0) -> Grid:
    """The sheet that suits so many documents.

    Args:
        documents: that it is to hold.
        spread: standard deviations along the first two principal components: the ratio of the sides.
        cells: about how many instead of the rule's 5 * sqrt(documents) (Vesanto & Alhoniemi, 2000); 0 for the rule,
            which makes no more than a third as many cells as documents.

    Examples:
        >>> grid_for(20_000, (0.2, 0.16))
        Grid(rows=24, columns=29)
    """
    wanted = cells or min(5 * sqrt(documents), documents / 3)
    count = min(MOST, max(FEWEST, wanted))
    ratio = min(_LONGEST, max(1.0, spread[0] / max(spread[1], 1e-9)))
    rows = max(2, round(sqrt(count / ratio)))
    return Grid(rows, max(2, round(count / rows)))
