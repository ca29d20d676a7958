"""How well Trivec forecasts topics: our forecasts beside the usual ones, at origins of the past.

At every origin everything is chosen and calibrated on what lies before it.
"""

import time
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trivec.errors import BadInput
from trivec.evaluation.own_services import Say
from trivec.evaluation.result import Comparison, Result
from trivec.evaluation.trend_data import TrendData, read_trends
from trivec.learning import trends
from trivec.learning.trends import Backtest
from trivec.metrics.significance import bootstrap_interval, randomisation_test

OURS: Final = "trivec"
BASELINES: Final = ("naive", "mean", "seasonal_naive")
Floats1d = NDArray[np.float64]  # (series,)

COMPARED: Final = "mean_scaled_error"  # mean over origins, series by series; MASE is the median of these


def evaluate(folder: Path, *, say: Say = lambda message: None) -> Result:
    """Measure forecasts on one set; needs no running services.

    Args:
        folder: see `trend_data.read_trends`.
        say: told what is going on.

    Returns:
        By variant (`trivec, naive, mean`, `seasonal_naive` where there are two whole seasons): `mase`, `coverage_80`
        and `coverage_95`; every baseline compared with trivec, series by series.

    Raises:
        BadInput: the folder does not hold such a set, or too short series.
        MissingExtra: statsmodels is not installed.
    """
    started = time.monotonic()
    data = read_trends(folder)
    say(f"{data.name}: {len(data.panel.names)} series of {data.panel.known} known periods")
    tested = trends.backtest(data.panel, data.horizon, baselines=BASELINES)
    tested_in = time.monotonic() - started
    errors = {name: tested.by_series(name) for name in tested.errors}
    if np.isnan(errors[OURS]).all():
        raise BadInput(f"{folder}: no series ever changes, so that there is nothing to forecast")
    return Result(
        dataset=data.name,
        capability="trends",
        seconds=time.monotonic() - started,
        results={name: _figures(tested, name) for name in tested.errors},
        comparisons={name: _compared(errors[name], errors[OURS]) for name in errors if name != OURS},
        details=_details(data, tested, tested_in),
    )


def _figures(tested: Backtest, name: str) -> dict[str, float]:
    return {
        "mase": tested.mase(name),
        "coverage_80": tested.coverage(name, 0.80),
        "coverage_95": tested.coverage(name, 0.95),
    }


def _compared(theirs: Floats1d, ours: Floats1d) -> Comparison:
    told = ~np.isnan(theirs) & ~np.isnan(ours)
    difference = theirs[told] - ours[told]
    interval = bootstrap_interval(difference)
    p = randomisation_test(theirs[told], ours[told])
    return Comparison(OURS, COMPARED, float(difference.mean()), interval.low, interval.high, p)


def _details(data: TrendData, tested: Backtest, seconds: float) -> dict[str, str | int | float | bool]:
    weights = np.mean([each.weights.mean(axis=1) for each in tested.forecasts], axis=0)
    top = weights.argsort()[::-1][:4]
    return {
        "series": len(data.panel.names),
        "periods": len(data.panel.periods),
        "known": data.panel.known,
        "documents": data.documents,
        "horizon": data.horizon,
        "origins": len(tested.origins),
        "weights": ", ".join(f"{tested.forecasts[0].methods[row]} {weights[row]:.2f}" for row in top),
        "seconds_forecasting": round(seconds, 2),
    }
