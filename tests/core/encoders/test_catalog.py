"""The catalogue: specs in, encoders out, each made once, and only what is asked for is encoded."""

from pathlib import Path

import numpy as np
import pytest

from trivec.encoders import averaging, catalog, fused, sparse, word2vec, words
from trivec.encoders.base import EncoderSpec
from trivec.encoders.catalog import EncoderSet, build
from trivec.encoders.defaults import default_specs
from trivec.encoders.tables import WordTable
from trivec.errors import BadInput, Broken, Conflict
from trivec.records import AnalysedText, DenseVectors, TextVectors

TABLE = WordTable(("wing", "flow", "bank"), np.eye(3, dtype=np.float32))


@pytest.fixture
def registry(tmp_path: Path, texts: list[AnalysedText]) -> Path:
    trained = word2vec.Trained(TABLE, word2vec.Training(dimension=3), tokens=9)
    trained.save(tmp_path / "news.word2vec:1")
    words.fit(texts).save(tmp_path / "news.weights:2")
    return tmp_path


def _build(specs: list[EncoderSpec], folder: Path) -> EncoderSet:
    return build(specs, artefacts=folder.joinpath, cache=folder / "cache", threads=1)


def test_a_corpus_without_vectors_of_its_own_gets_glove_bert_and_bm25(cache: Path) -> None:
    specs = default_specs(cache=cache)
    assert [spec.name for spec in specs] == ["glove", "bert", "bm25"]
    assert [spec.dimension for spec in specs] == [50, 384, 0]


def test_a_corpus_with_vectors_of_its_own_gets_all_five(cache: Path, registry: Path) -> None:
    specs = default_specs(
        cache=cache, artefacts=registry.joinpath, word2vec="news.word2vec:1", weights="news.weights:2"
    )
    by_name = {spec.name: spec for spec in specs}
    assert list(by_name) == ["word2vec", "glove", "bert", "fused", "bm25"]
    assert by_name["fused"].dimension == 3 + 50 + 384
    assert (by_name["word2vec"].model, by_name["word2vec"].weights) == ("news.word2vec:1", "news.weights:2")
    average = words.WordWeights.load(registry / "news.weights:2").average_terms
    assert by_name["bm25"].options["average_terms"] == pytest.approx(average, abs=1e-3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bert_backend": "tensorflow"}, "choose onnx, torch or remote"),
        ({"bert_precision": "int4"}, "choose fp32, or int8 with onnx"),
        ({"bert_backend": "torch", "bert_precision": "int8"}, "int8 with onnx"),
        ({"word2vec": "news:1"}, "'news:1' is no path"),
        ({"glove_path": "/nowhere/glove.txt"}, "no word vectors at '/nowhere/glove.txt'"),
    ],
)
def test_options_that_do_not_fit_are_refused(cache: Path, options: dict[str, str], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        default_specs(cache=cache, **options)  # type: ignore[arg-type]  # wrong on purpose


def test_an_encoder_is_made_once_per_process(registry: Path) -> None:
    spec = EncoderSpec("word2vec", "word2vec", "dense", 3, "news.word2vec:1", "news.weights:2")
    one, two = _build([spec], registry), _build([spec, sparse.spec()], registry)
    assert one.encoders["word2vec"] is two.encoders["word2vec"]
    catalog.forget()
    assert _build([spec], registry).encoders["word2vec"] is not one.encoders["word2vec"]


def test_the_weights_and_the_common_direction_of_the_registry_are_used(
    registry: Path, texts: list[AnalysedText]
) -> None:
    direction = np.array([0.6, 0.8, 0], np.float32)
    words.fit(texts).with_common("word2vec", direction).save(registry / "news.weights:3")
    spec = EncoderSpec("word2vec", "word2vec", "dense", 3, "news.word2vec:1", "news.weights:3")
    encoder = _build([spec], registry).encoders["word2vec"]
    assert isinstance(encoder, averaging.WordAverage)
    assert np.array_equal(encoder.common, direction)


def test_asking_for_fused_alone_encodes_its_parts(registry: Path, texts: list[AnalysedText]) -> None:
    parts = [EncoderSpec(name, "word2vec", "dense", 3, "news.word2vec:1", "news.weights:2") for name in ("one", "two")]
    found = _build([*parts, fused.spec(parts), sparse.spec()], registry).encode_queries(texts, ["fused"])
    assert list(found) == ["fused"]
    assert isinstance(found["fused"], DenseVectors)
    assert found["fused"].values.shape == (len(texts), 6)


def test_only_what_is_asked_for_is_encoded(texts: list[AnalysedText]) -> None:
    class Refusing:
        """An encoder that must not be asked."""

        spec = EncoderSpec("bert", "onnx", "dense", 2)

        def encode_documents(self, texts: object) -> TextVectors:
            raise AssertionError("nobody asked for this")

        encode_queries = encode_documents

    encoders = EncoderSet(
        (Refusing.spec, sparse.spec()), {"bert": Refusing(), "bm25": sparse.Sparse(sparse.spec())}, {}
    )
    assert list(encoders.encode_queries(texts, ["bm25"])) == ["bm25"]


def test_vectors_come_in_the_order_they_were_asked_for(registry: Path, texts: list[AnalysedText]) -> None:
    spec = EncoderSpec("word2vec", "word2vec", "dense", 3, "news.word2vec:1")
    encoders = _build([spec, sparse.spec()], registry)
    assert list(encoders.encode_documents(texts, ["bm25", "word2vec"])) == ["bm25", "word2vec"]
    assert list(encoders.encode_documents(texts)) == ["word2vec", "bm25"]


def test_an_unknown_vector_is_refused_with_those_there_are(registry: Path, texts: list[AnalysedText]) -> None:
    with pytest.raises(BadInput, match="no vector 'bret' here; choose from bm25"):
        _build([sparse.spec()], registry).encode_queries(texts, ["bret"])


@pytest.mark.parametrize(
    ("specs", "error", "message"),
    [
        ([EncoderSpec("x", "elmo", "dense", 9)], BadInput, "no family 'elmo'"),
        ([sparse.spec(), sparse.spec()], Conflict, "same name"),
        ([fused.spec([EncoderSpec("bert", "onnx", "dense", 2)])], BadInput, "needs 'bert'"),
        ([EncoderSpec("x", "word2vec", "dense", 3, "gone:1")], BadInput, "no word vectors at"),
        ([EncoderSpec("x", "word2vec", "dense", 3, "news.word2vec:1", "gone:1")], Broken, "no word weights in"),
        ([EncoderSpec("x", "word2vec", "dense", 4, "news.word2vec:1")], BadInput, "3 dimensions, not 4"),
    ],
)
def test_specs_that_cannot_be_built_are_refused(
    registry: Path, specs: list[EncoderSpec], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        _build(specs, registry)


def test_a_spec_that_nobody_wrote_is_broken() -> None:
    with pytest.raises(Broken, match="colour"):
        EncoderSpec.from_dict({"name": "x", "family": "y", "kind": "dense", "dimension": 3, "colour": "red"})
    with pytest.raises(Broken, match="kind 'thick'"):
        EncoderSpec.from_dict({"name": "x", "family": "y", "kind": "thick", "dimension": 3})
