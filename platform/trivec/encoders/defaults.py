"""The encoders of a new generation: options in, specs out.

A corpus with trained vectors gets word2vec, glove, bert, fused and bm25; one without gets glove, bert and bm25.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from trivec.encoders import fused, glove, sparse
from trivec.encoders.base import EncoderSpec
from trivec.encoders.model_files import MINILM, MINILM_DIMENSION, dimension_of, find_model, full_name
from trivec.encoders.tables import read
from trivec.encoders.words import WordWeights
from trivec.errors import BadInput
from trivec.records import Scalar

Artefacts = Callable[[str], Path]


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
        bert_dimension: of a remote model's vectors, or 0 to look into the model.
        embeddings_url: base URL of the remote endpoint, up to and with `/v1`.
        glove_path: a table of word vectors; "" is the packaged one.
        sparse_weighting: of the sparse vector, which is always called bm25.

    Raises:
        BadInput: an option that does not exist or does not fit.
    """
    words = (*_word2vec(word2vec, weights, artefacts, cache), _glove(glove_path, weights, cache))
    bert = _bert(bert_backend, bert_model, bert_precision, bert_dimension, embeddings_url)
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
    return (EncoderSpec("word2vec", "word2vec", "dense", dimension, model=model, weights=weights),)


def _glove(path: str, weights: str, cache: Path) -> EncoderSpec:
    if not path:
        return EncoderSpec(
            name="glove",
            family="glove",
            kind="dense",
            dimension=glove.PACKAGED_DIMENSION,
            model=glove.PACKAGED,
            weights=weights,
            licence=glove.PACKAGED_LICENCE,
        )
    return EncoderSpec("glove", "glove", "dense", read(Path(path), cache=cache).dimension, model=path, weights=weights)


def _bert(backend: str, model: str, precision: str, dimension: int, url: str) -> EncoderSpec:
    if backend == "remote":
        return _remote(model, dimension, url)
    if backend not in ("onnx", "torch"):
        raise BadInput(f"bert backend {backend!r}: choose onnx, torch or remote")
    if backend == "torch" and precision != "fp32":
        raise BadInput(f"bert precision {precision!r} needs the onnx backend")
    minilm = full_name(model) == MINILM
    options: Mapping[str, Scalar] = {"precision": precision} if backend == "onnx" else {}
    return EncoderSpec(
        name="bert",
        family=backend,
        kind="dense",
        dimension=dimension or (MINILM_DIMENSION if minilm else dimension_of(find_model(model))),
        model=full_name(model) if minilm else model,
        options=options,
        licence="Apache-2.0" if minilm else "",
    )


def _remote(model: str, dimension: int, url: str) -> EncoderSpec:
    if not dimension:
        raise BadInput(f"say how many dimensions the vectors of remote model {model!r} have (bert_dimension)")
    options: Mapping[str, Scalar] = {"url": url} if url else {}
    return EncoderSpec("bert", "remote", "dense", dimension, model=model, options=options)
