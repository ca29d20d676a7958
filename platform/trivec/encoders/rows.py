"""Rows of dense vectors: raw arrays in, unit rows with their missing ones marked out."""

import numpy as np
from numpy.typing import NDArray

from trivec.records import Bools1d, DenseVectors, Floats2d

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
