"""Figures of classification, against examples worked out by hand and scikit-learn's own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivec.metrics.labels import expected_calibration_error, hierarchical_f1, macro_f1, valid_paths


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40))
def test_macro_f1_is_scikit_learns(pairs: list[tuple[int, int]]) -> None:
    from sklearn.metrics import f1_score

    given_, right = [one for one, _ in pairs], [other for _, other in pairs]
    assert macro_f1(given_, right) == pytest.approx(f1_score(right, given_, average="macro", zero_division=0))


def test_hierarchical_f1_gives_credit_for_the_right_branch() -> None:
    right = [("a", "a1"), ("b", "b1")]
    assert hierarchical_f1(right, right) == 1.0
    assert hierarchical_f1([("a", "a2"), ("c", "c1")], right) == 0.25
    assert hierarchical_f1([("a",), ()], right) == pytest.approx(2 / 5)  # one right of one given, four wanted
    assert hierarchical_f1([(), ()], right) == 0.0


def test_paths_are_valid_when_they_exist_or_begin_one_that_does() -> None:
    known = [("a", "a1"), ("b", "b1")]
    assert valid_paths([("a",), (), ("b", "b1"), ("a", "b1"), ("b1",)], known) == pytest.approx(3 / 5)


def test_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    assert expected_calibration_error(np.array([1.0, 1.0]), np.array([True, True])) == 0.0
    confidence, correct = np.array([0.95, 0.95, 0.55, 0.55]), np.array([True, True, False, True])
    assert expected_calibration_error(confidence, correct) == pytest.approx((0.05 + 0.05) / 2)
