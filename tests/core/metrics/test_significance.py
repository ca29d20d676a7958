"""Tests of significance see differences where there are some, and only there."""

from itertools import product

import numpy as np
import pytest

from trivec.metrics.correlation import spearman
from trivec.metrics.significance import bootstrap_interval, randomisation_test


def test_p_agrees_with_all_exchanges_counted_out() -> None:
    differences = np.array([0.3, 0.1, -0.05, 0.2, 0.4, -0.1, 0.25])
    sums = [abs(np.dot(signs, differences)) for signs in product([-1, 1], repeat=7)]
    exact = np.mean(np.array(sums) >= abs(differences.sum()) - 1e-12)
    assert randomisation_test(differences, np.zeros(7), rounds=50_000) == pytest.approx(exact, abs=0.005)


def test_equal_methods_are_not_told_apart() -> None:
    figures = np.linspace(0, 1, 30)
    assert randomisation_test(figures, figures) == 1.0


def test_p_does_not_depend_on_which_side_is_ours() -> None:
    random = np.random.default_rng(3)
    ours, theirs = random.random(40), random.random(40)
    assert randomisation_test(ours, theirs) == randomisation_test(theirs, ours)


def test_p_is_uniform_where_there_is_no_difference() -> None:
    random = np.random.default_rng(5)
    values = [
        randomisation_test(random.normal(size=25), random.normal(size=25), rounds=200, seed=n) for n in range(300)
    ]
    assert 0.02 < np.mean(np.array(values) <= 0.1) < 0.18


def test_more_queries_than_fit_at_once_give_the_same_kind_of_answer() -> None:
    random = np.random.default_rng(5)
    ours = random.normal(0.01, 1, size=30_000)
    assert randomisation_test(ours, np.zeros(30_000), rounds=300) < 0.5
    assert bootstrap_interval(ours, rounds=300).low < ours.mean() < bootstrap_interval(ours, rounds=300).high


def test_the_interval_is_the_one_of_the_normal_law_for_many_queries() -> None:
    values = np.random.default_rng(1).normal(0.5, 0.1, size=400)
    interval = bootstrap_interval(values)
    half = 1.96 * values.std() / 20
    assert (interval.low, interval.high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.002)


def test_spearman_ranks_ties_at_their_mean() -> None:
    assert spearman([1, 2, 2, 4], [1, 2, 3, 4]) == pytest.approx(4.5 / np.sqrt(4.5 * 5))
    assert spearman([3, 2, 1], [1, 2, 3]) == -1.0
    assert spearman([1, 1, 1], [1, 2, 3]) == 0.0
