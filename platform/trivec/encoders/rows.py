"""Rows of dense vectors: raw arrays in, unit rows with their missing ones marked out."""

import numpy as np
from numpy.typing import NDArray

from trivec.errors import BadInput
from trivec.records import Bools1d, DenseVectors, Floats2d, TextVectors

SHORTEST = 1e-6  # a row shorter than this carries rounding errors only


def unit_rows(values: Floats2d, *, present: Bools1d | None = None) -> DenseVectors:
    """Scale rows to unit length.

    Args:
        values: shape (texts, dimension); left untouched.
        present: rows known to mean something; all of them by default.

    Returns:
        Unit rows; a row that is not present, or too short to have a direction, is zero and marked missing.
    """
    lengths: NDArray[np.float32] = np.sqrt(np.einsum("ij,ij->i", values, values, dtype=np.float32))
    known = lengths > SHORTEST if present is None else present & (lengths > SHORTEST)
    scale = np.where(known, 1.0 / np.maximum(lengths, SHORTEST), 0.0).astype(np.float32)
    return DenseVectors(values=(values * scale[:, None]).astype(np.float32, copy=False), present=known)


def missing_rows(count: int, dimension: int) -> DenseVectors:
    """As many missing vectors as asked for."""
    return DenseVectors(np.zeros((count, dimension), np.float32), np.zeros(count, np.bool_))


def checked_part(part: TextVectors, *, name: str, of: str, shape: tuple[int, int]) -> DenseVectors:
    """A part of a fusion, if it is what the fusion was made for.

    Raises:
        BadInput: it is sparse or of another shape.
    """
    if not isinstance(part, DenseVectors) or part.values.shape != shape:
        got = part.values.shape if isinstance(part, DenseVectors) else "a sparse one"
        raise BadInput(f"{of!r} wants part {name!r} of shape {shape}, got {got}")
    return part
