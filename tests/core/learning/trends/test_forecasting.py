"""Forecasts: what they learn from, what they are chosen by, and how often they are right about being unsure."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.core.learning.trends.panels import level, panel
from trivec.errors import BadInput
from trivec.learning import trends
from trivec.learning.trends import origins, statistical
from trivec.learning.trends.combination import decide


def test_intervals_cover_as_often_as_they_say_on_series_like_those_they_were_learned_from() -> None:
    tested = [trends.backtest(level(seed=seed), 4, fitted=False) for seed in range(12)]
    for level_, low, high in ((0.80, 0.75, 0.86), (0.95, 0.92, 0.98)):
        covered = float(np.mean([each.coverage("trivec", level_) for each in tested]))
        assert low <= covered <= high


def test_forecasts_beat_the_last_value_and_the_mean_where_levels_walk_and_samples_are_small() -> None:
    tested = [trends.backtest(level(seed=seed, texts=60), 4, fitted=False) for seed in range(6)]
    ours = np.mean([each.mase("trivec") for each in tested])
    for baseline in ("naive", "mean"):
        assert ours < 0.95 * np.mean([each.mase(baseline) for each in tested])


def test_a_backtest_never_looks_ahead() -> None:
    known = level(seed=1, series=4, periods=30)
    changed = known.counts.copy()
    changed[:, 25:] = 0.0
    one = trends.backtest(known, 3, at=(24, 25))
    other = trends.backtest(replace(known, counts=changed), 3, at=(24, 25))
    for before, after in zip(one.forecasts, other.forecasts, strict=True):
        np.testing.assert_array_equal(before.middle, after.middle)
        np.testing.assert_array_equal(before.lower[0.80], after.lower[0.80])
        np.testing.assert_array_equal(before.weights, after.weights)


def test_what_a_backtest_said_of_the_last_origin_is_what_a_forecast_from_there_says() -> None:
    known = level(seed=2, series=5, periods=30)
    tested = trends.backtest(known, 3, at=(27,)).forecasts[0]
    forecast = trends.forecast(known.until(27), 3)
    np.testing.assert_allclose(forecast.middle, tested.middle)
    np.testing.assert_allclose(forecast.upper[0.95], tested.upper[0.95])


def test_methods_are_weighed_by_how_they_did() -> None:
    random = np.random.default_rng(3)
    totals = np.full(40, 2000.0)
    noise = random.binomial(2000, 0.05, (6, 40)).astype(float)
    walks = random.binomial(2000, np.clip(0.1 + 0.012 * random.standard_normal((6, 40)).cumsum(axis=1), 0.01, 0.6))
    steady = trends.forecast(panel(noise, totals), 3, fitted=False)
    walking = trends.forecast(panel(walks.astype(float), totals), 3, fitted=False)
    weight = {name: row for row, name in enumerate(steady.methods)}
    assert steady.weights[weight["mean"]].mean() > 3 * steady.weights[weight["naive"]].mean()
    assert walking.weights[weight["naive"]].mean() > 3 * walking.weights[weight["mean"]].mean()
    np.testing.assert_allclose(walking.weights.sum(axis=0), 1.0)


def test_a_missing_period_is_not_zero() -> None:
    totals = np.full(20, 100.0)
    counts = np.full((1, 20), 30.0)
    counts[:, [7, 19]] = 0.0
    observed = np.ones(20, bool)
    observed[[7, 19]] = False
    forecast = trends.forecast(panel(counts, totals, observed=observed), 3)
    np.testing.assert_allclose(forecast.middle, 0.30, atol=0.01)
    as_zero = trends.forecast(panel(counts, totals), 3)
    assert (as_zero.middle < forecast.middle).all()


def test_a_forecast_is_not_held_against_a_missing_period() -> None:
    known = level(seed=4, series=3, periods=24)
    observed = np.ones(24, bool)
    observed[22] = False
    tested = trends.backtest(replace(known, observed=observed), 3, at=(21,))
    assert np.isnan(tested.covered["trivec"][0.80][:, 0, 1]).all()
    assert not np.isnan(tested.covered["trivec"][0.80][:, 0, [0, 2]]).any()


def test_a_season_is_forecast_where_there_is_one() -> None:
    random = np.random.default_rng(5)
    wave = 0.1 + 0.06 * np.sin(2 * np.pi * np.arange(72) / 12)
    counts = random.binomial(2000, wave, (5, 72)).astype(float)
    known = panel(counts, np.full(72, 2000.0), season=12)
    tested = trends.backtest(known, 12, baselines=("naive", "mean", "seasonal_naive"), fitted=False)
    assert tested.mase("trivec") < 0.5 * tested.mase("mean")
    assert tested.mase("trivec") < tested.mase("seasonal_naive")


@pytest.mark.parametrize("periods", [3, 5])
def test_too_few_periods_are_refused_with_what_to_do(periods: int) -> None:
    with pytest.raises(BadInput, match=f"{periods} known periods are too few.*needs 6: choose a finer frequency"):
        trends.forecast(level(seed=6, periods=periods), 1)


def test_too_far_ahead_is_refused() -> None:
    with pytest.raises(BadInput, match="13 periods cannot be forecast from 12"):
        trends.forecast(level(seed=6, periods=12), 13)


def test_few_points_give_wider_intervals_than_many_of_the_same_series() -> None:
    widths = []
    for periods in (8, 40):
        known = [level(seed=seed, periods=40, step=0.0).until(periods) for seed in range(8)]
        made = [trends.forecast(each, 2, fitted=False) for each in known]
        widths.append(np.mean([each.upper[0.95] - each.lower[0.95] for each in made]))
    assert widths[0] > 1.2 * widths[1]


def test_shares_stay_between_nothing_and_all() -> None:
    random = np.random.default_rng(7)
    rare = panel(random.binomial(20, 0.02, (8, 30)).astype(float), np.full(30, 20.0))
    most = panel(random.binomial(20, 0.98, (8, 30)).astype(float), np.full(30, 20.0))
    for known in (rare, most):
        forecast = trends.forecast(known, 4)
        for level_ in (0.80, 0.95):
            assert (forecast.lower[level_] >= 0).all()
            assert (forecast.upper[level_] <= 1).all()
            assert (forecast.lower[level_] <= forecast.middle).all()
            assert (forecast.middle <= forecast.upper[level_]).all()


def test_counts_are_forecast_as_counts() -> None:
    random = np.random.default_rng(8)
    counts = random.poisson(40, (4, 30)).astype(float)
    known = replace(panel(counts, np.full(30, 1000.0)), measure="count")
    forecast = trends.forecast(known, 3)
    assert (np.abs(forecast.middle - 40) < 10).all()
    assert (forecast.upper[0.80] > 40).all()


def test_a_series_that_never_changes_is_forecast_to_go_on() -> None:
    counts = np.stack([np.zeros(20), np.full(20, 5.0)])
    forecast = trends.forecast(panel(counts, np.full(20, 100.0)), 2)
    np.testing.assert_allclose(forecast.middle, [[0.0, 0.0], [0.05, 0.05]], atol=0.006)


def test_experience_of_other_series_helps_a_single_one_and_travels_as_plain_values() -> None:
    known = level(seed=9, series=21, periods=14, step=0.02, texts=80)
    learned = trends.learn(known.only(range(20)), 3)
    assert trends.Experiences.parse(json.loads(json.dumps(learned.to_json()))) == learned
    alone = known.only([20])
    without, with_it = trends.forecast(alone, 3), trends.forecast(alone, 3, experience=learned)
    assert not np.allclose(without.weights, with_it.weights)
    assert (with_it.upper[0.80] > with_it.lower[0.80]).all()


def test_what_was_known_at_an_origin_knows_nothing_of_later_periods() -> None:
    known = level(seed=12, series=12, periods=40)
    learned = trends.learn(known, 3, fitted=False)
    assert list(learned.learned) == list(known.periods[29:])
    changed = known.counts.copy()
    changed[:, 36:] = 0.0
    other = trends.learn(replace(known, counts=changed), 3, fitted=False)
    for place, period in enumerate(known.periods[29:], 29):
        assert (learned.learned[period] == other.learned[period]) == (place < 36)
    assert learned.after("1935.5") == learned.learned["1935"]
    assert learned.after("1928") is None


def test_a_backtest_is_helped_by_what_was_known_then_as_the_forecast_is_now() -> None:
    known = level(seed=13, series=13, periods=40, texts=60)
    experience = trends.learn(known.only(range(12)), 3, fitted=False)
    alone = known.only([12])
    helped = trends.backtest(alone, 3, experience=experience, fitted=False)
    plain = trends.backtest(alone, 3, fitted=False)
    assert not np.allclose(helped.forecasts[-1].weights, plain.forecasts[-1].weights)
    for tested, origin in zip(helped.forecasts, helped.origins, strict=True):
        assert experience.after(alone.periods[origin - 1]) is not None
        drawn = trends.forecast(alone.until(origin), 3, experience=experience, fitted=False)
        np.testing.assert_allclose(drawn.middle, tested.middle)
    later = replace(alone, counts=np.where(np.arange(40) >= 37, 0.0, alone.counts))
    changed = trends.backtest(later, 3, experience=experience, fitted=False, at=helped.origins)
    np.testing.assert_array_equal(changed.forecasts[0].upper[0.80], helped.forecasts[0].upper[0.80])


def test_the_season_is_a_baseline_only_where_two_lie_before_every_origin() -> None:
    counts = np.full((1, 36), 5.0)
    year = panel(counts, np.full(36, 100.0), season=12)
    assert trends.baselines(year, 3) == ("naive", "mean", "seasonal_naive")
    assert trends.baselines(year, 6) == ("naive", "mean")
    assert trends.baselines(panel(counts, np.full(36, 100.0)), 3) == ("naive", "mean")


def test_fitted_models_forecast_what_statsmodels_itself_says() -> None:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel
    from statsmodels.tsa.forecasting.theta import ThetaModel
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    random = np.random.default_rng(10)
    series = np.cumsum(random.standard_normal(40)) * 0.3 + random.standard_normal(40)
    gap = series.copy()
    gap[[11, 39]] = np.nan
    ours = {name: model.ahead(series, model.fit(series), 4) for name, model in statistical.METHODS.items()}
    np.testing.assert_allclose(ours["ets"], ETSModel(series, error="add").fit(disp=0).forecast(4))
    theirs = ThetaModel(series, period=1, deseasonalize=False).fit(disp=False).forecast(4)
    np.testing.assert_allclose(ours["theta"], np.asarray(theirs), atol=0.02)
    model = statistical.METHODS["sarimax"]
    theirs = SARIMAX(gap, order=(1, 0, 0), trend="c").fit(disp=0, maxiter=30, cov_type="none").forecast(4)
    np.testing.assert_allclose(model.ahead(gap, model.fit(gap), 4), theirs, atol=1e-6)


def test_a_decision_sees_no_error_of_a_period_to_come() -> None:
    known = level(seed=11, series=3, periods=20)
    made = origins.table(known, 3, first=14, last=16, fitted=False)
    seen = made.seen(14)
    for row, origin in enumerate(made.origins[made.rows(14)]):
        assert np.isnan(seen[row, :, max(0, 14 - origin) :]).all()
        assert not np.isnan(seen[row, :, : max(0, 14 - origin)]).any()
    decisions = decide(known, made)
    assert decisions.forecasts.shape == (len(made.origins), 3, 3)
