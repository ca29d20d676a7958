"""What every encoder promises, checked on each of them: real models, one suite."""

import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.core.encoders.embeddings_server import DIMENSION, run_embeddings_server
from trivec.encoders import averaging, catalog, fused, glove, sparse, word2vec, words
from trivec.encoders.base import Encoder, EncoderSpec, Fusion
from trivec.encoders.catalog import EncoderSet, build
from trivec.encoders.model_files import MINILM
from trivec.records import AnalysedText, DenseVectors, SparseVectors, TextVectors
from trivec.text.analyser import Analyser

LEAST_COSINE = {"bert_int8": 0.98}  # activations share a scale per batch, so its neighbours touch a text a little
NAMES = [
    *("word2vec", "glove", "bert", "bert_int8", "bert_torch", "remote"),
    *("fused", "one_hot", "bag_of_words", "tfidf", "bm25"),
]
SENTENCES = [
    "The wing of the aircraft produces lift in supersonic flow.",
    "Boundary layers on a wing separate at high angles of flow, and the drag of the wing rises with the angle.",
    "Stock markets fell sharply as investors sold their shares.",
    "The central bank raised interest rates to calm the markets, while investors waited for shares to recover.",
    "Drag.",
    "The flow over the wing of a supersonic aircraft heats the boundary layer of the wing.",
    "The bank sold shares of the aircraft maker to investors.",
]


@pytest.fixture(scope="module")
def texts() -> list[AnalysedText]:
    return Analyser().analyse(SENTENCES)


@pytest.fixture(scope="module")
def cache(pytestconfig: pytest.Config) -> Path:
    folder: Path = pytestconfig.cache.mkdir("encoders")
    return folder


