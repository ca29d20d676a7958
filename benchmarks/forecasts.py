"""How long 500 series take to forecast with every method, and to test at eight origins of the past.

python benchmarks/forecasts.py writes results/forecasts.json.
"""

import json
import time
from pathlib import Path

import numpy as np

from trivec.evaluation.machine import machine
from trivec.learning import trends
from trivec.learning.trends import Panel

SERIES, PERIODS, HORIZON = 500, 60, 5


def panel() -> Panel:
    """Shares whose logits walk at random, counted in 40 texts a period."""
    random = np.random.default_rng(1)
    walk = random.uniform(-3.5, -1.5, (SERIES, 1)) + 0.15 * random.standard_normal((SERIES, PERIODS)).cumsum(axis=1)
    totals = 5.0 + random.poisson(40, PERIODS)
    counts = random.binomial(totals.astype(int), 1 / (1 + np.exp(-walk))).astype(float)
    names = tuple(f"s{row}" for row in range(SERIES))
    return Panel(names, tuple(str(1900 + year) for year in range(PERIODS)), counts, totals, np.ones(PERIODS, bool))


def main() -> None:
    """Measure and keep."""
    known = panel()
    trends.forecast(known.only([0]), HORIZON)  # imports
    result: dict[str, object] = {
        "command": "python benchmarks/forecasts.py",
        "series": SERIES,
        "periods": PERIODS,
        "machine": machine(),
    }
    for name, work in (("forecast", trends.forecast), ("backtest", trends.backtest)):
        clock, processor = time.perf_counter(), time.process_time()
        work(known, HORIZON)
        result[f"{name}_seconds"] = round(time.perf_counter() - clock, 1)
        result[f"{name}_processor_seconds"] = round(time.process_time() - processor, 1)
    path = Path(__file__).parent / "results" / "forecasts.json"
    path.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
