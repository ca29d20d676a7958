"""The encoders of a new generation: options in, specs out.

A corpus with trained vectors gets word2vec, glove, bert, fused and bm25; one without gets glove, bert and bm25.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from trivec.encoders import fused, glove, sparse
from trivec.encoders.base import EncoderSpec
from trivec.encoders.model_files import MINILM, MINILM_DIMENSION, dimension_of, find_model, full_name
from trivec.encoders.remote import Remote
from trivec.encoders.tables import read
from trivec.encoders.words import WordWeights
from trivec.errors import BadInput
from trivec.records import Scalar

Artefacts = Callable[[str], Path]

_WEIGHTING: Mapping[str, Scalar] = {"weighting": "idf"}


def default_specs(
    *,
    cache: Path,
    artefacts: Artefacts | None = None,
    word2vec: str = "",
    weights: str = "",
    bert_model: str = MINILM,
    bert_backend: str = "onnx",
    bert_precision: str = "fp32",
    bert_dimension: int = 0,
    embeddings_url: str = "",
    embeddings_key: str = "",
    glove_path: str = "",
    sparse_weighting: sparse.Weighting = "bm25",
) -> tuple[EncoderSpec, ...]:
    """Describe the encoders of a new generation.

    Args:
        cache: folder for converted tables.
        artefacts: turns a registry reference into a folder; needed when `word2vec` or `weights` is one.
        word2vec: registry reference of trained vectors, or a path to pre-trained ones; "" for neither it nor fused.
        weights: registry reference of the corpus's word weights.
        bert_model: sentence-transformers name or path, or the endpoint's model name.
        bert_backend: `onnx`, `torch` or `remote`.
        bert_precision: `fp32` or `int8` (onnx only).
        bert_dimension: of its vectors, or 0 to look into the model, or ask the endpoint.
        embeddings_url: base URL of the remote endpoint, up to and with `/v1`.
        embeddings_key: for asking it; "" looks into the environment.
        glove_path: a table of word vectors; "" is the packaged one.
        sparse_weighting: of the sparse vector, which is always called bm25.

    Raises:
        BadInput: an option that does not exist or does not fit.
        Unavailable: the endpoint, or the hub that has the model, does not answer.
    """
    words = (*_word2vec(word2vec, weights, artefacts, cache), _glove(glove_path, cache))
    if bert_backend == "remote":
        bert = _remote(bert_model, bert_dimension, embeddings_url, embeddings_key)
    else:
        bert = _bert(bert_backend, bert_model, bert_precision, bert_dimension)
    average = WordWeights.load(_folder(weights, artefacts)).average_terms if weights else 0.0
    dense = (*words, bert)
    concatenated = (fused.spec(dense),) if word2vec else ()
    return (*dense, *concatenated, sparse.spec(sparse_weighting, average_terms=average))


def _folder(reference: str, artefacts: Artefacts | None) -> Path:
    if Path(reference).exists():
        return Path(reference)
    if artefacts is None:
        raise BadInput(f"{reference!r} is no path, and no registry was given that could know it")
    return artefacts(reference)


def _word2vec(model: str, weights: str, artefacts: Artefacts | None, cache: Path) -> tuple[EncoderSpec, ...]:
    if not model:
        return ()
    dimension = read(_folder(model, artefacts), cache=cache).dimension
    return (EncoderSpec("word2vec", "word2vec", "dense", dimension, model, weights, options=_WEIGHTING),)


def _glove(path: str, cache: Path) -> EncoderSpec:
    """Weighs words by their rank in the table, not by the corpus, which measures better (see `averaging`)."""
    return EncoderSpec(
        name="glove",
        family="glove",
        kind="dense",
        dimension=read(Path(path), cache=cache).dimension if path else glove.PACKAGED_DIMENSION,
        model=path or glove.PACKAGED,
        options=_WEIGHTING,
        licence="" if path else glove.PACKAGED_LICENCE,
    )


def _bert(backend: str, model: str, precision: str, dimension: int) -> EncoderSpec:
    if backend not in ("onnx", "torch"):
        raise BadInput(f"bert backend {backend!r}: choose onnx, torch or remote")
    if precision not in ("fp32", "int8") or (backend == "torch" and precision != "fp32"):
        raise BadInput(f"bert precision {precision!r} with backend {backend!r}: choose fp32, or int8 with onnx")
    minilm = full_name(model) == MINILM
    return EncoderSpec(
        name="bert",
        family=backend,
        kind="dense",
        dimension=dimension or (MINILM_DIMENSION if minilm else dimension_of(find_model(model))),
        model=full_name(model) if minilm else model,
        options={"precision": precision} if backend == "onnx" else {},
        licence="Apache-2.0" if minilm else "",
    )


def _remote(model: str, dimension: int, url: str, key: str) -> EncoderSpec:
    options: Mapping[str, Scalar] = {"url": url} if url else {}
    described = EncoderSpec("bert", "remote", "dense", dimension, model, options=options)
    return described if dimension else replace(described, dimension=Remote(described, key).ask_dimension())
