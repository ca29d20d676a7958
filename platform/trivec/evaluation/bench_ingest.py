"""How fast documents get in: through real workers into the real node, against the same BERT model alone.

Everything is measured in one run on the same texts with the same threads: plain SentenceTransformer, our encoder
alone, and whole ingestion (reading, cleaning, cutting, all vectors, storing). Memory is watched meanwhile.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from trivec.errors import Unavailable
from trivec.evaluation import bench_encoders, bench_texts
from trivec.evaluation.bench_encoders import Timed
from trivec.evaluation.machine import machine
from trivec.evaluation.own_services import Say
from trivec.evaluation.own_trivec import OwnTrivec, own_trivec
from trivec.evaluation.processes import Memory, processor_seconds, watching
from trivec.records import AnalysedText, JobStatus
from trivec.services.container import Container
from trivec.services.passages import Preparation
from trivec.text.analyser import default_analyser

WARM_DOCUMENTS: Final = 256  # ingested first, so that models are loaded when time is taken
_LOOK_SECONDS: Final = 0.1


@dataclass(frozen=True)
class Ingested:
    """One ingestion as it was seen from outside.

    Attributes:
        seconds: from submitting to the last document stored.
        storing_seconds: of these, after reading and training.
        memory: of each process meanwhile.
        processor_seconds: of each process while storing.
        passages: stored.
    """

    seconds: float
    storing_seconds: float
    memory: Memory
    processor_seconds: Mapping[str, float]
    passages: int


def run(
    *,
    container: Container,
    documents: int = 3000,
    words: int = 0,
    sample: int = 1500,
    plain: bool = True,
    say: Say = lambda message: None,
) -> dict[str, object]:
    """Measure ingestion.

    Args:
        container: whose settings are measured.
        documents: to ingest.
        words: of each document; 0 takes real paragraphs.
        sample: documents that the encoders alone are measured on, before and after.
        plain: also measure SentenceTransformer itself (fp32, batches of 32).
        say: told what is going on.

    Returns:
        Rates in documents per second, their ratios, and memory in MiB, ready for JSON.
    """
    facts = machine()
    with TemporaryDirectory(prefix="trivec-bench-") as folder, own_trivec(container) as trivec:
        file, warm = Path(folder) / "documents.jsonl", Path(folder) / "warm.jsonl"
        bench_texts.write(bench_texts.documents(documents, words=words), file)
        bench_texts.write(bench_texts.documents(WARM_DOCUMENTS, words=words), warm)
        say(f"warming up with {WARM_DOCUMENTS} documents")
        ingest(trivec, warm, "warm", say=say)
        alone = _Alone(trivec.services, _analysed(sample, words), sample)
        say(f"encoding {sample} documents with bert alone")
        before = alone.ours()
        ingested = ingest(trivec, file, "bench", say=say)
        say(f"encoding {sample} documents with bert alone, once more")
        after = alone.ours()
        say("encoding them with int8 and with plain SentenceTransformer")
        compared = alone.compared(min(before, after, key=lambda timed: timed.seconds)) if plain else {}
    command = f"trivec bench ingest --documents {documents} --words {words} --sample {sample}"
    return {
        "benchmark": "ingest",
        "command": command if plain else f"{command} --no-plain",
        "machine": facts,
        "documents": documents,
        "words": words or "real paragraphs",
        "passages": ingested.passages,
        **_compared(ingested, documents, (before, after), sample),
        "encoders": compared,
        "memory_mib": _memory(ingested),
    }


def _compared(ingested: Ingested, documents: int, alone: tuple[Timed, Timed], sample: int) -> dict[str, object]:
    """Ingestion against the encoder alone: by the clock, and by processor time, which other work disturbs less."""
    seconds = [timed.seconds / sample for timed in alone]
    bert, rate = 2 / sum(seconds), documents / ingested.storing_seconds
    bert_used = sum(timed.processor_seconds for timed in alone) / 2 / sample
    used = {name: spent / documents for name, spent in ingested.processor_seconds.items()}
    return {
        "documents_per_second": {
            "ingestion": round(rate, 2),
            "ingestion with reading and training": round(documents / ingested.seconds, 2),
            "bert alone": round(bert, 2),
            "bert alone, before": round(1 / seconds[0], 2),
            "bert alone, after": round(1 / seconds[1], 2),
        },
        "ingestion / bert alone": round(rate / bert, 3),
        "processor_milliseconds_per_document": {
            "bert alone": round(1000 * bert_used, 2),
            "ingestion": round(1000 * sum(used.values()), 2),
        }
        | {f"ingestion, {name}": round(1000 * spent, 2) for name, spent in used.items()},
        "bert alone / ingestion, by processor time": round(bert_used / sum(used.values()), 3),
    }


def ingest(trivec: OwnTrivec, file: Path, corpus: str, *, say: Say) -> Ingested:
    """Hand a file in as a user does and wait until all of it is stored.

    Raises:
        Unavailable: it failed, or a document did.
    """
    service, said = trivec.services.ingest, ""
    with watching(trivec.home) as memory:
        started = time.perf_counter()
        job = service.submit(file, corpus=corpus)
        storing, before = started, processor_seconds(trivec.home)
        while job.finished_at is None:
            time.sleep(_LOOK_SECONDS)
            learning = job.state in ("reading", "training")
            job = service.status(job.id)
            if learning:
                storing = time.perf_counter()
            if learning and job.state == "running":
                before = processor_seconds(trivec.home)
            said = _tell(job, said, say)
        ended, after = time.perf_counter(), processor_seconds(trivec.home)
    if job.state != "done" or job.failed or job.rejected:
        raise Unavailable(f"the benchmark's documents did not all get in: {job}")
    passages = trivec.services.store.count(trivec.services.store.current(corpus))
    used = {name: spent - before.get(name, 0.0) for name, spent in after.items()}
    return Ingested(ended - started, ended - storing, memory, used, passages)


def _tell(job: JobStatus, said: str, say: Say) -> str:
    """Report each tenth of a job once; returns what was said last."""
    words = f"{job.corpus}: {job.state}"
    if job.state == "running" and job.read:
        words += f", {10 * (job.stored + job.skipped) // job.read * 10} % stored"
    if words != said:
        say(words)
    return words


class _Alone:
    """The encoders of the same generation, in this process, on the same texts."""

    def __init__(self, services: Container, texts: Sequence[AnalysedText], documents: int) -> None:
        self._services, self._texts, self._documents = services, texts, documents
        self._spec = bench_encoders.bert_spec(services.store.current("warm").specs)

    def ours(self) -> Timed:
        return bench_encoders.ours(self._spec, self._texts, container=self._services)

    def compared(self, ours: Timed) -> dict[str, object]:
        """Rates and fidelity of fp32, int8 and plain SentenceTransformer; the word models' share of BERT's time."""
        threads = self._services.settings.threads
        plain = bench_encoders.plain(self._spec, self._texts, threads=threads)
        small = bench_encoders.ours(bench_encoders.int8(self._spec), self._texts, container=self._services)
        rates = {"plain SentenceTransformer": plain, "fp32": ours, "int8": small}
        return {
            "documents_per_second": {name: round(self._documents / one.seconds, 2) for name, one in rates.items()},
            "fp32 / plain": round(plain.seconds / ours.seconds, 3),
            "int8 / plain": round(plain.seconds / small.seconds, 3),
            "mean cosine fp32": round(ours.fidelity(plain), 6),
            "mean cosine int8": round(small.fidelity(plain), 6),
            "words / bert": round(self._words() / ours.seconds, 4),
            "passages": len(self._texts),
        }

    def _words(self) -> float:
        """Seconds to tokenise the texts and to average word vectors, for Word2Vec and GloVe together."""
        encoders = self._services.encoders(self._services.store.current("warm"))
        analyser, plain = default_analyser(), [text.text for text in self._texts]
        encoders.encode_documents(analyser.analyse(plain[:16]), ["word2vec", "glove"])
        started = time.perf_counter()
        encoders.encode_documents(analyser.analyse(plain), ["word2vec", "glove"])
        return time.perf_counter() - started


def _memory(ingested: Ingested) -> dict[str, object]:
    node = ingested.memory.samples.get("node", [0.0])
    grown = (node[-1] - node[0]) / max(1, ingested.passages) * 100_000
    return {
        "peak": ingested.memory.peak(),
        "after a quarter": ingested.memory.at(0.25),
        "after a half": ingested.memory.at(0.5),
        "at the end": ingested.memory.at(1.0),
        "node, per 100,000 passages": round(grown, 1),
    }


def _analysed(count: int, words: int) -> list[AnalysedText]:
    """The passages of the first documents, as encoders read them."""
    some = list(bench_texts.documents(count, words=words))
    return Preparation().prepare(some, ingested_at=datetime.now(UTC)).texts
