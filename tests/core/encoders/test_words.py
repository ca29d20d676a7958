"""Word weights: rare words say more, and what is saved is what is loaded."""

from pathlib import Path

import numpy as np
import pytest

from trivec.encoders.words import WordWeights, fit, matrix, zipf
from trivec.errors import Broken
from trivec.records import AnalysedText


def _text(words: str) -> AnalysedText:
    return AnalysedText(words, tuple(words.split()), tuple(words.split()))


@pytest.fixture
def weights() -> WordWeights:
    return fit(map(_text, ["wing flow flow", "wing bank", "wing", ""]))


def test_counts_are_those_of_the_texts(weights: WordWeights) -> None:
    assert weights.words == ("wing", "flow", "bank")
    assert weights.occurrences.tolist() == [3, 2, 1]
    assert weights.document_frequency.tolist() == [3, 1, 1]
    assert (weights.documents, weights.average_terms) == (4, 1.5)


def test_sif_is_a_over_a_plus_the_words_chance(weights: WordWeights) -> None:
    assert weights.of(["wing"], weighting="sif", smoothing=0.5)[0] == pytest.approx(0.5 / (0.5 + 3 / 6))


def test_idf_counts_texts_and_not_occurrences(weights: WordWeights) -> None:
    wing, flow, bank = weights.of(["wing", "flow", "bank"], weighting="idf")
    assert wing == pytest.approx(np.log(5 / 4) + 1)
    assert flow == bank == pytest.approx(np.log(5 / 2) + 1)


@pytest.mark.parametrize("weighting", ["sif", "idf"])
def test_an_unknown_word_weighs_as_the_rarest(weights: WordWeights, weighting: str) -> None:
    rarest, unknown = weights.of(["bank", "kitten"], weighting="sif" if weighting == "sif" else "idf")
    assert unknown == rarest


def test_weights_without_a_corpus_follow_the_rank() -> None:
    ranked = zipf(["the", "of", "wing", "gybe"])
    for values in (ranked.of(ranked.words, weighting="sif"), ranked.of(ranked.words, weighting="idf")):
        assert (np.diff(values) > 0).all()
        assert (values > 0).all()


def test_weights_survive_saving(weights: WordWeights, tmp_path: Path) -> None:
    direction = np.array([0.6, 0.8], np.float32)
    weights.with_common("word2vec", direction).save(tmp_path)
    loaded = WordWeights.load(tmp_path)
    assert (loaded.words, loaded.documents, loaded.average_terms) == (weights.words, 4, 1.5)
    assert np.array_equal(loaded.of(["wing", "x"]), weights.of(["wing", "x"]))
    assert np.array_equal(loaded.common["word2vec"], direction)
    assert "word2vec" not in weights.common


def test_nothing_is_pickled(weights: WordWeights, tmp_path: Path) -> None:
    weights.save(tmp_path)
    assert {file.suffix for file in tmp_path.iterdir()} == {".json", ".safetensors"}


def test_a_folder_without_weights_is_named(tmp_path: Path) -> None:
    with pytest.raises(Broken, match=str(tmp_path)):
        WordWeights.load(tmp_path)


def test_an_empty_corpus_has_weights_too(tmp_path: Path) -> None:
    empty = fit([])
    empty.save(tmp_path)
    assert WordWeights.load(tmp_path).of(["wing"]).tolist() == pytest.approx([1e-3 / 1.001])


def test_the_matrix_holds_count_times_weight() -> None:
    vocabulary = {"wing": 0, "flow": 1}
    found = matrix([["flow", "wing", "flow"], [], ["bank"]], vocabulary, weights=np.array([2, 3], np.float32))
    assert found.toarray().tolist() == [[2, 6], [0, 0], [0, 0]]
