"""Made-up series for the tests of forecasting."""

import numpy as np

from trivec.learning.trends import Panel


def level(*, seed: int, series: int = 20, periods: int = 40, texts: int = 200, step: float = 0.1) -> Panel:
    """Shares whose logits walk at random, counted in a sample of texts."""
    random = np.random.default_rng(seed)
    walk = random.uniform(-3.5, -1.5, (series, 1)) + step * random.standard_normal((series, periods)).cumsum(axis=1)
    totals = 5.0 + random.poisson(texts, periods)
    counts = random.binomial(totals.astype(int), 1 / (1 + np.exp(-walk))).astype(float)
    return panel(counts, totals)


def panel(counts: np.ndarray, totals: np.ndarray, *, observed: np.ndarray | None = None, season: int = 1) -> Panel:
    """Series named s0, s1 ... over the years from 1900."""
    known = np.ones(len(totals), bool) if observed is None else observed
    names = tuple(f"s{row}" for row in range(len(counts)))
    periods = tuple(str(1900 + column) for column in range(len(totals)))
    return Panel(names, periods, counts, totals, known, season=season)