@pytest.fixture(scope="module")
def artefacts(texts: list[AnalysedText], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry of two: Word2Vec and word weights, learned from the texts."""
    folder = tmp_path_factory.mktemp("artefacts")
    trained = word2vec.train([text.tokens for text in texts], training=word2vec.Training(dimension=12, epochs=20))
    trained.save(folder / "vectors:1")
    weights = words.fit(texts)
    plain = averaging.build(_words("word2vec", 12), trained.table, weights)
    averaging.fit_common(weights, plain, texts).save(folder / "weights:1")
    return folder


def _words(name: str, dimension: int) -> EncoderSpec:
    return EncoderSpec(name, name, "dense", dimension, "vectors:1", "weights:1")


@pytest.fixture(scope="module")
def specs() -> Iterator[tuple[EncoderSpec, ...]]:
    """One spec per family and option."""
    int8 = EncoderSpec("bert_int8", "onnx", "dense", 384, MINILM, options={"precision": "int8"})
    with run_embeddings_server() as server:
        dense = (
            _words("word2vec", 12),
            EncoderSpec("glove", "glove", "dense", 50, glove.PACKAGED, "weights:1"),
            EncoderSpec("bert", "onnx", "dense", 384, MINILM, options={"precision": "fp32"}),
        )
        remote = EncoderSpec("remote", "remote", "dense", DIMENSION, "any", options={"url": server.url})
        torch = EncoderSpec("bert_torch", "torch", "dense", 384, MINILM)
        weightings: tuple[sparse.Weighting, ...] = ("one_hot", "bag_of_words", "tfidf", "bm25")
        traditional = (sparse.spec(weighting, name=weighting, average_terms=7.0) for weighting in weightings)
        yield (*dense, int8, torch, remote, fused.spec(dense), *traditional)


@pytest.fixture(scope="module")
def encoders(specs: tuple[EncoderSpec, ...], artefacts: Path, cache: Path) -> EncoderSet:
    return build(specs, artefacts=artefacts.joinpath, cache=cache, threads=1)


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    """Each encoder in turn."""
    found: str = request.param
    return found


def rows(vectors: TextVectors) -> NDArray[np.float32]:
    """Dense rows of either kind; sparse ones over a hash of their indices, which is enough to compare."""
    if isinstance(vectors, DenseVectors):
        return vectors.values
    table = np.zeros((len(vectors.starts) - 1, 1009), np.float32)
    owner = np.repeat(np.arange(len(table)), np.diff(vectors.starts))
    np.add.at(table, (owner, vectors.indices % 1009), vectors.values)
    return table


def documents(encoders: EncoderSet, name: str, texts: list[AnalysedText]) -> TextVectors:
    return encoders.encode_documents(texts, [name])[name]


def queries(encoders: EncoderSet, name: str, texts: list[AnalysedText]) -> TextVectors:
    return encoders.encode_queries(texts, [name])[name]


def same(name: str, one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    if name in LEAST_COSINE:
        missing = ~other.any(axis=1)
        return bool(((one * other).sum(axis=1)[~missing] > LEAST_COSINE[name]).all() and not one[missing].any())
    return bool(np.allclose(one, other, atol=2e-6))


def test_it_is_what_its_protocol_says(encoders: EncoderSet, name: str) -> None:
    if name in encoders.fusions:
        assert isinstance(encoders.fusions[name], Fusion)
    else:
        assert isinstance(encoders.encoders[name], Encoder)


def test_its_vectors_are_those_of_its_spec(encoders: EncoderSet, texts: list[AnalysedText], name: str) -> None:
    spec = next(spec for spec in encoders.specs if spec.name == name)
    for vectors in (documents(encoders, name, texts), queries(encoders, name, texts)):
        if spec.kind == "dense":
            assert isinstance(vectors, DenseVectors)
            assert vectors.values.shape == (len(texts), spec.dimension)
            assert vectors.values.dtype == np.float32
        else:
            assert isinstance(vectors, SparseVectors)
            assert len(vectors.starts) == len(texts) + 1


def test_dense_rows_are_unit_length_and_sparse_rows_ascend(
    encoders: EncoderSet, texts: list[AnalysedText], name: str
) -> None:
    for vectors in (documents(encoders, name, texts), queries(encoders, name, texts)):
        assert vectors.present.all()
        if isinstance(vectors, DenseVectors):
            assert np.allclose(np.linalg.norm(vectors.values, axis=1), 1, atol=1e-5)
        else:
            for start, end in zip(vectors.starts[:-1], vectors.starts[1:], strict=True):
                assert (np.diff(vectors.indices[start:end]) > 0).all()
            assert 0 <= vectors.indices.min() <= vectors.indices.max() < 2**32
            assert (vectors.values > 0).all()


def test_a_text_with_nothing_to_encode_is_missing_and_never_zero(
    encoders: EncoderSet, texts: list[AnalysedText], name: str
) -> None:
    empty = Analyser().analyse(["", " \n"])
    for encode in (documents, queries):
        vectors = encode(encoders, name, [empty[0], texts[0], empty[1]])
        assert vectors.present.tolist() == [False, True, False]
        assert not rows(vectors)[[0, 2]].any()
        assert same(name, rows(encode(encoders, name, [texts[0]])), rows(vectors)[[1]])


def test_no_texts_are_no_vectors(encoders: EncoderSet, name: str) -> None:
    assert rows(documents(encoders, name, [])).shape[0] == 0
    assert queries(encoders, name, []).present.tolist() == []


def test_vectors_keep_the_order_of_the_texts(encoders: EncoderSet, texts: list[AnalysedText], name: str) -> None:
    order = list(range(len(texts)))
    random.Random(5).shuffle(order)
    shuffled = rows(documents(encoders, name, [texts[entry] for entry in order]))
    assert same(name, shuffled, rows(documents(encoders, name, texts))[order])


def test_a_text_alone_is_encoded_as_among_others(encoders: EncoderSet, texts: list[AnalysedText], name: str) -> None:
    for encode in (documents, queries):
        alone = np.concatenate([rows(encode(encoders, name, [text])) for text in texts])
        assert same(name, alone, rows(encode(encoders, name, texts)))


def test_a_document_answers_its_own_words_best(encoders: EncoderSet, texts: list[AnalysedText], name: str) -> None:
    scores = rows(queries(encoders, name, texts)) @ rows(documents(encoders, name, texts)).T
    if name in ("one_hot", "bag_of_words"):  # long documents hold the words of short questions too
        assert (np.diag(scores) >= scores.max(axis=1)).mean() > 0.8
    else:
        assert scores.argmax(axis=1).tolist() == list(range(len(texts)))


def test_built_again_from_stored_json_it_makes_the_same_vectors(
    encoders: EncoderSet, texts: list[AnalysedText], name: str, artefacts: Path, cache: Path
) -> None:
    described = [EncoderSpec.from_dict(json.loads(json.dumps(spec.as_dict()))) for spec in encoders.specs]
    assert described == list(encoders.specs)
    needed = [spec for spec in described if spec.name == name or name == "fused"]
    catalog.forget()
    again = build(needed, artefacts=artefacts.joinpath, cache=cache, threads=1)
    assert again.encoders.get(name) is not encoders.encoders.get(name) or name == "fused"
    for encode in (documents, queries):
        assert same(name, rows(encode(again, name, texts)), rows(encode(encoders, name, texts)))


@pytest.mark.parametrize(
    "odd",
    [
        "wing " * 20_000,
        "wing" * 20_000,
        "Größe Überschall 超音速 の 流れ 🚀 wing",
        "\u202ewing\u0000\ud7ff \u200b flow",
        "wing' OR 1=1; --<script>{{7*7}}</script> \\x00 [CLS] [SEP] flow",
    ],
)
def test_odd_texts_are_encoded_like_any_other(encoders: EncoderSet, name: str, odd: str) -> None:
    analysed = Analyser().analyse([odd, "The wing of the aircraft."])
    for encode in (documents, queries):
        vectors = encode(encoders, name, analysed)
        assert np.isfinite(rows(vectors)).all()
        assert vectors.present[1]


def test_threads_get_what_one_gets(encoders: EncoderSet, texts: list[AnalysedText], name: str) -> None:
    expected = rows(documents(encoders, name, texts))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: rows(documents(encoders, name, texts)), range(8)))
    assert all(same(name, vectors, expected) for vectors in found)


def test_texts_are_left_as_they_were(encoders: EncoderSet, name: str) -> None:
    before, given = Analyser().analyse(SENTENCES), Analyser().analyse(SENTENCES)
    documents(encoders, name, given)
    assert given == before


def test_minilm_makes_the_vectors_it_always_made(encoders: EncoderSet) -> None:
    """Taken from SentenceTransformer("all-MiniLM-L6-v2") itself, so that an export cannot drift."""
    vector = rows(documents(encoders, "bert", Analyser().analyse(["hello world"])))[0]
    assert np.allclose(vector[:6], MINILM_HELLO, atol=1e-5)


def test_glove_makes_the_vectors_it_always_made(cache: Path) -> None:
    spec = EncoderSpec("glove", "glove", "dense", 50, glove.PACKAGED, options={"weighting": "idf"})
    encoder = glove.load(spec, weights=None, cache=cache)
    vector = rows(encoder.encode_documents(Analyser().analyse(["hello world"])))[0]
    assert np.allclose(vector[:6], GLOVE_HELLO, atol=1e-5)


MINILM_HELLO = [-0.034477, 0.031023, 0.006735, 0.026109, -0.039362, -0.160302]
GLOVE_HELLO = [-0.151753, 0.258527, -0.011155, 0.032962, -0.006729, -0.139439]
