"""Errors in units of the usual change, by hand."""

import numpy as np
import pytest

from trivec.metrics.forecasting import inside, mase, naive_scale, scaled_error

NAN = np.nan


def test_the_scale_is_the_mean_change_between_known_values() -> None:
    history = np.array([[1.0, 3.0, NAN, 2.0, 2.0], [0.0, 0.0, NAN, 0.0, 0.0]])
    np.testing.assert_allclose(naive_scale(history), [1.0, NAN])
    assert np.isnan(naive_scale(np.array([[4.0]]))).all()


def test_an_error_is_scaled_by_its_own_past_and_missing_points_count_for_nothing() -> None:
    history = np.array([[0.0, 2.0, 0.0]])
    errors = scaled_error(np.array([[1.0, 1.0, 1.0]]), np.array([[2.0, NAN, 4.0]]), history)
    np.testing.assert_allclose(errors, [1.0])
    assert np.isnan(scaled_error(np.array([[1.0]]), np.array([[NAN]]), history)).all()


def test_mase_is_the_median_of_series_of_the_mean_of_origins() -> None:
    assert mase(np.array([[1.0, 2.0], [9.0, NAN], [3.0, 5.0]])) == pytest.approx(4.0)
    assert np.isnan(mase(np.array([[NAN]])))


def test_bounds_belong_to_an_interval_and_missing_points_are_neither_in_nor_out() -> None:
    found = inside(np.array([[0.0, 0.0, 0.0]]), np.array([[1.0, 1.0, 1.0]]), np.array([[1.0, 1.1, NAN]]))
    np.testing.assert_array_equal(found, [[1.0, 0.0, NAN]])
