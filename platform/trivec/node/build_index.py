"""The process that builds indexes: loads a copy of a shard, lets Edge optimise it, and writes down what came out.

One JSON `Job` on standard input, one JSON `Outcome` on standard output. It is a process of its own because Edge holds
the GIL while it optimises; it runs with a lower priority and dies with its parent.
"""

import ctypes
import json
import os
import signal
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import qdrant_edge as edge
from qdrant_client import models

from trivec.node.durable import write_back
from trivec.node.edge_config import edge_config

_EDGE_CONFIG = "edge_config.json"
_PR_SET_PDEATHSIG = 1
_NICENESS = 5  # behind what serves, but not starved by what fills: an index that never comes slows all searches


@dataclass(frozen=True)
class Job:
    """What to build.

    Attributes:
        folder: the shard to optimise in place.
        parameters: the collection's `CreateCollection` as JSON.
        threads: threads for building.
    """

    folder: str
    parameters: str
    threads: int


@dataclass(frozen=True)
class Outcome:
    """What was built.

    Attributes:
        points: how many points were loaded.
        optimised: whether anything changed.
        size: bytes on disk afterwards.
    """

    points: int
    optimised: bool
    size: int


def build(job: Job) -> Outcome:
    """Optimise the shard that the job names and leave it flushed and closed."""
    parameters = models.CreateCollection.model_validate_json(job.parameters)
    (Path(job.folder) / _EDGE_CONFIG).unlink(missing_ok=True)  # else Edge keeps what the parameters no longer name
    shard = edge.EdgeShard.load(job.folder, edge_config(parameters, indexing_threads=job.threads))
    points = shard.count(edge.CountRequest(exact=True))
    optimised = shard.optimize()
    shard.flush()
    shard.close()
    return Outcome(points=points, optimised=optimised, size=write_back(Path(job.folder)))


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def main() -> None:
    """Read the job, build, answer."""
    _die_with_parent()
    os.nice(_NICENESS)
    outcome = build(Job(**json.load(sys.stdin)))
    json.dump(asdict(outcome), sys.stdout)


if __name__ == "__main__":
    main()
