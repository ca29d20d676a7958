"""The trained fusion in service: built from its spec like any encoder, needing no torch, aware of questions."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from trivec.encoders import catalog, fused, sparse, trained_fusion
from trivec.encoders.base import EncoderSpec, Fusion
from trivec.encoders.rows import unit_rows
from trivec.encoders.term_table import Signs, TermWeights
from trivec.errors import BadInput, Broken
from trivec.learning.fusion.export import FusionModel
from trivec.learning.fusion.network import FusionNetwork
from trivec.learning.fusion.options import FusionOptions, SourceOptions, TermOptions
from trivec.records import AnalysedText, DenseVectors

WORDS = ("wing", "flow", "market")
REFERENCE = "news.fusion:1"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained network on bert and stems."""
    terms = TermOptions(len(WORDS), 16, weight=0.8, signs=Signs(0, 16, 0.25))
    table = Signs(0, 16, 0.25).rows(WORDS, dimension=16)
    network = FusionNetwork(FusionOptions((SourceOptions("bert", 4),), terms), table=table)
    weights = TermWeights(WORDS, np.array([1, 2, 3], np.float32), unseen_idf=4.0, average_terms=5.0)
    made = tmp_path_factory.mktemp("fusion") / "1"
    FusionModel(network, weights).save(made)
    return made


@pytest.fixture
def spec(folder: Path) -> EncoderSpec:
    return trained_fusion.spec(folder, reference=REFERENCE)


def _text(terms: str) -> AnalysedText:
    return AnalysedText(terms, tuple(terms.split()), tuple(terms.split()))


def _part(texts: int, *, present: list[bool] | None = None) -> DenseVectors:
    values = np.random.default_rng(1).normal(size=(texts, 4)).astype(np.float32)
    return unit_rows(values, present=np.array(present or [True] * texts, np.bool_))


def _bert() -> EncoderSpec:
    return sparse.spec("bag_of_words", name="bert")  # stands in for a vector made from texts; a dense one takes seconds


def test_it_is_described_by_its_folder(spec: EncoderSpec) -> None:
    assert (spec.name, spec.family, spec.dimension, spec.parts) == ("fused", "fusion", 20, ("bert",))
    assert spec.model == REFERENCE
    assert EncoderSpec.from_dict(json.loads(json.dumps(spec.as_dict()))) == spec


def test_texts_become_unit_vectors_and_those_without_anything_are_missing(spec: EncoderSpec, folder: Path) -> None:
    fusion = trained_fusion.load(spec, folder=folder)
    assert isinstance(fusion, Fusion)
    texts = [_text("wing flow"), _text("wing"), _text(""), _text("")]
    found = fusion.fuse(texts, {"bert": _part(4, present=[True, False, True, False])})
    assert found.present.tolist() == [True, True, True, False]
    assert np.linalg.norm(found.values, axis=1) == pytest.approx([1, 1, 1, 0], abs=1e-6)
    assert not found.values[1, :4].any()


def test_a_question_weighs_its_words_otherwise_than_a_document(spec: EncoderSpec, folder: Path) -> None:
    fusion = trained_fusion.load(spec, folder=folder)
    text = [_text("wing wing wing wing flow")]
    question, document = (fusion.fuse(text, {}, question=asked).values[0] for asked in (True, False))
    assert not np.allclose(question, document, atol=1e-3)
    table = np.load(folder / "table.npy")
    expected = 4 * table[0] + 2**0.5 * table[1]
    assert question[4:] == pytest.approx(expected / np.linalg.norm(expected), abs=1e-5)


def test_an_unknown_word_finds_itself_again(spec: EncoderSpec, folder: Path) -> None:
    fusion = trained_fusion.load(spec, folder=folder)
    texts = [_text("zebra market"), _text("xylem market"), _text("zebra")]
    one, other, asked = fusion.fuse(texts, {}).values
    assert float(one @ asked) > float(other @ asked) + 0.3


