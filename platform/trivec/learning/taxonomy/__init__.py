"""Hierarchical classification: from labelled examples to a path in the user's taxonomy, with probabilities to believe.

    words, sentence vector ─ head per level ─┐
                                             ├─ sum along each path ─ softmax over paths ─ calibrated ─ path, or its top
    sentence, tuned encoder ─ head per level ┘

Every end of a path has one score, the sum of its nodes' scores, and a node's probability is that of all paths through
it. So a child is never likelier than its parent, and whatever is predicted exists. Needs torch to train, not to serve.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trivec.learning.base import Progress, silent
from trivec.learning.taxonomy.examples import Example
from trivec.learning.taxonomy.model import Encode, TaxonomyModel, load
from trivec.learning.taxonomy.options import TaxonomyOptions
from trivec.records import Floats2d

__all__ = ["Encode", "Example", "TaxonomyModel", "TaxonomyOptions", "correct", "load", "train"]


def train(
    examples: Sequence[Example],
    *,
    encode: Encode,
    options: TaxonomyOptions | None = None,
    checkpoint: Path | None = None,
    progress: Progress = silent,
    vectors: Floats2d | None = None,
) -> TaxonomyModel:
    """Train a classifier; the same examples, options and seed give the same model.

    Args:
        examples: labelled texts; 20 a class are enough, more are better.
        encode: makes unit sentence vectors of plain texts (the corpus's `bert`); kept for serving.
        options: how to train.
        checkpoint: folder that a killed training resumes from; it holds the tuned encoder afterwards, so it has to
            stay until the model is saved. None for a temporary one.
        progress: told what is being done; may raise `Cancelled`.
        vectors: the examples' sentence vectors where they are stored already, shape (examples, dimension), unit rows.

    Raises:
        BadInput: too few examples, an example without text or path, a label in two places of the tree.
        MissingExtra: torch or sentence-transformers is not installed.
        Cancelled: by `progress`.
    """
    from trivec.learning.taxonomy.training import train as run

    chosen = options or TaxonomyOptions()
    return run(examples, encode=encode, options=chosen, checkpoint=checkpoint, progress=progress, vectors=vectors)


def correct(
    model: TaxonomyModel, examples: Sequence[Example], *, vectors: Floats2d | None = None
) -> NDArray[np.float64]:
    """1 for each held-out example whose whole path is predicted, else 0, shape (examples,): what the gate compares."""
    found = model.predict([example.text for example in examples], vectors=vectors, whole=True)
    return np.array([float(one.labels == tuple(ex.labels)) for one, ex in zip(found, examples, strict=True)])
