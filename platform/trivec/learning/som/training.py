"""Training: Kohonen's batch map from a PCA start, sharpened as far as the order of the map allows.

MiniSom keeps the map and judges it; its own training visits document by document in Python, so the step is ours: the
same update (Kohonen, 2013, eq. 8) for all documents at once, as matrix products.
"""

import numpy as np
from minisom import MiniSom
from numpy.typing import NDArray
from scipy import sparse

from trivec.errors import BadInput
from trivec.learning.base import Progress
from trivec.learning.som import projection
from trivec.learning.som.grid import FEWEST, Floats, Grid, grid_for
from trivec.learning.som.model import CellNote, Quality, SomModel, nearest
from trivec.learning.som.options import SomOptions
from trivec.records import Floats1d, Floats2d, Ints1d

_BEGIN = 0.2  # first width of the neighbourhood, in lengths of the longer side
_DRAWN = 0.25  # share of the documents that one pass of the ordering sees
_FEWEST_DRAWN = 2_000  # documents, where there are so many
_KEPT_EVERY = 10  # passes of the ordering: their maps are fallen back on where all sharper ones are torn
_NEIGHBOURS = 10  # documents that calm a document
_RING = 1.0  # width from which on the map is sharpened in small steps
_STEP = 0.98  # of the width, when sharpening
_SHARPEST = 0.3  # cells hardly know of each other below
_TRAINED, _JUDGED = 0.5, 0.55  # share of the work


def train(vectors: Floats2d, options: SomOptions, progress: Progress) -> SomModel:
    """A map of unit vectors; see `trivec.learning.som.train`."""
    if len(vectors) < FEWEST:
        raise BadInput(f"{len(vectors)} documents are too few for a map: {FEWEST} at least, some hundreds are better")
    if options.ordering < 1:
        raise BadInput(f"ordering={options.ordering}: a map needs 1 pass at least, better hundreds")
    progress("reducing the vectors", 0.0)
    sample = _sample(vectors, options)
    mean, axes, spread, explained = _components(sample, options.dimensions)
    reduced = np.asarray((sample - mean) @ axes, np.float32)
    grid = grid_for(len(vectors), (spread[0], spread[min(1, len(spread) - 1)]), cells=options.cells)
    weights, radius = _ordered(reduced, grid, spread, options, progress)
    progress("judging the map", _TRAINED)
    quantisation, topographic = judge(reduced, weights, grid)
    progress("projecting the documents", _JUDGED)
    plane = projection.fit(reduced, method=options.projection, seed=options.seed)
    notes = (CellNote((), ""),) * grid.cells
    return SomModel(grid, mean, axes, weights, Quality(quantisation, topographic, explained, radius), notes, plane)


