"""How long an answer takes over the API, against the least it could take: encode the question, ask Edge in process.

Everything is measured in one run on the same passages and questions: one client, four at once, then, with all
services stopped, the same model and the same shard directly.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import httpx
import numpy as np

from trivec.errors import Unavailable
from trivec.evaluation import bench_texts
from trivec.evaluation.bench_ingest import ingest
from trivec.evaluation.direct_edge import DirectEdge
from trivec.evaluation.machine import machine
from trivec.evaluation.own_services import Say
from trivec.evaluation.own_trivec import OwnTrivec, own_trivec
from trivec.services.container import Container
from trivec.services.question_vectors import chosen
from trivec.store.generation import Generation
from trivec.store.vectors import query_vectors
from trivec.text.analyser import default_analyser

CLIENTS: Final = 4
CANDIDATES: Final = 200  # of each source, as SearchService takes them
_WARM: Final = 20  # questions asked before time is taken
_GREEN_SECONDS: Final = 300.0
_CORPUS: Final = "bench"

Ask = Callable[[str], object]


def run(
    *, container: Container, passages: int = 20_000, questions: int = 400, say: Say = lambda message: None
) -> dict[str, object]:
    """Measure search.

    Args:
        container: whose settings are measured.
        passages: about how many to search in; they are real paragraphs, most of which are one passage.
        questions: to ask, by one client and then by four.
        say: told what is going on.

    Returns:
        Milliseconds and their ratios, ready for JSON.
    """
    facts = machine()
    asked = bench_texts.questions(questions)
    with TemporaryDirectory(prefix="trivec-bench-") as folder, own_trivec(container) as trivec:
        file = Path(folder) / "documents.jsonl"
        bench_texts.write(bench_texts.documents(passages), file)
        stored = ingest(trivec, file, _CORPUS, say=say).passages
        generation = trivec.services.store.current(_CORPUS)
        index = _when_indexed(trivec, generation)
        say(f"asking {questions} questions over the API")
        alone = _over_api(trivec, asked, clients=1)
        say(f"asking them by {CLIENTS} clients at once")
        together = _over_api(trivec, asked, clients=CLIENTS)
        trivec.stop()
        say("asking them in process, with all services stopped")
        encoding, asking = _direct(trivec, generation, asked)
    return {
        "benchmark": "search",
        "command": f"trivec bench search --passages {passages} --questions {questions}",
        "machine": facts,
        "passages": stored,
        "questions": questions,
        "index": index,
        "milliseconds": {
            "api, one client": _figures(alone),
            f"api, {CLIENTS} clients": _figures(together),
            "direct: encoding": _figures(encoding),
            "direct: Edge": _figures(asking),
            "direct": _figures([e + a for e, a in zip(encoding, asking, strict=True)]),
        },
        "api p50 / direct p50": round(_ratio(alone, [e + a for e, a in zip(encoding, asking, strict=True)]), 3),
        f"p99 / p50 at {CLIENTS} clients": round(float(np.percentile(together, 99) / np.percentile(together, 50)), 3),
    }


def _over_api(trivec: OwnTrivec, questions: Sequence[str], *, clients: int) -> list[float]:
    """Milliseconds of each hybrid search, asked by so many clients at once."""
    shares = [questions[number::clients] for number in range(clients)]
    with ThreadPoolExecutor(clients) as pool:
        return [taken for times in pool.map(lambda share: _client(trivec, share), shares) for taken in times]


def _client(trivec: OwnTrivec, questions: Sequence[str]) -> list[float]:
    with httpx.Client(base_url=trivec.api_url, timeout=60.0) as client:

        def ask(question: str) -> object:
            answer = client.post("/v1/search", json={"query": question, "corpus": _CORPUS})
            if not answer.is_success or not answer.json()["hits"]:
                raise Unavailable(f"the API answered {answer.status_code} to {question!r}: {answer.text[:300]}")
            return answer

        return _times(ask, questions)


def _direct(trivec: OwnTrivec, generation: Generation, questions: Sequence[str]) -> tuple[list[float], list[float]]:
    """Milliseconds of encoding, and of asking Edge for the candidates that a hybrid needs, question by question."""
    analyser, encoders = default_analyser(), trivec.services.encoders(generation)
    names = chosen(generation, None)
    shard = DirectEdge(trivec.node_folder, generation.collection)
    try:
        vectors = {text: query_vectors(encoders.encode_queries(analyser.analyse([text]), names)) for text in questions}
        encoding = _times(lambda text: encoders.encode_queries(analyser.analyse([text]), names), questions)
        asking = _times(lambda text: shard.nearest(vectors[text], limit=CANDIDATES), questions)
    finally:
        shard.close()
    return encoding, asking


def _times(ask: Ask, questions: Sequence[str]) -> list[float]:
    for question in questions[:_WARM]:
        ask(question)
    times = []
    for question in questions:
        started = time.perf_counter()
        ask(question)
        times.append((time.perf_counter() - started) * 1000)
    return times


def _when_indexed(trivec: OwnTrivec, generation: Generation) -> dict[str, object]:
    """What the node says of the collection once its index is built."""
    address = f"{trivec.services.settings.qdrant_url}/collections/{generation.collection}"
    deadline = time.monotonic() + _GREEN_SECONDS
    while True:
        info = httpx.get(address, timeout=30.0).json()["result"]
        if info["status"] == "green" or time.monotonic() > deadline:
            return {name: info[name] for name in ("status", "points_count", "indexed_vectors_count", "segments_count")}
        time.sleep(0.5)


def _figures(times: Sequence[float]) -> dict[str, float]:
    return {f"p{share}": round(float(np.percentile(times, share)), 2) for share in (50, 95, 99)}


def _ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    return float(np.median(ours) / np.median(theirs))
