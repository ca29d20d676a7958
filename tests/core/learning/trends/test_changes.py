"""Change points: found where they were planted, and nowhere else."""

import numpy as np

from tests.core.learning.trends.panels import panel
from trivec.learning.trends.changes import changes
from trivec.learning.trends.panel import Panel


def _counted(shares: np.ndarray, *, seed: int, texts: int = 150) -> Panel:
    random = np.random.default_rng(seed)
    totals = 5.0 + random.poisson(texts, len(shares))
    counts = random.binomial(totals.astype(int), shares).astype(float)
    return panel(counts[None], totals)


def test_a_planted_change_is_found_where_it_was_planted() -> None:
    shares = np.where(np.arange(40) < 22, 0.05, 0.25)
    for seed in range(20):
        [found] = changes(_counted(shares, seed=seed), 0)
        assert abs(int(found.period) - 1922) <= 1
        assert found.after > 3 * found.before


def test_two_planted_changes_are_found_in_order() -> None:
    shares = np.select([np.arange(60) < 20, np.arange(60) < 40], [0.1, 0.35], 0.1)
    found = [int(each.period) for each in changes(_counted(shares, seed=1), 0)]
    assert found == sorted(found)
    assert [abs(found[0] - 1920) <= 1, abs(found[1] - 1940) <= 1, len(found)] == [True, True, 2]


def test_noise_has_no_change() -> None:
    found = [changes(_counted(np.full(40, 0.1), seed=seed), 0) for seed in range(60)]
    assert sum(bool(each) for each in found) <= 3


def test_a_missing_period_is_no_change() -> None:
    known = _counted(np.full(30, 0.3), seed=3)
    observed = np.ones(30, bool)
    observed[10:13] = False
    counts = np.where(observed, known.counts, 0.0)
    assert changes(panel(counts, known.totals, observed=observed), 0) == ()


def test_a_short_or_constant_series_has_none() -> None:
    assert changes(_counted(np.full(5, 0.1), seed=4), 0) == ()
    assert changes(panel(np.zeros((1, 30)), np.full(30, 100.0)), 0) == ()