def test_many_texts_are_fused_in_batches_that_change_nothing(
    spec: EncoderSpec, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fusion = trained_fusion.load(spec, folder=folder)
    texts, parts = [_text(f"wing word{number}") for number in range(10)], {"bert": _part(10)}
    whole = fusion.fuse(texts, parts).values
    monkeypatch.setattr(trained_fusion, "BATCH_TEXTS", 3)
    assert np.allclose(fusion.fuse(texts, parts).values, whole, atol=1e-6)
    assert fusion.fuse([], {"bert": _part(0)}).values.shape == (0, 20)


def test_the_table_is_mapped_not_read(spec: EncoderSpec, folder: Path) -> None:
    table = trained_fusion.load(spec, folder=folder).table
    assert table is not None
    assert isinstance(table.vectors, np.memmap)


def test_a_part_of_another_shape_is_refused(spec: EncoderSpec, folder: Path) -> None:
    with pytest.raises(BadInput, match=r"'fused' wants part 'bert' of shape \(2, 4\), got \(1, 4\)"):
        trained_fusion.load(spec, folder=folder).fuse([_text("wing")] * 2, {"bert": _part(1)})


def test_a_spec_of_another_network_is_refused(spec: EncoderSpec, folder: Path) -> None:
    with pytest.raises(BadInput, match="makes 20 dimensions out of bert, not 21"):
        trained_fusion.load(replace(spec, dimension=21), folder=folder)


@pytest.mark.parametrize(("file", "message"), [("fusion.json", "no trained fusion"), ("table.npy", "no term table")])
def test_a_folder_that_lacks_a_file_is_said(
    spec: EncoderSpec, folder: Path, tmp_path: Path, file: str, message: str
) -> None:
    for path in folder.iterdir():
        if path.name != file:
            (tmp_path / path.name).symlink_to(path)
    with pytest.raises(Broken, match=message):
        trained_fusion.load(spec, folder=tmp_path)


def test_arrays_that_do_not_fit_each_other_are_said(spec: EncoderSpec, folder: Path, tmp_path: Path) -> None:
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "words.json").write_text('["wing"]')
    with pytest.raises(Broken, match="1 stems, 3 rarities, 3 vectors"):
        trained_fusion.load(spec, folder=tmp_path)


def test_the_catalogue_builds_it_from_the_registry_once(spec: EncoderSpec, folder: Path, tmp_path: Path) -> None:
    asked: list[str] = []

    def artefacts(reference: str) -> Path:
        asked.append(reference)
        return folder

    alone = [replace(spec, parts=("bert",)), _bert()]
    first, second = (catalog.build(alone, artefacts=artefacts, cache=tmp_path) for _ in range(2))
    assert asked == [REFERENCE, REFERENCE]
    assert first.fusions["fused"] is second.fusions["fused"]


def test_the_encoders_of_a_generation_tell_it_what_is_a_question(
    spec: EncoderSpec, folder: Path, tmp_path: Path
) -> None:
    """With the real network on stems alone, so that no slow encoder is needed."""
    served = trained_fusion.load(spec, folder=folder)
    network = FusionNetwork(
        FusionOptions((), TermOptions(len(WORDS), 16, signs=Signs(0, 16, 0.25))), table=np.load(folder / "table.npy")
    )
    assert served.table is not None
    FusionModel(network, served.table.weights).save(tmp_path / "terms")
    alone = trained_fusion.spec(tmp_path / "terms", reference=str(tmp_path / "terms"))
    encoders = catalog.build([alone], artefacts=lambda reference: folder, cache=tmp_path)
    text = [_text("wing wing wing flow")]
    question, document = encoders.encode_queries(text)["fused"], encoders.encode_documents(text)["fused"]
    assert isinstance(question, DenseVectors)
    assert isinstance(document, DenseVectors)
    expected = encoders.fusions["fused"].fuse(text, {}, question=True)
    assert np.array_equal(question.values, expected.values)
    assert not np.allclose(question.values, document.values, atol=1e-3)


def test_serving_it_never_imports_torch(spec: EncoderSpec, folder: Path) -> None:
    script = f"""
import json, sys
import numpy as np
from trivec.encoders import trained_fusion
from trivec.encoders.base import EncoderSpec
from trivec.records import AnalysedText
spec = EncoderSpec.from_dict(json.loads({json.dumps(spec.as_dict())!r}))
fusion = trained_fusion.load(spec, folder=__import__("pathlib").Path({str(folder)!r}))
assert fusion.fuse([AnalysedText("", ("wing",), ("wing",))], {{}}).present.all()
assert "torch" not in sys.modules and "onnx" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_plain_concatenation_takes_questions_as_documents() -> None:
    plain = fused.Concatenation(fused.spec([EncoderSpec("bert", "onnx", "dense", 4)]))
    texts, parts = [_text("wing")], {"bert": _part(1)}
    assert np.array_equal(plain.fuse(texts, parts, question=True).values, plain.fuse(texts, parts).values)
