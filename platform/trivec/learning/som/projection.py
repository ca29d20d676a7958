"""The plane beside the map: documents as points. UMAP where it is installed, else the first two components.

UMAP is fitted on a sample; every other document, also a later one, is placed among its nearest neighbours there.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trivec.errors import BadInput, MissingExtra
from trivec.records import Floats2d

METHODS = ("auto", "umap", "pca")
_NEIGHBOURS = 15  # whom UMAP keeps together
_PLACED_BY = 5  # neighbours that say where a document goes
_DIMENSIONS = 50  # of the reduced space that neighbours are sought in
_ANCHORS = 15_000  # documents that UMAP sees: a minute on one core
_BLOCK = 1024  # documents placed at once


@dataclass(frozen=True)
class Projection:
    """Where documents lie on a plane.

    Attributes:
        method: `umap` or `pca`.
        anchors: documents of the sample in the reduced space, shape (sample, dimensions); none for `pca`.
        points: where they lie, shape (sample, 2).
    """

    method: str
    anchors: Floats2d
    points: Floats2d

    @classmethod
    def of(cls, method: str, arrays: Mapping[str, NDArray[np.float32]]) -> "Projection":
        """What `arrays` gave."""
        return cls(method, arrays["anchors"], arrays["points"])

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """To be saved."""
        return {"anchors": self.anchors, "points": self.points}

    def place(self, reduced: Floats2d) -> Floats2d:
        """Points of documents in the reduced space, shape (documents, 2); those of the sample lie where they lay."""
        if self.method == "pca":
            return reduced[:, :2].astype(np.float32)
        placed = [self._among(reduced[at : at + _BLOCK]) for at in range(0, len(reduced), _BLOCK)]
        return np.concatenate(placed) if placed else np.empty((0, 2), np.float32)

    def _among(self, reduced: Floats2d) -> Floats2d:
        """The mean of the nearest anchors' points, the nearer the heavier."""
        wanted = reduced[:, : self.anchors.shape[1]]
        lengths = (self.anchors * self.anchors).sum(axis=1)
        own = (wanted * wanted).sum(axis=1)[:, None]
        apart = lengths - 2 * (wanted @ self.anchors.T)
        count = min(_PLACED_BY, len(self.anchors))
        best = np.argpartition(apart, count - 1, axis=1)[:, :count]
        squared = np.maximum(1e-9, np.take_along_axis(apart, best, axis=1) + own)
        weights = 1 / squared
        weights /= weights.sum(axis=1, keepdims=True)
        return np.asarray((weights[:, :, None] * self.points[best]).sum(axis=1), np.float32)


def fit(reduced: Floats2d, *, method: str, seed: int) -> Projection:
    """A projection of documents in the reduced space.

    Args:
        reduced: principal components of a sample, shape (documents, dimensions).
        method: `umap`, `pca`, or `auto`: UMAP where it is installed and there are enough documents.
        seed: of UMAP.

    Raises:
        BadInput: an unknown method.
        MissingExtra: UMAP was asked for and is not installed.
    """
    if method not in METHODS:
        raise BadInput(f"projection {method!r} is unknown: choose one of {', '.join(METHODS)}")
    few = len(reduced) <= 2 * _NEIGHBOURS
    if method == "pca" or (method == "auto" and few):
        return _plain()
    try:
        return _umap(reduced[:: -(-len(reduced) // _ANCHORS), :_DIMENSIONS], seed)
    except MissingExtra:
        if method == "umap":
            raise
        return _plain()


def _plain() -> Projection:
    return Projection("pca", np.empty((0, 1), np.float32), np.empty((0, 2), np.float32))


def _umap(anchors: Floats2d, seed: int) -> Projection:
    import warnings

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*TensorFlow.*", category=ImportWarning)
        warnings.filterwarnings("ignore", message="n_jobs value .* overridden", category=UserWarning)
        try:
            from umap import UMAP
        except ImportError as error:
            raise MissingExtra("umap-learn", "projection") from error
        neighbours = min(_NEIGHBOURS, len(anchors) - 1)
        fitted = UMAP(n_neighbors=neighbours, min_dist=0.1, init="pca", random_state=seed, n_jobs=1, low_memory=False)
        points = fitted.fit_transform(anchors)
    return Projection("umap", np.ascontiguousarray(anchors, np.float32), np.asarray(points, np.float32))
