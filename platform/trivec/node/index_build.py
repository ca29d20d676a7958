"""One index build of one collection, from the copy to the switch, in steps short enough to serve between them.

    copy the shard -> optimise the copy in another process -> load it -> replay what was written since -> switch

Whatever goes wrong on the way, the old shard is still there and still counts. The switch is one atomic write.
"""

import os
import shutil
import time
from collections.abc import Generator, Iterator
from concurrent.futures import Executor
from pathlib import Path

import qdrant_edge as edge

from trivec.node.build_index import Job, Outcome
from trivec.node.collection import Collection
from trivec.node.collection_folder import CurrentShard
from trivec.node.durable import write_back
from trivec.node.errors import Internal, NodeError, edge_errors
from trivec.node.index_process import IndexProcess
from trivec.node.shard_copy import ShardCopy

Pause = float
"""Seconds to leave to others before the next step."""
Operations = list[edge.UpdateOperation]

_WAIT: Pause = 0.05
_BREATH: Pause = 0.005
_SLICE = 0.01
_LONGEST_SLICE = 0.1


def build(collection: Collection, *, pool: Executor) -> Generator[Pause, None, bool]:
    """Give the collection an optimised shard.

    Yields:
        A pause after every step; the work is done when the iterator ends with its return value.

    Returns:
        Whether the build changed anything; if not, the collection keeps its shard.

    Raises:
        NodeError: when the build failed; the collection is as it was.
    """
    target = collection.folder.next_shard()
    process: IndexProcess | None = None
    shard: edge.EdgeShard | None = None
    digest = collection.stored.digest()
    try:
        recorded, points = yield from _copied(collection, target, pool)
        process = IndexProcess(Job(str(target), collection.parameters.model_dump_json(), _threads()))
        outcome = yield from _outcome(process)
        if outcome.points != points:
            raise Internal(f"the copy of collection {collection.name} has {outcome.points} points instead of {points}")
        if not outcome.optimised:
            return False
        with edge_errors():
            shard = edge.EdgeShard.load(str(target))
        yield _BREATH
        current = CurrentShard(shard=target.name, digest=digest, points=points, size=outcome.size)
        yield from _caught_up(recorded, shard, target, pool)
        while collection.copies:  # a snapshot is being taken from the old shard
            yield _WAIT
            yield from _replayed(recorded, shard)
        old, shard = _switch(collection, shard, current), None
        yield from _let_go(*old, pool)
        return True
    finally:
        _clean_up(collection, target, process, shard, pool)


def _threads() -> int:
    """Half of the processors: searches need the others."""
    return max(1, len(os.sched_getaffinity(0)) // 2)


def _copied(collection: Collection, target: Path, pool: Executor) -> Generator[Pause, None, tuple[Operations, int]]:
    """Copy the shard; returns the operations that come from then on, and the number of points in the copy."""
    copy = ShardCopy(collection, target, pool=pool)
    try:
        while not copy.ready:
            yield _WAIT
    except GeneratorExit:
        copy.abandon()
        raise
    copy.finish()
    recorded: Operations = []
    collection.recorded = recorded
    return recorded, collection.count(edge.CountRequest(exact=True))


def _outcome(process: IndexProcess) -> Generator[Pause, None, Outcome]:
    while not process.done:
        yield _WAIT
    return process.outcome()


def _caught_up(recorded: Operations, shard: edge.EdgeShard, target: Path, pool: Executor) -> Iterator[Pause]:
    """Replay what was recorded until nothing is left; all but the last moments of it is on disk then."""
    yield from _replayed(recorded, shard)
    written = pool.submit(write_back, target)
    while not written.done():
        yield _BREATH
        yield from _replayed(recorded, shard)


def _replayed(recorded: Operations, shard: edge.EdgeShard) -> Iterator[Pause]:
    """Replay in slices; they grow while writers are faster than we are."""
    length = _SLICE
    while recorded:
        before = len(recorded)
        _replay(recorded, shard, until=time.perf_counter() + length)
        if recorded:
            yield _BREATH
        if len(recorded) >= before:
            length = min(length * 2, _LONGEST_SLICE)


def _replay(recorded: Operations, shard: edge.EdgeShard, *, until: float) -> None:
    done = 0
    for operation in recorded:
        try:
            with edge_errors():
                shard.update(operation)
        except NodeError:
            pass  # it failed the first time, too
        done += 1
        if time.perf_counter() >= until:
            break
    del recorded[:done]


def _switch(collection: Collection, shard: edge.EdgeShard, current: CurrentShard) -> tuple[edge.EdgeShard, Path]:
    """Make `shard` the one that counts; returns the old one and its folder."""
    with edge_errors():
        points, expected = shard.count(edge.CountRequest(exact=True)), collection.count(edge.CountRequest(exact=True))
    if points != expected:
        raise Internal(f"the new shard of {collection.name} has {points} points instead of {expected}")
    old = collection.shard, collection.shard_path
    collection.switch(shard, current)
    return old


def _let_go(shard: edge.EdgeShard, folder: Path, pool: Executor) -> Iterator[Pause]:
    """Close the old shard (which flushes, so the disk is asked first) and remove its folder."""
    written = pool.submit(write_back, folder)
    while not written.done():
        yield _WAIT
    with edge_errors():
        shard.close()
    pool.submit(shutil.rmtree, folder, ignore_errors=True)


def _clean_up(
    collection: Collection,
    target: Path,
    process: IndexProcess | None,
    shard: edge.EdgeShard | None,
    pool: Executor,
) -> None:
    collection.recorded = None
    if process is not None:
        process.close()
    if shard is not None:
        with edge_errors():
            shard.close()
    if target != collection.shard_path:
        pool.submit(shutil.rmtree, target, ignore_errors=True)
