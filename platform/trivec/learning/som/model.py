"""The trained map as it serves: numpy only. Vectors in, cells out; new documents fall into place without training."""

import json
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from trivec.errors import BadInput, Broken
from trivec.learning.som.grid import Floats, Grid
from trivec.learning.som.projection import Projection
from trivec.records import Floats1d, Floats2d, Ints1d

TORN = 0.1  # topographic error that no map in order has
_FORMAT = 1
_AT_ONCE = 2**24  # pairs of document and centre that are compared at once


@dataclass(frozen=True)
class Quality:
    """How good a map is, on the documents it was made from.

    Attributes:
        quantisation: mean distance between a document and its cell, in the reduced space; lower is better.
        topographic: share of documents whose two nearest cells do not touch, 0 to 1; lower is better.
        explained: share of the vectors' variance that the reduced space keeps, 0 to 1.
        radius: width of the neighbourhood it ended with, in cells.
    """

    quantisation: float
    topographic: float
    explained: float
    radius: float

    @property
    def torn(self) -> bool:
        """Whether neighbours are not to be trusted: training found no map of these documents that is in order."""
        return self.topographic > TORN


@dataclass(frozen=True)
class Nearest:
    """The nearest cells of some documents.

    Attributes:
        cells: nearest first, shape (documents, wanted).
        distances: to them, in the reduced space, shape (documents, wanted); lower is nearer.
    """

    cells: Ints1d
    distances: Floats


@dataclass(frozen=True)
class CellNote:
    """What a cell is about.

    Attributes:
        words: by class-based TF-IDF, the most telling first; empty where nothing lies around.
        nearest: the document nearest to the cell's centre, "" where it has none.
    """

    words: tuple[str, ...]
    nearest: str


@dataclass(frozen=True)
class SomModel:
    """A self-organising map (Kohonen, 1982; 2013). Safe to use from several threads.

    Attributes:
        grid: of the cells.
        mean: of the vectors, shape (dimension,).
        axes: their principal components as columns, shape (dimension, reduced).
        weights: centre of each cell in the reduced space, shape (cells, reduced).
        quality: on the documents it was made from.
        notes: what each cell is about.
        projection: places documents on a plane beside the map.
    """

    grid: Grid
    mean: Floats1d
    axes: Floats2d
    weights: Floats2d
    quality: Quality
    notes: tuple[CellNote, ...]
    projection: Projection

    def reduce(self, vectors: Floats2d) -> Floats2d:
        """Coordinates in the reduced space, shape (documents, reduced).

        Raises:
            BadInput: vectors of another dimension.
        """
        if vectors.ndim != 2 or vectors.shape[1] != len(self.mean):
            raise BadInput(f"vectors of shape {vectors.shape} are not on this map, which has {len(self.mean)} columns")
        return np.asarray((vectors - self.mean) @ self.axes, np.float32)

    def nearest(self, vectors: Floats2d, *, count: int = 1) -> Nearest:
        """The nearest cells of each document, shape (documents, count)."""
        return nearest(self.reduce(vectors), self.weights, count=count)

    def place(self, vectors: Floats2d) -> Floats2d:
        """Points of the projection, shape (documents, 2)."""
        return self.projection.place(self.reduce(vectors))

    def closeness(self, vectors: Floats2d) -> Floats:
        """Cosine of each document with the centre of its cell, in the space of the vectors; higher is nearer."""
        centres = self.mean + self.weights @ self.axes.T
        centres = centres / np.maximum(1e-9, np.linalg.norm(centres, axis=1, keepdims=True))
        return np.asarray((vectors * centres[self.nearest(vectors).cells[:, 0]]).sum(axis=1), np.float64)

    def noted(self, notes: tuple[CellNote, ...]) -> "SomModel":
        """The same map with these notes, one for each cell."""
        return replace(self, notes=notes)

    @cached_property
    def u_matrix(self) -> Floats:
        """Mean distance of each cell from its neighbours, shape (cells,): ridges between valleys of like documents."""
        return self.grid.around(_apart(self.weights))

    def planes(self, count: int) -> Floats:
        """Component planes: each cell along the first principal components, shape (count, cells)."""
        return np.asarray(self.weights[:, :count].T, np.float64)

    def save(self, folder: Path) -> None:
        """Write safetensors and JSON."""
        from safetensors.numpy import save_file

        folder.mkdir(parents=True, exist_ok=True)
        arrays = {"mean": self.mean, "axes": self.axes, "weights": self.weights, **self.projection.arrays()}
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, folder / "map.safetensors")
        facts = {
            "format": _FORMAT,
            "rows": self.grid.rows,
            "columns": self.grid.columns,
            "quality": asdict(self.quality),
            "notes": [asdict(note) for note in self.notes],
            "projection": self.projection.method,
        }
        (folder / "map.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


def load(folder: Path) -> SomModel:
    """Open what `save` wrote.

    Raises:
        Broken: files are missing or unreadable.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        facts = json.loads((folder / "map.json").read_text("utf-8"))
        arrays = load_file(folder / "map.safetensors")
        return SomModel(
            grid=Grid(facts["rows"], facts["columns"]),
            mean=arrays["mean"],
            axes=arrays["axes"],
            weights=arrays["weights"],
            quality=Quality(**facts["quality"]),
            notes=tuple(CellNote(tuple(note["words"]), note["nearest"]) for note in facts["notes"]),
            projection=Projection.of(facts["projection"], arrays),
        )
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise Broken(f"no map in {folder}: {error!r}") from error


def nearest(reduced: Floats2d, weights: Floats2d, *, count: int) -> Nearest:
    """The nearest of some centres to each document, by matrix products."""
    cells = np.empty((len(reduced), count), np.int64)
    distances = np.empty((len(reduced), count))
    lengths = (weights * weights).sum(axis=1)
    step = max(1, _AT_ONCE // len(weights))
    for start in range(0, len(reduced), step):
        block = slice(start, start + step)
        apart = lengths - 2 * (reduced[block] @ weights.T)  # less the document's own length, the same for all cells
        best = _smallest(apart, count)
        own = (reduced[block] * reduced[block]).sum(axis=1)[:, None]
        cells[block] = best
        distances[block] = np.sqrt(np.maximum(0, np.take_along_axis(apart, best, axis=1) + own))
    return Nearest(cells, distances)


def _smallest(apart: Floats2d, count: int) -> Ints1d:
    if count == 1:
        return np.asarray(apart.argmin(axis=1)[:, None], np.int64)
    some = np.argpartition(apart, count - 1, axis=1)[:, :count]
    order = np.take_along_axis(apart, some, axis=1).argsort(axis=1, kind="stable")
    return np.asarray(np.take_along_axis(some, order, axis=1), np.int64)


def _apart(weights: Floats2d) -> Floats:
    lengths = (weights.astype(np.float64) ** 2).sum(axis=1)
    return np.asarray(np.sqrt(np.maximum(0, lengths[:, None] + lengths - 2 * weights @ weights.T)))
