"""A classifier learns from twenty examples a class, says only what exists, and knows when it does not know."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from trivec.errors import BadInput, Broken, Cancelled
from trivec.learning.base import Model
from trivec.learning.taxonomy import Encode, Example, TaxonomyModel, TaxonomyOptions, correct, load, train
from trivec.learning.taxonomy.calibration import Calibration
from trivec.learning.taxonomy.examples import split_off

from .conftest import WORDS, labelled

QUICK = TaxonomyOptions(tune="")
TUNED = TaxonomyOptions(tuning_epochs=2, tuning_tokens=10_000)


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    return labelled(20, seed=1)


@pytest.fixture(scope="module")
def held_out() -> list[Example]:
    return labelled(10, seed=2)


@pytest.fixture(scope="module")
def model(examples: list[Example], encode: Encode) -> TaxonomyModel:
    return train(examples, encode=encode, options=QUICK)


@pytest.fixture(scope="module")
def tuned(examples: list[Example], encode: Encode, tmp_path_factory: pytest.TempPathFactory) -> TaxonomyModel:
    """With its own encoder, whether or not that pays on so easy texts."""
    from trivec.learning.taxonomy import calibration

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibration, "pays", lambda alone, together: True)
        return train(examples, encode=encode, options=TUNED, checkpoint=tmp_path_factory.mktemp("tuning"))


def texts(examples: Sequence[Example]) -> list[str]:
    return [example.text for example in examples]


def test_twenty_examples_a_class_are_enough(model: TaxonomyModel, held_out: list[Example]) -> None:
    assert correct(model, held_out).mean() > 0.9
    assert isinstance(model, Model)


def test_one_who_learned_from_shuffled_labels_is_worse(
    model: TaxonomyModel, examples: list[Example], held_out: list[Example], encode: Encode
) -> None:
    paths = np.random.default_rng(0).permutation(len(examples))
    shuffled = [Example(one.text, examples[other].labels) for one, other in zip(examples, paths, strict=True)]
    fooled = train(shuffled, encode=encode, options=QUICK)
    assert correct(fooled, held_out).mean() < 0.6 < correct(model, held_out).mean()


def test_what_is_predicted_exists_and_no_child_is_likelier_than_its_parent(
    model: TaxonomyModel, held_out: list[Example]
) -> None:
    beginnings = {path[:length] for path in WORDS for length in range(4)}
    strange = [*texts(held_out), "colourless green ideas", "a loan for a tennis racket", "¿?", "x" * 5000]
    for prediction in model.predict(strange):
        assert prediction.labels in beginnings
        chances = {one.label: one for level in prediction.levels for one in level}
        assert all(one.probability <= chances[one.parent].probability + 1e-9 for one in chances.values() if one.parent)
        assert prediction.levels[0][0].probability == max(one.probability for one in prediction.levels[0])


def test_whole_paths_end_where_paths_end_however_unsure(model: TaxonomyModel) -> None:
    strange = ["colourless green ideas", "a loan for a tennis racket"]
    assert {one.labels for one in model.predict(strange, whole=True)} <= set(WORDS)


def test_a_path_stops_where_it_is_no_longer_sure_and_none_is_given_where_it_never_was(model: TaxonomyModel) -> None:
    between = "the swindle, the levy, the forgery and the audit"
    (whole,) = model.predict([between], whole=True)
    chances = {one.label: one.probability for level in whole.levels for one in level}
    assert chances["law"] > chances[whole.labels[-1]]
    calibration = model.calibration
    for threshold, wanted in ((chances["law"], ("money", "law")), (1.0, ())):
        model.__dict__["calibration"] = Calibration(
            calibration.weights, calibration.adjustment, calibration.strength, threshold
        )
        (prediction,) = model.predict([between])
        model.__dict__["calibration"] = calibration
        assert prediction.labels == wanted


def test_a_text_without_anything_in_it_belongs_nowhere(model: TaxonomyModel) -> None:
    assert [one.labels for one in model.predict(["", " \n"])] == [(), ()]
    assert model.predict([]) == []


def test_confidence_is_that_of_the_last_label_given(model: TaxonomyModel, held_out: list[Example]) -> None:
    for prediction in model.predict(texts(held_out)):
        if prediction.labels:
            level = prediction.levels[len(prediction.labels) - 1]
            assert prediction.confidence == {one.label: one.probability for one in level}[prediction.labels[-1]]


def test_a_seed_gives_the_same_model_and_examples_are_left_alone(
    model: TaxonomyModel, examples: list[Example], held_out: list[Example], encode: Encode
) -> None:
    vectors = encode(texts(examples)).values
    before = vectors.copy()
    again = train(list(examples), encode=encode, options=QUICK, vectors=vectors)
    assert (vectors == before).all()
    assert (again.probabilities(texts(held_out)) == model.probabilities(texts(held_out))).all()


def test_stored_vectors_serve_as_well_as_new_ones_and_others_are_refused(
    model: TaxonomyModel, held_out: list[Example], encode: Encode
) -> None:
    asked = texts(held_out)
    assert model.predict(asked, vectors=encode(asked).values) == model.predict(asked)
    with pytest.raises(BadInput, match=r"shape \(2, 384\).*\(1, 384\)"):
        model.predict(["one"], vectors=np.zeros((2, 384), np.float32))
    with pytest.raises(BadInput, match=r"shape \(1, 50\)"):
        model.predict(["one"], vectors=np.zeros((1, 50), np.float32))


def test_a_saved_model_says_the_same_and_its_files_are_plain(
    tuned: TaxonomyModel, held_out: list[Example], encode: Encode, tmp_path: Path
) -> None:
    tuned.save(tmp_path / "saved")
    again = load(tmp_path / "saved", encode=encode)
    assert (again.probabilities(texts(held_out)) == tuned.probabilities(texts(held_out))).all()
    assert again.predict(texts(held_out)) == tuned.predict(texts(held_out))
    kinds = {file.suffix for file in (tmp_path / "saved").rglob("*") if file.is_file()}
    assert kinds == {".json", ".safetensors", ".onnx"}
    again.save(tmp_path / "copy")
    assert (tmp_path / "copy" / "tuned" / "model.onnx").is_file()


def test_a_damaged_folder_is_named(model: TaxonomyModel, encode: Encode, tmp_path: Path) -> None:
    with pytest.raises(Broken, match="no taxonomy model in"):
        load(tmp_path, encode=encode)
    model.save(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"nonsense")
    with pytest.raises(Broken, match="no taxonomy model in"):
        load(tmp_path, encode=encode)


def test_fine_tuning_adds_a_branch_that_serves_and_its_upper_layers_differ_from_what_they_were(
    tuned: TaxonomyModel, held_out: list[Example], encode: Encode
) -> None:
    assert tuned.tuned is not None
    assert correct(tuned, held_out).mean() > 0.9
    mine, plain = tuned.tuned.encoder.encode(texts(held_out)).values, encode(texts(held_out)).values
    cosines = (mine * plain).sum(axis=1)
    assert 0 < cosines.mean() < 0.999


def test_serving_needs_no_torch(tuned: TaxonomyModel, tmp_path: Path) -> None:
    tuned.save(tmp_path / "saved")
    code = (
        "import sys, numpy as np; from pathlib import Path; from trivec.learning.taxonomy import load\n"
        "model = load(Path(sys.argv[1]), encode=lambda texts: None, threads=1)\n"
        "assert model.predict(['the loan'], vectors=np.ones((1, 384), np.float32) / 384**.5)[0].levels\n"
        "heavy = {'torch', 'sklearn', 'transformers', 'sentence_transformers'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "saved")], check=True)


def test_a_training_that_is_stopped_says_so(examples: list[Example], encode: Encode) -> None:
    def stop(doing: str, share: float) -> None:
        assert 0 <= share <= 1
        if share > 0.1:
            raise Cancelled(doing)

    with pytest.raises(Cancelled):
        train(examples, encode=encode, options=QUICK, progress=stop)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ([], "0 examples of 0 classes"),
        (labelled(1, seed=1) * 2, "too few: give 20 examples"),
        ([Example("some words", ("a",))] * 40, "too few"),
        ([*labelled(20, seed=1), Example(" ", ("sports",))], "1 examples have no text, the first is number 121"),
        ([*labelled(20, seed=1), Example("a", ("banks",))], "label 'banks' stands at the top and under 'money'"),
        ([*labelled(20, seed=1), Example("a", ())], "has no label"),
        ([Example("same", ("a",)), Example("same too", ("b",))] * 20, "no class has four different examples"),
    ],
)
def test_what_cannot_be_learned_from_is_named(bad: list[Example], said: str, encode: Encode) -> None:
    with pytest.raises(BadInput, match=said):
        train(bad, encode=encode, options=QUICK)


def test_every_class_with_four_examples_is_judged_and_equal_texts_stay_on_one_side() -> None:
    many = [*labelled(20, seed=1), *labelled(20, seed=1), Example("rare", ("money", "rare"))]
    split = split_off(many, share=0.1, seed=3)
    judged = {many[row].labels for row in split.validation}
    assert judged == set(WORDS)
    assert not {many[row].text for row in split.validation} & {many[row].text for row in split.train}
    assert sorted([*split.train, *split.validation]) == list(range(len(many)))
