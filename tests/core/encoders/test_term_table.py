"""The term side: bm25's weights, split over questions and documents, and vectors for stems never seen before."""

import subprocess
import sys

import numpy as np
import pytest

from trivec.encoders.term_table import Signs, TermTable, TermWeights, random_signs
from trivec.records import AnalysedText

WEIGHTS = TermWeights(("wing", "flow"), np.array([4, 1], np.float32), unseen_idf=9.0, average_terms=4.0, k1=1.2, b=0.75)


def _text(terms: str) -> AnalysedText:
    return AnalysedText(terms, tuple(terms.split()), tuple(terms.split()))


def test_the_product_of_a_questions_and_a_documents_weight_is_bm25() -> None:
    document = WEIGHTS.of(["wing", "wing", "flow"])
    question = WEIGHTS.of(["wing"], question=True)
    damping = 1.2 * (1 - 0.75 + 0.75 * 3 / 4)
    assert document["wing"] * question["wing"] == pytest.approx(4 * 2 * 2.2 / (2 + damping))
    assert document["flow"] == pytest.approx(2.2 / (1 + damping))


def test_a_question_counts_its_stems() -> None:
    assert WEIGHTS.of(["wing", "wing", "flow"], question=True) == {"wing": 4.0, "flow": 1.0}


def test_a_stem_that_no_document_had_is_the_rarest() -> None:
    assert WEIGHTS.of(["zebra"], question=True) == {"zebra": 3.0}


def test_bags_hold_a_row_for_each_text_and_columns_for_strangers() -> None:
    bags = WEIGHTS.bags([_text("flow zebra"), _text(""), _text("xylem zebra wing")], question=True)
    assert bags.strangers == ("zebra", "xylem")
    assert bags.matrix.toarray().tolist() == [[0, 1, 3, 0], [0, 0, 0, 0], [2, 0, 3, 3]]
    assert bags.take([2]).matrix.toarray().tolist() == [[2, 0, 3, 3]]


def test_a_text_is_the_unit_sum_of_its_stems() -> None:
    table = TermTable(WEIGHTS, np.array([[1, 0, 0, 0], [0, 1, 0, 0]], np.float32), Signs())
    encoded = table.encode([_text("wing flow"), _text("zebra"), _text("")], question=True)
    assert encoded.values[0] == pytest.approx([2 / 5**0.5, 1 / 5**0.5, 0, 0])
    assert encoded.present.tolist() == [True, False, False]


def test_a_stem_without_a_row_has_signs_of_its_own_where_the_table_has_them() -> None:
    table = TermTable(WEIGHTS, np.zeros((2, 130), np.float32), Signs(start=2, count=128, scale=0.5))
    zebra, xylem, both = table.encode([_text("zebra"), _text("xylem"), _text("zebra xylem")], question=True).values
    assert not zebra[:2].any()
    assert np.abs(zebra[2:]) == pytest.approx(np.full(128, 128**-0.5))
    assert abs(float(zebra @ xylem)) < 0.3
    assert float(zebra @ both) == pytest.approx(float(xylem @ both), abs=1e-5)
    assert float(zebra @ both) > 0.6


def test_signs_are_as_long_as_their_scale_says_beside_trained_rows() -> None:
    rows = Signs(start=1, count=3, scale=0.25).rows(["zebra", "xylem"], dimension=5)
    assert np.abs(rows).tolist() == [[0, 0.25, 0.25, 0.25, 0]] * 2
    assert Signs().rows(["zebra"], dimension=3).tolist() == [[0, 0, 0]]


def test_signs_are_the_same_in_every_process_and_for_ever() -> None:
    script = "from trivec.encoders.term_table import random_signs as s; print(*s(['wing', 'Ünïcode'], 10).ravel())"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert [float(sign) for sign in found] == random_signs(["wing", "Ünïcode"], 10).ravel().tolist()


def test_signs_of_many_words_are_balanced() -> None:
    signs = random_signs([f"word{number}" for number in range(500)], 127)
    assert set(np.unique(signs)) == {-1, 1}
    assert np.abs(signs.mean(axis=0)).max() < 0.25
    assert np.abs(signs @ signs.T / 127 - np.eye(500)).max() < 0.6
