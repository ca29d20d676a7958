"""Emerging and fading terms: planted ones are found, others are not called so more often than was accepted."""

import numpy as np
import pytest

from trivec.errors import BadInput
from trivec.learning.trends.terms import TermTrends, term_trends

PERIODS = [str(1990 + number) for number in range(20)]
TERMS = [f"w{number}" for number in range(400)]


def _steady(seed: int, *, bursts: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Words without a trend; with bursts their share differs from period to period."""
    random = np.random.default_rng(seed)
    totals = random.integers(80, 400, len(PERIODS)).astype(float)
    shares = np.exp(
        random.uniform(-7, -2, (len(TERMS), 1)) + bursts * random.standard_normal((len(TERMS), len(totals)))
    )
    return random.binomial(totals.astype(int), np.clip(shares, 0, 0.9)).astype(float), totals


def _tested(counts: np.ndarray, totals: np.ndarray) -> TermTrends:
    return term_trends(TERMS, counts, totals, PERIODS, recent=4)


@pytest.mark.parametrize("bursts", [0.0, 0.5])
def test_terms_without_a_trend_are_not_called_emerging_or_fading(bursts: float) -> None:
    called = [_tested(*_steady(seed, bursts=bursts)) for seed in range(60)]
    assert sum(bool(each.emerging) for each in called) <= 6  # 5 % of 60 is 3
    assert sum(bool(each.fading) for each in called) <= 6


def test_planted_terms_are_found_and_what_is_called_so_is_mostly_planted() -> None:
    found, false = 0, 0
    for seed in range(20):
        counts, totals = _steady(seed)
        random = np.random.default_rng(100 + seed)
        counts[:10, :16] = random.binomial(totals[:16].astype(int), 0.01, (10, 16))
        counts[:10, 16:] = random.binomial(totals[16:].astype(int), 0.12, (10, 4))
        emerging = {each.term for each in _tested(counts, totals).emerging}
        found += len(emerging & set(TERMS[:10]))
        false += len(emerging - set(TERMS[:10]))
    assert found >= 0.9 * 200
    assert false / (found + false) <= 0.08


def test_a_fading_term_is_fading_and_says_how_much() -> None:
    counts, totals = _steady(1)
    counts[5] = np.where(np.arange(20) < 16, np.round(0.2 * totals), 0.0)
    trends = _tested(counts, totals)
    assert trends.recent == ("2006", "2007", "2008", "2009")
    [fading] = [each for each in trends.fading if each.term == "w5"]
    assert fading.recent == 0.0
    assert fading.before == pytest.approx(0.2, abs=0.01)
    assert fading.times < 0.1
    assert "w5" not in {each.term for each in trends.emerging}


def test_one_burst_long_ago_is_not_fading() -> None:
    counts, totals = _steady(2)
    counts[7] = 2.0
    counts[7, 3] = 60.0
    assert "w7" not in {each.term for each in _tested(counts, totals).fading}


def test_rare_terms_are_not_tested() -> None:
    counts, totals = _steady(3)
    counts[:] = 0.0
    counts[0, -1] = 4.0
    assert _tested(counts, totals) == TermTrends((), (), 0, ("2006", "2007", "2008", "2009"))


def test_too_few_periods_are_refused() -> None:
    with pytest.raises(BadInput, match="1 recent of 4 known periods"):
        term_trends(["a"], np.ones((1, 4)), np.ones(4), PERIODS[:4], recent=1)