def judge(reduced: Floats2d, weights: Floats2d, grid: Grid) -> tuple[float, float]:
    """Quantisation and topographic error as MiniSom measures them, on at most 20,000 documents."""
    some = np.asarray(reduced[:: -(-len(reduced) // 20_000)], np.float64)
    som = MiniSom(grid.columns, grid.rows, weights.shape[1], sigma=1.0, topology="hexagonal", random_seed=0)
    som.get_weights()[:] = weights.reshape(grid.rows, grid.columns, -1).transpose(1, 0, 2)
    return float(som.quantization_error(some)), float(som.topographic_error(some))


def _sample(vectors: Floats2d, options: SomOptions) -> Floats2d:
    if len(vectors) <= options.sample:
        return vectors
    chosen = np.random.default_rng(options.seed).choice(len(vectors), options.sample, replace=False)
    return vectors[np.sort(chosen)]


def _components(vectors: Floats2d, most: int) -> tuple[Floats1d, Floats2d, Floats, float]:
    """Mean, principal components as columns, standard deviations along them, share of variance they hold."""
    mean = vectors.mean(axis=0, dtype=np.float64)
    covariance = vectors.T.astype(np.float64) @ vectors / len(vectors) - np.outer(mean, mean)
    values, columns = np.linalg.eigh(covariance)
    kept = min(most, len(mean), len(vectors) - 1)
    values, columns = np.maximum(0, values[::-1]), columns[:, ::-1][:, :kept]
    columns = columns * np.sign(columns[np.abs(columns).argmax(axis=0), np.arange(kept)])  # LAPACK's signs are chance
    if values[0] < 1e-12:
        raise BadInput("all documents have the same vector: there is nothing to map")
    explained = float(values[:kept].sum() / values.sum())
    return mean.astype(np.float32), columns.astype(np.float32), np.sqrt(values[:kept]), explained


def _ordered(
    reduced: Floats2d, grid: Grid, spread: Floats, options: SomOptions, progress: Progress
) -> tuple[Floats2d, float]:
    """Centres, and the width of the neighbourhood that they ended with.

    A wide neighbourhood unfolds the map, a narrow one lets cells follow their documents; the narrowest one that keeps
    neighbours together is found by trying. Many passes over a part of the documents unfold it better than few over all.
    Cells follow calmed documents and are judged by the documents themselves.
    """
    random, drawn = np.random.default_rng(options.seed), max(int(_DRAWN * len(reduced)), _FEWEST_DRAWN)
    weights, calm = _start(grid, spread, reduced.shape[1]), _calmed(reduced)
    made: list[tuple[Floats2d, float]] = []  # some of the maps that may be kept, the sharpest last
    widths = _widths(grid, options.ordering)
    for number, width in enumerate(widths):
        progress(f"ordering {grid.cells} cells", _TRAINED * number / len(widths))
        seen = calm if number >= options.ordering else calm[random.permutation(len(calm))[:drawn]]
        cells = nearest(seen, weights, count=1).cells[:, 0]
        weights = _step(seen, cells, weights, np.exp(-(grid.distances**2) / (2 * width**2)))
        if number >= options.ordering:
            if _torn(reduced, weights, grid) > options.most_errors:
                break
            made.clear()
        if number % _KEPT_EVERY == 0 or number >= options.ordering - 1:
            made.append((weights, float(width)))
    return _kept(made, reduced, grid, options.most_errors, progress)


def _kept(
    made: list[tuple[Floats2d, float]], reduced: Floats2d, grid: Grid, most_errors: float, progress: Progress
) -> tuple[Floats2d, float]:
    """The sharpest map with few enough errors; where even the widest has more, that with the fewest."""
    fewest = 1.0
    kept = made[-1]
    for each in reversed(made) if len(made) > 1 else ():
        progress("looking for a map in order", _TRAINED)
        errors = _torn(reduced, each[0], grid)
        if errors < fewest:
            kept, fewest = each, errors
        if errors <= most_errors:
            break
    return kept


def _calmed(reduced: Floats2d) -> Floats2d:
    """Each document half way to the mean of its nearest neighbours: what only it says moves no cell."""
    count = min(_NEIGHBOURS, len(reduced) - 1) + 1  # the nearest is the document itself
    near = nearest(reduced, reduced, count=count).cells
    return np.asarray((reduced + reduced[near].mean(axis=1)) / 2, np.float32)


def _widths(grid: Grid, ordering: int) -> NDArray[np.float64]:
    first = max(_RING, _BEGIN * max(grid.rows, grid.columns))
    wide = first * (_RING / first) ** (np.arange(ordering) / ordering)
    steps = int(np.log(_SHARPEST / _RING) / np.log(_STEP)) + 1
    return np.concatenate([wide, _RING * _STEP ** np.arange(steps)])


def _start(grid: Grid, spread: Floats, dimensions: int) -> Floats2d:
    """The plane of the first two components, the longer side along the first."""
    weights = np.zeros((grid.cells, dimensions), np.float32)
    spread_out = (grid.positions - grid.positions.mean(axis=0)) / grid.positions.std(axis=0)
    for axis in range(min(2, dimensions)):
        weights[:, axis] = spread_out[:, axis] * spread[axis]
    return weights


def _step(reduced: Floats2d, cells: Ints1d, weights: Floats2d, neighbourhood: Floats) -> Floats2d:
    """Each centre becomes the mean of the documents around it, weighted by how near their cells are."""
    ones = np.ones(len(cells), np.float32)
    members = sparse.csr_array((ones, (cells, np.arange(len(cells)))), shape=(len(weights), len(cells)))
    near = neighbourhood.astype(np.float32)
    count = near @ np.bincount(cells, minlength=len(weights)).astype(np.float32)
    moved = (near @ (members @ reduced)) / np.maximum(count, 1e-6)[:, None]
    return np.where(count[:, None] > 1e-6, moved, weights).astype(np.float32)


def _torn(reduced: Floats2d, weights: Floats2d, grid: Grid) -> float:
    """Topographic error (Kiviluoto, 1996): share of documents whose two nearest cells do not touch."""
    best = nearest(reduced, weights, count=2).cells
    return float(1 - grid.touching[best[:, 0], best[:, 1]].mean())
