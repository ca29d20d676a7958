"""How fast the BERT encoder is alone, and how true to its model: against plain SentenceTransformer, same texts."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from trivec.encoders import catalog
from trivec.encoders.base import EncoderSpec
from trivec.encoders.model_files import find_model
from trivec.errors import BadInput, MissingExtra
from trivec.records import AnalysedText, DenseVectors, Floats2d
from trivec.services.container import Container

_WARM_TEXTS: Final = 16
_PLAIN_BATCH: Final = 32  # SentenceTransformer's own default

Encode = Callable[[Sequence[AnalysedText]], Floats2d]


@dataclass(frozen=True)
class Timed:
    """How long an encoder took for all texts, and what it made of them."""

    seconds: float
    processor_seconds: float
    vectors: Floats2d

    def fidelity(self, other: "Timed") -> float:
        """Mean cosine with another's vectors of the same texts; both have unit rows."""
        return float(np.einsum("rd,rd->r", self.vectors, other.vectors).mean())


def bert_spec(specs: Sequence[EncoderSpec]) -> EncoderSpec:
    """The BERT encoder among those of a generation.

    Raises:
        BadInput: it is not one that runs here (a remote endpoint).
    """
    spec = next((one for one in specs if one.name == "bert"), None)
    if spec is None or spec.family not in ("onnx", "torch"):
        raise BadInput("this benchmark needs a BERT encoder on this machine: set TRIVEC_BERT_BACKEND to onnx")
    return spec


def ours(spec: EncoderSpec, texts: Sequence[AnalysedText], *, container: Container) -> Timed:
    """Our encoder, in one call."""
    built = catalog.build(
        [spec],
        artefacts=container.registry.path,
        cache=container.settings.home / "cache",
        threads=container.settings.threads,
    )

    def encode(some: Sequence[AnalysedText]) -> Floats2d:
        vectors = built.encode_documents(some)[spec.name]
        if not isinstance(vectors, DenseVectors):
            raise BadInput(f"encoder {spec.name!r} is not dense")
        return vectors.values

    return _timed(encode, texts)


def int8(spec: EncoderSpec) -> EncoderSpec:
    """The same model in eight-bit integers."""
    return replace(spec, family="onnx", options={**spec.options, "precision": "int8"})


def plain(spec: EncoderSpec, texts: Sequence[AnalysedText], *, threads: int) -> Timed:
    """SentenceTransformer.encode as its documentation shows it, with the same number of threads.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        import torch
        from sentence_transformers import SentenceTransformer
    except ImportError as missing:
        raise MissingExtra("sentence-transformers", "train") from missing
    torch.set_num_threads(threads or len(os.sched_getaffinity(0)))
    model = SentenceTransformer(str(find_model(spec.model)), device="cpu")

    def encode(some: Sequence[AnalysedText]) -> Floats2d:
        plain_texts = [text.text for text in some]
        made = model.encode(plain_texts, batch_size=_PLAIN_BATCH, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(made, np.float32)

    return _timed(encode, texts)


def _timed(encode: Encode, texts: Sequence[AnalysedText]) -> Timed:
    encode(texts[:_WARM_TEXTS])
    started, used = time.perf_counter(), time.process_time()
    vectors = encode(texts)
    return Timed(time.perf_counter() - started, time.process_time() - used, vectors)
