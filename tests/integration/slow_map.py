"""The worker as it is, but the map takes its time, so that a test can kill it in the middle.

For a process of its own only: whoever imports this has slow maps.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trivec.learning.base import Progress
from trivec.records import Scalar
from trivec.services.map_learning import MapLearner
from trivec_workers.app import app

__all__ = ["app"]

_SECONDS = {"ordering": 0.005, "placing": 1.0}  # a step
_learn = MapLearner.learn


def _slowly(
    self: MapLearner, corpus: str, parameters: Mapping[str, Scalar], checkpoint: Path, progress: Progress
) -> dict[str, Any]:
    def slow(doing: str, share: float) -> None:
        progress(doing, share)
        time.sleep(_SECONDS.get(doing.split()[0], 0.0))

    return _learn(self, corpus, parameters, checkpoint, slow)


MapLearner.learn = _slowly  # type: ignore[method-assign]
