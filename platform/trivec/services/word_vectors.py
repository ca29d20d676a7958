"""Word vectors as a kind of learning: Word2Vec and word weights anew, in a generation of their own."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trivec.learning.base import Progress
from trivec.records import Scalar
from trivec.services.learning import Learner
from trivec.services.switching import Switcher, references
from trivec.services.vectors import VectorsService

_logger = logging.getLogger(__name__)


def learner(vectors: VectorsService, switcher: Switcher) -> Learner:
    """The kind `vectors`: learned again when a corpus has grown a lot, or when a generation was left half made.

    Args:
        vectors: trains, fills, switches.
        switcher: goes back to a generation that there was.
    """

    def learn(corpus: str, _parameters: Mapping[str, Scalar], _checkpoint: Path, progress: Progress) -> dict[str, Any]:
        generation = vectors.renew(corpus, progress=lambda doing: progress(doing, 0.0))
        return {"generation": generation.number, "vectors": list(generation.names), "models": references(generation)}

    def wants(corpus: str) -> bool:
        return vectors.serves(corpus) and vectors.wants_renewal(corpus)

    def serve(reference: str) -> tuple[str, ...]:
        return switcher.serve(reference, progress=_logger.info)

    return Learner(learn, models=("word2vec", "weights"), wants=wants, serve=serve, withdraw=None)
