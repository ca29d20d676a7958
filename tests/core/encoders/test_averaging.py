"""Averages of word vectors: rare words count for more, what all texts share counts for nothing."""

from pathlib import Path

import numpy as np
import pytest

from trivec.encoders import averaging, glove
from trivec.encoders.base import EncoderSpec
from trivec.encoders.tables import WordTable
from trivec.encoders.words import fit
from trivec.errors import BadInput
from trivec.records import AnalysedText, Scalar

TABLE = WordTable(("of", "wing", "flow"), np.array([[1, 0, 0], [1, 1, 0], [1, 0, 1]], np.float32))


def _spec(**options: Scalar) -> EncoderSpec:
    return EncoderSpec("word2vec", "word2vec", "dense", 3, options=options)


def _text(words: str) -> AnalysedText:
    return AnalysedText(words, tuple(words.split()), tuple(words.split()))


def test_the_common_direction_of_a_corpus_is_removed_from_its_texts() -> None:
    corpus = [_text(words) for words in ("of wing", "of flow", "wing flow", "wing", "flow of of")]
    weights = fit(corpus)
    weights = averaging.fit_common(weights, averaging.build(_spec(), TABLE, weights), corpus)
    encoder = averaging.build(_spec(), TABLE, weights)
    assert np.abs(encoder.encode_documents(corpus).values @ weights.common["word2vec"]).max() < 1e-6
    assert np.linalg.norm(weights.common["word2vec"]) == pytest.approx(1)


def test_a_text_is_nearer_to_its_rare_word_than_to_its_frequent_one() -> None:
    weights = fit([_text("wing")] * 50 + [_text("flow")])
    encoder = averaging.build(_spec(), TABLE, weights)
    both, wing, flow = encoder.encode_documents([_text("wing flow"), _text("wing"), _text("flow")]).values
    assert both @ flow > both @ wing


def test_order_and_repetition_of_a_whole_text_do_not_matter() -> None:
    encoder = averaging.build(_spec(), TABLE, None)
    one, two, three = encoder.encode_documents(
        [_text("wing flow of"), _text("of flow wing"), _text("wing flow of " * 9)]
    ).values
    assert np.allclose(one, two, atol=1e-6)
    assert np.allclose(one, three, atol=1e-6)


def test_a_question_of_a_tiny_corpus_is_encoded_too() -> None:
    encoder = averaging.build(_spec(), TABLE, fit([]))
    assert encoder.encode_queries([_text("wing")]).present.tolist() == [True]


def test_an_unknown_weighting_is_refused() -> None:
    with pytest.raises(BadInput, match="choose sif or idf"):
        averaging.build(_spec(weighting="best"), TABLE, None)


def test_a_table_of_another_dimension_is_refused() -> None:
    with pytest.raises(BadInput, match="3 dimensions, not 4"):
        averaging.build(EncoderSpec("word2vec", "word2vec", "dense", 4), TABLE, None)


def test_glove_knows_what_belongs_together(cache: Path, texts: list[AnalysedText]) -> None:
    encoder = glove.load(EncoderSpec("glove", "glove", "dense", 50, glove.PACKAGED), weights=None, cache=cache)
    values = encoder.encode_documents(texts).values
    likeness = values @ values.T
    assert likeness[0, 1] > likeness[0, 2:].max()
    assert likeness[2, 3] > likeness[2, [0, 1, 4]].max()
