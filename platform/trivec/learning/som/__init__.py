"""The map: a self-organising map of any named vector, its cells labelled, and a projection beside it.

    unit vectors ─ principal components ─ batch map (PCA start) ─ cells ─ words, nearest document
                                       └─ UMAP, or the first two ─ points

Documents that are alike lie in the same cell or in cells that touch. Needs MiniSom to train, numpy to serve.
"""

from trivec.learning.base import Progress, silent
from trivec.learning.som.grid import Grid, grid_for
from trivec.learning.som.model import CellNote, Nearest, Quality, SomModel, load
from trivec.learning.som.options import SomOptions
from trivec.learning.som.words import WordCounts, nearest_documents
from trivec.records import Floats2d

__all__ = [
    "CellNote",
    "Grid",
    "Nearest",
    "Quality",
    "SomModel",
    "SomOptions",
    "WordCounts",
    "grid_for",
    "load",
    "nearest_documents",
    "train",
]


def train(vectors: Floats2d, *, options: SomOptions | None = None, progress: Progress = silent) -> SomModel:
    """Make a map; the same vectors, options and seed give the same one. Its notes are left to be filled.

    Args:
        vectors: of the documents, unit rows, shape (documents, dimension); left untouched.
        options: how to make it.
        progress: told what is being done; may raise `Cancelled`.

    Raises:
        BadInput: too few documents, no two that differ, or an unknown projection.
        MissingExtra: MiniSom, or the projection that was asked for, is not installed.
        Cancelled: by `progress`.
    """
    from trivec.errors import MissingExtra

    try:
        from trivec.learning.som.training import train as run
    except ModuleNotFoundError as error:
        if error.name != "minisom":
            raise
        raise MissingExtra("minisom", "insights") from error
    return run(vectors, options or SomOptions(), progress)
