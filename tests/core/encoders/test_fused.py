"""The concatenation: each part counts as much as its weight says, and a missing one leaves the rest."""

import numpy as np
import pytest

from trivec.encoders.base import EncoderSpec
from trivec.encoders.fused import Concatenation, spec
from trivec.errors import BadInput
from trivec.records import AnalysedText, DenseVectors

PARTS = [EncoderSpec(name, name, "dense", size) for name, size in (("word2vec", 3), ("glove", 2), ("bert", 4))]
TEXTS = [AnalysedText("", (), ())] * 3


def _part(dimension: int, present: list[bool], seed: int) -> DenseVectors:
    values = np.random.default_rng(seed).normal(size=(3, dimension)).astype(np.float32)
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    return DenseVectors(values * np.array(present)[:, None], np.array(present))


@pytest.fixture
def parts() -> dict[str, DenseVectors]:
    return {
        "word2vec": _part(3, [True, False, False], 1),
        "glove": _part(2, [True, True, False], 2),
        "bert": _part(4, [True, True, False], 3),
    }


def test_blocks_stand_side_by_side_by_their_weights(parts: dict[str, DenseVectors]) -> None:
    row = Concatenation(spec(PARTS)).fuse(TEXTS, parts).values[0]
    lengths = np.array([np.linalg.norm(block) for block in np.split(row, [3, 5])])
    assert lengths / lengths[2] == pytest.approx([0.5, 0.25, 1], abs=1e-6)
    assert np.linalg.norm(row) == pytest.approx(1)


def test_a_missing_part_is_a_block_of_zeros_and_the_rest_is_unit_length(parts: dict[str, DenseVectors]) -> None:
    fused = Concatenation(spec(PARTS)).fuse(TEXTS, parts)
    assert not fused.values[1, :3].any()
    assert np.linalg.norm(fused.values[1]) == pytest.approx(1)


def test_a_text_without_any_part_is_missing(parts: dict[str, DenseVectors]) -> None:
    assert Concatenation(spec(PARTS)).fuse(TEXTS, parts).present.tolist() == [True, True, False]


def test_a_part_that_was_not_made_at_all_is_missing(parts: dict[str, DenseVectors]) -> None:
    fused = Concatenation(spec(PARTS)).fuse(TEXTS, {"bert": parts["bert"]})
    assert not fused.values[0, :5].any()
    assert np.allclose(fused.values[0, 5:], parts["bert"].values[0])


def test_rows_of_missing_parts_are_not_trusted(parts: dict[str, DenseVectors]) -> None:
    rubbish = DenseVectors(np.ones((3, 3), np.float32), np.array([False] * 3))
    fused = Concatenation(spec(PARTS)).fuse(TEXTS, {**parts, "word2vec": rubbish})
    assert not fused.values[:, :3].any()


def test_a_part_of_another_shape_is_refused(parts: dict[str, DenseVectors]) -> None:
    with pytest.raises(BadInput, match=r"part 'glove' of shape \(3, 2\), got \(3, 4\)"):
        Concatenation(spec(PARTS)).fuse(TEXTS, {**parts, "glove": parts["bert"]})


def test_its_dimension_is_the_sum_of_its_parts() -> None:
    assert spec(PARTS).dimension == 9
    assert spec(PARTS).parts == ("word2vec", "glove", "bert")
