"""The worker as it is, with a learner that takes its time: forty steps, each kept in its checkpoint folder.

For a process of its own only: whoever imports this has this learner alone.
"""

import os
import time
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.support.slow import STEPS
from trivec.learning.base import Progress
from trivec.records import LearningKind, Scalar
from trivec.services.container import Container
from trivec.services.learning import Learner
from trivec_workers.app import app

__all__ = ["app"]

_SECONDS = 0.1  # a step


def learn(_corpus: str, _parameters: Mapping[str, Scalar], checkpoint: Path, progress: Progress) -> Mapping[str, Any]:
    for step in range(len(list(checkpoint.iterdir())), STEPS):
        progress(f"step {step} of {STEPS}", step / STEPS)
        time.sleep(_SECONDS)
        (checkpoint / f"{step:02}").write_text(str(os.getpid()))
    return {"processes": [int(each.read_text()) for each in sorted(checkpoint.iterdir())]}


def _learners(_container: Container) -> dict[LearningKind, Learner]:
    return {"fusion": Learner(learn, models=("fusion",))}


_slow = cached_property(_learners)
_slow.__set_name__(Container, "_learners")
Container._learners = _slow  # type: ignore[assignment]
