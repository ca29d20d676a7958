"""How fast and how true is our BERT? Against plain SentenceTransformer.encode, on the same texts in the same run.

    python benchmarks/encode_bert.py [--texts 600] [--threads 0] [--rounds 6] [--json FILE]

Rounds of all methods are interleaved, in turning order, so that a noisy machine is noisy to all of them. Prints the
ratios (plain seconds over ours), the cosines with the plain vectors, and what analysis, Word2Vec and GloVe add.
"""

import argparse
import json
import os
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np

from trivec.encoders import bert, fidelity, glove, word2vec
from trivec.encoders.averaging import WordAverage
from trivec.encoders.averaging import build as average
from trivec.encoders.base import EncoderSpec
from trivec.encoders.model_files import MINILM, find_model
from trivec.encoders.words import fit
from trivec.records import AnalysedText, DenseVectors
from trivec.sources.demo import sotu_documents
from trivec.text.analyser import Analyser

Encode = Callable[[Sequence[str]], DenseVectors]


def paragraphs(count: int) -> list[str]:
    """Paragraphs of 100 to 220 words (about 180 word pieces) from presidential messages, drawn by a fixed seed."""
    texts = [document.text for document in sotu_documents() if 100 <= len(document.text.split()) <= 220]
    return random.Random(1).sample(texts, count)


def plain(threads: int) -> Encode:
    """SentenceTransformer as anybody would call it."""
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(threads)
    model = SentenceTransformer(str(find_model(MINILM)), device="cpu")

    def encode(texts: Sequence[str]) -> DenseVectors:
        return DenseVectors(np.asarray(model.encode(list(texts))), np.ones(len(texts), np.bool_))

    return encode


def ours(precision: str, threads: int, cache: Path) -> bert.Bert:
    """Our encoder."""
    spec = EncoderSpec("bert", "onnx", "dense", 384, MINILM, options={"precision": precision})
    return bert.load(spec, cache=cache, threads=threads)


@dataclass
class Spent:
    """Seconds of a method, round by round: by the clock, and of the processors (which others' load touches less)."""

    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


def interleaved(methods: dict[str, Callable[[], object]], rounds: int) -> dict[str, Spent]:
    """What each method spends in each round, after one that does not count."""
    spent = {name: Spent() for name in methods}
    for number in range(rounds + 1):
        names = list(methods)
        for name in names[number % len(names) :] + names[: number % len(names)]:
            clock, processor = time.perf_counter(), time.process_time()
            methods[name]()
            if number:
                spent[name].clock.append(time.perf_counter() - clock)
                spent[name].processor.append(time.process_time() - processor)
    return spent


def times(plain_seconds: list[float], our_seconds: list[float]) -> dict[str, float]:
    """How many times faster we are: best round against best round, and the median of the rounds."""
    rounds = [plain / ours for plain, ours in zip(plain_seconds, our_seconds, strict=True)]
    return {"of_best_rounds": round(min(plain_seconds) / min(our_seconds), 3), "median": round(median(rounds), 3)}


def word_encoders(texts: list[AnalysedText], cache: Path) -> tuple[WordAverage, WordAverage]:
    """Word2Vec, trained just enough to exist, and GloVe."""
    training = word2vec.Training(epochs=1)
    table = word2vec.train([text.tokens for text in texts], training=training).table
    spec = EncoderSpec("word2vec", "word2vec", "dense", training.dimension)
    packaged = EncoderSpec("glove", "glove", "dense", glove.PACKAGED_DIMENSION, glove.PACKAGED)
    return average(spec, table, fit(texts)), glove.load(packaged, weights=None, cache=cache)


def measure(count: int, threads: int, rounds: int, cache: Path) -> dict[str, object]:
    """All figures."""
    load = os.getloadavg()
    texts = paragraphs(count)
    reference, fp32, int8 = plain(threads), ours("fp32", threads, cache), ours("int8", threads, cache)
    analyser = Analyser()
    words = word_encoders(analyser.analyse(texts), cache)

    def encode_words() -> None:
        analysed = analyser.analyse(texts)
        for encoder in words:
            encoder.encode_documents(analysed)

    methods: dict[str, Callable[[], object]] = {
        "plain": lambda: reference(texts),
        "fp32": lambda: fp32.model.encode(texts),
        "int8": lambda: int8.model.encode(texts),
        "words": encode_words,
    }
    spent = interleaved(methods, rounds)
    models = {"fp32": fp32.model, "int8": int8.model}
    true = {name: fidelity.measure(reference, model.encode, texts) for name, model in models.items()}
    pieces = [len(encoding.ids) for encoding in fp32.model.tokenizer.encode_batch_fast(texts)]
    return {
        "texts": count,
        "mean_word_pieces": round(sum(pieces) / count, 1),
        "threads": threads,
        "rounds": rounds,
        "processors": os.cpu_count(),
        "load_average_before": [round(value, 1) for value in load],
        "milliseconds_per_text": {name: round(1000 * min(found.clock) / count, 3) for name, found in spent.items()},
        "times_plain": {name: times(spent["plain"].clock, spent[name].clock) for name in models},
        "times_plain_by_processor_time": {
            name: times(spent["plain"].processor, spent[name].processor) for name in models
        },
        "cosine": {name: {"mean": one.mean_cosine, "minimum": one.minimum_cosine} for name, one in true.items()},
        "words_share_of_bert_fp32": round(min(spent["words"].processor) / min(spent["fp32"].processor), 4),
    }


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=600)
    parser.add_argument("--threads", type=int, default=0, help="of each method; 0 is all cores")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".trivec" / "cache")
    parser.add_argument("--json", type=Path, default=Path(__file__).parent / "results" / "encode_bert.json")
    options = parser.parse_args()
    threads = options.threads or os.cpu_count() or 1
    figures = measure(options.texts, threads, options.rounds, options.cache)
    command = f"python benchmarks/encode_bert.py --texts {options.texts} --threads {threads} --rounds {options.rounds}"
    result = json.dumps({"command": command, **figures}, indent=1)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(result + "\n", encoding="utf-8")
    print(result)


if __name__ == "__main__":
    main()
