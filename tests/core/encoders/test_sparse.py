"""Sparse vectors: dot products are the scores of the literature, and indices never move."""

import subprocess
import sys

import numpy as np
import pytest

from trivec.encoders.base import EncoderSpec
from trivec.encoders.sparse import Sparse, Weighting, spec, term_index
from trivec.errors import BadInput
from trivec.records import AnalysedText, SparseVectors


def _text(terms: str) -> AnalysedText:
    return AnalysedText(terms, tuple(terms.split()), tuple(terms.split()))


def _row(vectors: SparseVectors, row: int = 0) -> dict[int, float]:
    part = slice(vectors.starts[row], vectors.starts[row + 1])
    return dict(zip(vectors.indices[part].tolist(), vectors.values[part].tolist(), strict=True))


def _document(weighting: Weighting, terms: str) -> dict[int, float]:
    return _row(Sparse(spec(weighting, average_terms=4)).encode_documents([_text(terms)]))


def test_one_hot_marks_terms() -> None:
    assert _document("one_hot", "wing flow wing") == {term_index("wing"): 1, term_index("flow"): 1}


def test_bag_of_words_counts_terms() -> None:
    assert _document("bag_of_words", "wing flow wing") == {term_index("wing"): 2, term_index("flow"): 1}


def test_tfidf_dampens_counts_to_unit_length() -> None:
    row = _document("tfidf", "wing flow wing")
    assert row[term_index("wing")] / row[term_index("flow")] == pytest.approx(1 + np.log(2))
    assert sum(value**2 for value in row.values()) == pytest.approx(1)


def test_bm25_saturates_counts_by_length() -> None:
    damping = 1.2 * (1 - 0.5 + 0.5 * 3 / 4)
    row = _document("bm25", "wing flow wing")
    assert row[term_index("wing")] == pytest.approx(2 * 2.2 / (2 + damping))
    assert row[term_index("flow")] == pytest.approx(1 * 2.2 / (1 + damping))


def test_a_longer_document_scores_less_for_the_same_word() -> None:
    assert _document("bm25", "wing")[term_index("wing")] > _document("bm25", "wing a b c d e")[term_index("wing")]


def test_a_question_counts_its_terms() -> None:
    assert _row(Sparse(spec()).encode_queries([_text("wing wing flow")])) == {
        term_index("wing"): 2,
        term_index("flow"): 1,
    }


def test_rarity_is_left_to_qdrant_where_it_belongs() -> None:
    modifiers = {weighting: spec(weighting).modifier for weighting in ("one_hot", "bag_of_words", "tfidf", "bm25")}
    assert modifiers == {"one_hot": "", "bag_of_words": "", "tfidf": "idf", "bm25": "idf"}


def test_the_average_length_is_frozen_in_the_spec() -> None:
    assert spec(average_terms=37.25).options["average_terms"] == 37.25
    assert spec(average_terms=0).options["average_terms"] > 0


def test_a_term_has_the_same_index_in_every_process() -> None:
    script = "from trivec.encoders.sparse import term_index as t; print(t('wing'), t('Ünïcode'))"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert [int(index) for index in found] == [term_index("wing"), term_index("Ünïcode")]
    assert term_index("wing") == 2719846924


def test_indices_spread_over_all_32_bits() -> None:
    indices = {term_index(f"term{number}") for number in range(20_000)}
    assert len(indices) >= 19_998
    assert max(indices) > 2**31 > min(indices)


def test_terms_that_share_an_index_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trivec.encoders.sparse.term_index", lambda term: 7)
    assert _document("bag_of_words", "wing flow wing") == {7: 3}


def test_an_unknown_weighting_is_refused() -> None:
    with pytest.raises(BadInput, match="weighting is 'best'; choose one of one_hot"):
        Sparse(EncoderSpec("bm25", "sparse", "sparse", 0, options={"weighting": "best"}))
