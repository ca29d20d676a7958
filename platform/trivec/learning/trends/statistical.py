"""Forecasts by fitted models: ETS, Theta and SARIMAX of statsmodels, one series at a time, on its smooth scale.

A model is fitted at every sixth origin of a backtest and carried on from there with the new values: never with a
parameter that later values had a hand in. Carrying on is a line of arithmetic each, a fit takes milliseconds.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np

from trivec.errors import MissingExtra
from trivec.learning.trends.links import filled, link, unlink
from trivec.learning.trends.panel import Panel, Values1d, Values2d

FEWEST: Final = 16  # known periods: with fewer, parameters are guesses
_REFIT_EVERY: Final = 6  # origins
_FAILURES = (ValueError, ArithmeticError, np.linalg.LinAlgError)


@dataclass(frozen=True)
class Model:
    """One kind of model.

    Attributes:
        fit: parameters of a series up to an origin; missing periods are not numbers.
        ahead: the next values of a series by such parameters: series, parameters, horizon.
    """

    fit: Callable[[Values1d], Values1d]
    ahead: Callable[[Values1d, Values1d, int], Values1d]


def _fit_ets(series: Values1d) -> Values1d:
    """Rate and first level of simple exponential smoothing with additive errors."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    fitted = ETSModel(filled(series), error="add").fit(disp=0)
    return np.array([fitted.smoothing_level, fitted.initial_level])


def _ets_ahead(series: Values1d, parameters: Values1d, horizon: int) -> Values1d:
    return np.full(horizon, _level(filled(series), parameters[0], parameters[1]))


def _fit_theta(series: Values1d) -> Values1d:
    """The rate of its smoothing."""
    from statsmodels.tsa.forecasting.theta import ThetaModel

    fitted = ThetaModel(filled(series), period=1, deseasonalize=False).fit(disp=False)
    return np.array([np.clip(fitted.params["alpha"], 1e-4, 1.0)])


def _theta_ahead(series: Values1d, parameters: Values1d, horizon: int) -> Values1d:
    """Smoothing and half the trend of the past, in the form of Hyndman & Billah (2003)."""
    values, rate = filled(series), parameters[0]
    slope = float(np.polyfit(np.arange(len(values)), values, 1)[0])
    steps = np.arange(horizon) + (1 - (1 - rate) ** len(values)) / rate
    return np.asarray(_level(values, rate, values[0]) + slope / 2 * steps, np.float64)


def _fit_sarimax(series: Values1d) -> Values1d:
    """Autocorrelation and mean of a first-order autoregression; gaps are left to the Kalman filter."""
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    fitted = SARIMAX(series, order=(1, 0, 0), trend="c").fit(disp=0, maxiter=30, cov_type="none")
    intercept, rate = fitted.params[:2]
    return np.array([rate, intercept / (1 - rate)])


def _sarimax_ahead(series: Values1d, parameters: Values1d, horizon: int) -> Values1d:
    rate, mean = parameters
    last = int(np.flatnonzero(~np.isnan(series))[-1])
    steps = len(series) - last + np.arange(horizon)
    return np.asarray(mean + rate**steps * (series[last] - mean), np.float64)


METHODS: Final[Mapping[str, Model]] = {
    "ets": Model(_fit_ets, _ets_ahead),  # Hyndman et al. (2008)
    "theta": Model(_fit_theta, _theta_ahead),  # Assimakopoulos & Nikolopoulos (2000)
    "sarimax": Model(_fit_sarimax, _sarimax_ahead),
}


def forecasts(panel: Panel, origins: Sequence[int], horizon: int) -> dict[str, dict[int, Values2d]]:
    """What each method forecasts for every series at every origin, shape (series, horizon) each.

    Args:
        panel: all series; what comes after an origin is not looked at.
        origins: numbers of periods known, rising; those with fewer than `FEWEST` known periods are left out.
        horizon: periods ahead.

    Returns:
        By method and origin; what could not be fitted is not a number.

    Raises:
        MissingExtra: statsmodels is not installed.
    """
    wanted = [origin for origin in origins if panel.observed[:origin].sum() >= FEWEST]
    if not wanted:
        return {}
    scaled = link(panel)
    found = {name: {origin: np.full((len(panel.names), horizon), np.nan) for origin in wanted} for name in METHODS}
    with _quiet():
        for row, series in enumerate(scaled):
            for name, model in METHODS.items():
                for origin, ahead in _along(model, series, wanted, horizon):
                    found[name][origin][row] = ahead
    return {name: {origin: unlink(each, panel) for origin, each in held.items()} for name, held in found.items()}


def _along(model: Model, series: Values1d, origins: Sequence[int], horizon: int) -> Iterator[tuple[int, Values1d]]:
    """Forecasts of one series; those that cannot be made are left out."""
    parameters: Values1d | None = None
    for number, origin in enumerate(origins):
        if number % _REFIT_EVERY == 0:
            parameters = _fitted(model, series[:origin])
        if parameters is not None:
            yield origin, model.ahead(series[:origin], parameters, horizon)


def _fitted(model: Model, series: Values1d) -> Values1d | None:
    if np.nanstd(series) == 0:  # nothing to fit, and nothing to gain
        return None
    try:
        return model.fit(series)
    except _FAILURES:
        return None


def _level(values: Values1d, rate: float, level: float) -> float:
    """Where exponential smoothing ends."""
    for value in values:
        level += rate * (value - level)
    return level


@contextmanager
def _quiet() -> Iterator[None]:
    """A fit that does not converge says so by forecasting badly, which the backtest sees."""
    try:
        from statsmodels.tools.sm_exceptions import ModelWarning
    except ImportError as missing:
        raise MissingExtra("statsmodels", "insights") from missing
    with warnings.catch_warnings():
        for category in (ModelWarning, RuntimeWarning):
            warnings.simplefilter("ignore", category)
        yield
