"""Does index building disturb searches? Writes points to a real node while another process searches it.

Run `python benchmarks/node_indexing.py` from the repository's root. It starts a node on a free port in a temporary
folder, writes 50,000 points of 384 dimensions in batches, searches in a loop until the index is built, and then
compares searches with and without the index. Results go to `benchmarks/results/node_indexing.json`.
"""

import argparse
import json
import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.synchronize import Event
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from qdrant_client import QdrantClient, models

Floats2d = NDArray[np.float32]
NAME = "news"
RESULT = Path(__file__).parent / "results" / "node_indexing.json"


@dataclass
class Latencies:
    """What a loop of searches saw, in milliseconds."""

    milliseconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def summary(self) -> dict[str, object]:
        """Percentiles and failures, ready for JSON."""
        values = np.array(self.milliseconds or [0.0])
        return {
            "requests": len(self.milliseconds),
            "errors": len(self.errors),
            "first_errors": self.errors[:3],
            "p50_ms": round(float(np.percentile(values, 50)), 2),
            "p99_ms": round(float(np.percentile(values, 99)), 2),
            "max_ms": round(float(values.max()), 2),
            "over_250_ms": int((values > 250).sum()),
        }


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def node() -> Iterator[str]:
    """A node of its own; gives its address."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="trivec-bench-") as folder:
        command = [sys.executable, "-m", "trivec.node.serve", "--folder", folder, "--port", str(port)]
        process = subprocess.Popen(command)
        try:
            wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def wait_for(port: int) -> None:
    """Return when somebody answers on the port."""
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"no node answers on port {port}")


def clustered(count: int, dimension: int, *, seed: int) -> Floats2d:
    """Vectors with the structure that real embeddings have: many around few centres."""
    random = np.random.default_rng(seed)
    centres = random.standard_normal((200, dimension))
    spread = random.standard_normal((count, dimension)) * 0.7
    return (centres[random.integers(0, 200, count)] + spread).astype(np.float32)


def search_in_a_loop(url: str, queries: Floats2d, stop: Event, answers: "multiprocessing.Queue[Latencies]") -> None:
    """Search as fast as one client can until told to stop."""
    client, seen, number = QdrantClient(url=url, timeout=30), Latencies(), 0
    while not stop.is_set():
        started = time.perf_counter()
        try:
            client.query_points(NAME, query=queries[number % len(queries)].tolist(), using="dense", limit=10)
        except Exception as error:  # noqa: BLE001  counting every kind of error is the point
            seen.errors.append(repr(error))
        seen.milliseconds.append((time.perf_counter() - started) * 1000)
        number += 1
    answers.put(seen)


def write(client: QdrantClient, vectors: Floats2d, batch: int) -> Latencies:
    """Write everything; the latencies are those of the batches."""
    seen = Latencies()
    for start in range(0, len(vectors), batch):
        rows = range(start, min(start + batch, len(vectors)))
        points = [models.PointStruct(id=row, vector={"dense": vectors[row].tolist()}) for row in rows]
        started = time.perf_counter()
        client.upsert(NAME, points, wait=True)
        seen.milliseconds.append((time.perf_counter() - started) * 1000)
    return seen


def wait_until_green(client: QdrantClient, *, seconds: float = 1800) -> models.CollectionInfo:
    """The collection's description as soon as its index is built."""
    deadline = time.monotonic() + seconds
    while (info := client.get_collection(NAME)).status != models.CollectionStatus.GREEN:
        if time.monotonic() > deadline:
            raise SystemExit(f"the collection is still {info.status} after {seconds} s: {info.optimizer_status}")
        time.sleep(0.2)
    return info


def compare(client: QdrantClient, queries: Floats2d) -> dict[str, float]:
    """Searches with and without the index: how fast, and how often they agree (recall@10)."""
    times: dict[bool, list[float]] = {False: [], True: []}
    shared = 0
    for query in queries:
        found = {}
        for exact in (False, True):
            started = time.perf_counter()
            answer = client.query_points(
                NAME, query=query.tolist(), using="dense", limit=10, search_params=models.SearchParams(exact=exact)
            )
            times[exact].append((time.perf_counter() - started) * 1000)
            found[exact] = {point.id for point in answer.points}
        shared += len(found[True] & found[False])
    return {
        "indexed_p50_ms": round(float(np.median(times[False])), 2),
        "exact_p50_ms": round(float(np.median(times[True])), 2),
        "recall@10": round(shared / (10 * len(queries)), 4),
    }


def measure(options: argparse.Namespace) -> dict[str, object]:
    """The whole benchmark."""
    vectors = clustered(options.points, options.dimension, seed=1)
    queries = clustered(200, options.dimension, seed=1) + np.float32(0.1)
    context = multiprocessing.get_context("spawn")
    with node() as url:
        client = QdrantClient(url=url, timeout=60)
        size = models.VectorParams(size=options.dimension, distance=models.Distance.COSINE)
        client.create_collection(NAME, vectors_config={"dense": size})
        stop, answers = context.Event(), context.Queue()
        searcher = context.Process(target=search_in_a_loop, args=(url, queries, stop, answers))
        searcher.start()
        started = time.perf_counter()
        written = write(client, vectors, options.batch)
        write_seconds = time.perf_counter() - started
        info = wait_until_green(client)
        build_seconds = time.perf_counter() - started
        stop.set()
        seen: Latencies = answers.get()
        searcher.join()
        return {
            "points": info.points_count,
            "write_seconds": round(write_seconds, 2),
            "until_indexed_seconds": round(build_seconds, 2),
            "searches_meanwhile": seen.summary(),
            "batches_written": written.summary(),
            "indexed_vectors_count": info.indexed_vectors_count,
            "afterwards": compare(client, queries),
        }


def main() -> None:
    """Measure, print and write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=50_000)
    parser.add_argument("--dimension", type=int, default=384)
    parser.add_argument("--batch", type=int, default=256)
    options = parser.parse_args()
    load = os.getloadavg()
    result = {
        "command": "python " + " ".join(["benchmarks/node_indexing.py", *sys.argv[1:]]),
        "options": vars(options),
        "processors": os.cpu_count(),
        "load_average_before": [round(value, 1) for value in load],
        **measure(options),
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
