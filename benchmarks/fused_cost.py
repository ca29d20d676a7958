"""What a trained fused vector adds to ingestion: seconds of fusing beside seconds of encoding, on the same paragraphs.

python benchmarks/fused_cost.py [--documents 2000] [--json FILE]
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

from trivec.evaluation import bench_texts
from trivec.evaluation.machine import machine
from trivec.evaluation.own_services import CORPUS, ingest, own_services
from trivec.services.container import Container
from trivec.services.passages import Preparation
from trivec.settings import Settings

ROUNDS = 3
HERE = Path(__file__).parent


def main() -> None:
    """Train a fusion on real paragraphs, then time both in turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--json", type=Path, default=HERE / "results" / "fused_cost.json")
    options = parser.parse_args()
    facts, documents = machine(), list(bench_texts.documents(options.documents))
    with own_services(Container(Settings())) as (services, _):
        ingest(services, documents, say=print)
        services.learning.learn(
            "fusion", CORPUS, {"epochs": 1}, tell=lambda doing, share: print(f"{share:.0%} {doing}")
        )
        generation = services.store.current(CORPUS)
        encoders = services.encoders(generation)
        texts = Preparation().analyse([point.passage for point in services.store.scroll(generation)])
        fused = generation.spec("fused")
        assert fused is not None
        parts = encoders.encode_documents(texts, encoders.encoders)
        timed = {
            "bert": lambda: encoders.encode_documents(texts, ["bert"]),
            "fused": lambda: encoders.fusions["fused"].fuse(texts, parts, question=False),
        }
        taken = {name: [seconds(work) for _ in range(ROUNDS)] for name, work in timed.items()}
    best = {name: min(times) for name, times in taken.items()}
    result = {
        "command": f"python benchmarks/fused_cost.py --documents {options.documents}",
        "machine": facts,
        "passages": len(texts),
        "fused vector": f"{fused.family}, {fused.dimension} dimensions",
        "milliseconds_per_passage": {name: round(1000 * value / len(texts), 3) for name, value in best.items()},
        "fused / bert": round(best["fused"] / best["bert"], 4),
    }
    options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
