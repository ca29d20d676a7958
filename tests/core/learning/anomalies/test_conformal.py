"""p-values that keep their word, and false discovery control."""

import numpy as np

from trivec.learning.anomalies.conformal import Calibration, adjusted


def test_p_values_of_texts_like_those_calibrated_on_are_uniform() -> None:
    chance = np.random.default_rng(1)
    rates = [
        float((Calibration.of(chance.gamma(2, size=500)).p_values(chance.gamma(2, size=500)) <= 0.05).mean())
        for _ in range(100)
    ]
    assert abs(np.mean(rates) - 0.05) < 0.004


def test_no_p_value_is_zero_and_ties_count_as_equally_odd() -> None:
    calibration = Calibration.of(np.array([1.0, 2.0, 2.0, 3.0]))
    np.testing.assert_allclose(calibration.p_values(np.array([9.0, 3.0, 2.0, 0.0])), [1 / 5, 2 / 5, 4 / 5, 1.0])


def test_surprise_grows_beyond_the_oddest_text_and_follows_p_before() -> None:
    calibration = Calibration.of(np.random.default_rng(2).exponential(size=2000))
    scores = np.linspace(0, 30, 200)
    surprise = calibration.surprise(scores)
    assert (np.diff(surprise) >= -0.05).all()
    assert surprise[-1] > surprise[-50] + 1
    usual = scores[scores < 1.5]
    np.testing.assert_allclose(calibration.surprise(usual), -np.log(calibration.p_values(usual)))


def test_scores_that_are_all_equal_are_no_surprise() -> None:
    calibration = Calibration.of(np.ones(50))
    assert np.isfinite(calibration.surprise(np.array([0.0, 1.0, 2.0]))).all()
    assert calibration.p_values(np.array([1.0]))[0] == 1.0


def test_false_discoveries_stay_below_the_level_asked_for() -> None:
    chance, shares, found = np.random.default_rng(3), [], 0
    for _ in range(150):
        calibration = Calibration.of(chance.normal(size=2000))
        odd = np.arange(300) < 30
        p_values = calibration.p_values(np.where(odd, chance.normal(4, size=300), chance.normal(size=300)))
        called = adjusted(p_values) <= 0.1
        shares.append((called & ~odd).sum() / max(1, called.sum()))
        found += (called & odd).sum()
    assert np.mean(shares) < 0.12
    assert found > 0.7 * 30 * 150


def test_the_lowest_p_values_are_enough_where_the_total_is_known() -> None:
    p_values = np.sort(np.random.default_rng(4).random(1000) ** 3)
    whole = adjusted(p_values)
    np.testing.assert_allclose(adjusted(p_values[:50], total=1000)[:10], whole[:10], rtol=0.5)
    assert (adjusted(p_values[:50], total=1000) >= whole[:50] - 1e-12).all()
